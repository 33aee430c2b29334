//! Whatever is wrong is said with event, line, what was expected and what was found; all before it is delivered.

use super::{read, text};

/// A hand-written file with one thing changed: (from, to, events before, pieces of the message).
fn check(file: &str, cases: &[(&str, &str, usize, &[&str])]) {
    let original = text(file);
    let mut wrong = Vec::new();
    for (from, to, before, pieces) in cases {
        assert!(original.contains(from), "{from:?} is not in {file}");
        let (_, events, error) = read(original.replacen(from, to, 1));
        let message = error.map_or("no error".to_string(), |error| error.to_string());
        if events.len() != *before || !pieces.iter().all(|piece| message.contains(piece)) {
            wrong.push(format!("{from:?} -> {to:?} after {} events: {message}", events.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_of_hepmc3_are_explained() {
    check(
        "dijet.hepmc3",
        &[
            ("U MEV CM", "U KEV CM", 0, &["event 41, line 8", "GEV or MEV, found \"KEV\""]),
            ("U MEV CM", "U MEV INCH", 0, &["MM or CM, found \"INCH\""]),
            ("U MEV CM\n", "", 0, &["event 41, line 22", "a U line with the units"]),
            ("U GEV MM\n", "", 1, &["event -1", "a U line"]),
            ("W 1.25 -3e-05 0\n", "", 0, &["event 41", "a W line with 3 weights"]),
            ("W 1.25 -3e-05 0", "W 1.25 -3e-05", 0, &["line 9", "3 weights", "found 2"]),
            ("W 1 2 3", "W 1 2 nan", 1, &["event -1, line 35", "a weight, a finite number, found \"nan\""]),
            ("E -1 1 3\n", "", 0, &["event 41, line 33", "one U line"]),
            (
                "E 41 3 7 @ 0.1 0.2 0.3 0.4\n",
                "",
                0,
                &["line 7", "run information (W, N, T or A) or an event (E)", "U MEV CM"],
            ),
            ("E 41 3 7", "E 41 3 8", 0, &["8 particles, as the E line says, found 7"]),
            ("E 41 3 7", "E 41 3 6", 0, &["6 particles", "found 7"]),
            ("E 41 3 7", "E 41 2 7", 0, &["vertices -1 to -2, as the E line says", "3 vertices"]),
            ("E 41 3 7", "E 41 3 99999999999", 0, &["line 7", "number of particles"]),
            ("E -1 1 3", "E -1 1 -3", 1, &["number of particles", "\"-3\""]),
            ("P 3 -1 23", "P 4 -1 23", 0, &["event 41, line 26", "expected particle 3, found particle 4"]),
            ("P 6 -3 -11", "P 6 -9 -11", 0, &["event 41", "particle 6 from vertex -9, which is missing"]),
            ("P 5 3 -11", "P 5 5 -11", 0, &["the particle itself"]),
            ("P 5 3 -11", "P 5 70 -11", 0, &["particle 5 from mother 70, which is missing"]),
            ("V -3 0 [5]", "V -3 0 [50]", 0, &["vertex -3 with the incoming particle 50"]),
            ("V -3 0 [5]", "V -3 0 [1]", 0, &["event 41, line 29", "particle 1 going into a second one"]),
            ("V -3 0 [5]", "V -1 0 [5]", 0, &["vertex -1 a second time"]),
            ("V -3 0 [5]", "V 3 0 [5]", 0, &["a vertex id below 0, found 3"]),
            ("V -3 0 [5]", "V -3 0 5", 0, &["incoming particles such as [1,2]", "\"5\""]),
            ("V -3 0 [5]", "V -3 0 [a]", 0, &["the id of an incoming particle", "\"a\""]),
            ("V -3 0 [5]", "V -2000000000 0 [5]", 0, &["event 41"]),
            ("@ 0.01 -0.02 0.03 0.04", "@ 0.01 -0.02 0.03", 0, &["line 25", "x, y, z and ct", "found nothing"]),
            ("@ 0.01 -0.02 0.03 0.04", "0.01 -0.02 0.03 0.04", 0, &["@ and a position", "\"0.01\""]),
            ("1500.5 -2500.25", "1500.5x -2500.25", 0, &["px, py, pz, e and m, a finite number, found \"1500.5x\""]),
            ("1500.5 -2500.25", "1e400 -2500.25", 0, &["found \"1e400\""]),
            ("1500.5 -2500.25", "-2500.25", 0, &["event 41, line 26", "the status", "found nothing"]),
            ("91187.6 62", "91187.6 62 7", 0, &["the end of the line, found \"7\""]),
            ("91187.6 62", "91187.6 6.2", 0, &["the status, a whole number of 32 bits, found \"6.2\""]),
            ("-1 23 0 0 0", "-1 99999999999 0 0 0", 1, &["the PDG id, a whole number of 32 bits"]),
            ("A 3 flow1 501", "A 30 flow1 501", 0, &["attributes of 7 particles"]),
            ("A 5 theta 0.5", "A 50 theta 0.5", 0, &["attribute \"theta\" of particle 50"]),
            ("A -3 barcode", "A -4 barcode", 0, &["vertex -4"]),
            ("A 0 event_scale 91.1876", "A 0 event_scale high", 0, &["event 41, line 14", "event_scale", "\"high\""]),
            ("GenPdfInfo 2 -1", "GenPdfInfo 2", 0, &["line 11"]),
            ("A 0 note", "Q 0 note", 0, &["E, U, W, A, P, V or the end", "\"Q 0 note"]),
            ("HepMC::Asciiv3-END_EVENT_LISTING", "", 2, &["HepMC::Asciiv3-END_EVENT_LISTING should follow"]),
            ("END_EVENT_LISTING\n", "END_EVENT_LISTING\nE 5 0 0\n", 2, &["nothing after the end of the listing"]),
        ],
    );
}

#[test]
fn mistakes_of_hepmc2_are_explained() {
    check(
        "ions.hepmc2",
        &[
            ("U MEV CM\n", "", 0, &["event 12, line 9", "files of HepMC before 2.04 have none"]),
            ("U GEV MM", "U TEV MM", 1, &["event 13, line 22", "\"TEV\""]),
            ("E 12 5 91.1876 0.118 -1 221 -2 3", "E 12 5 91.1876 0.118 -1 221 -2 4", 0, &["4 vertices", "found 3"]),
            ("E 12 5 91.1876 0.118 -1 221 -2 3", "E 12 5 91.1876 0.118 -1 221 -7 3", 0, &["signal vertex", "-7"]),
            ("-2 3 101 102", "-2 3 101 999", 0, &["beams among the particles", "particle 999"]),
            ("2 0.5 -0.25", "3 0.5 -0.25", 0, &["line 4", "a weight", "found nothing"]),
            ("2 0.5 -0.25", "4000000000 0.5 -0.25", 0, &["a weight", "found nothing"]),
            ("2 4711 4712 2 0.5 -0.25", "4000000000 1", 0, &["4000000000 random states"]),
            ("N 2 \"nominal\"", "N 3 \"nominal\"", 0, &["3 weight names, found 2"]),
            ("N 2 \"nominal\" \"scale", "N 2 \"nominal\" scale", 0, &["double quotes"]),
            ("N 2 \"nominal\" \"scale up, \\x\"\nU GEV", "U GEV", 1, &["event 13", "of the first event"]),
            ("V -1 0 0 0 0 0 1 1 0", "V -1 0 0 0 0 0 1 2 0", 0, &["event 12", "1 more particles of vertex number 1"]),
            ("V -1 0 0 0 0 0 1 1 0", "V -1 0 0 0 0 0 1 0 0", 0, &["no more particles at this vertex", "P 103"]),
            ("V -30 0 1", "V -2 0 1", 0, &["has not been there", "vertex -2"]),
            ("V -30 0 1", "V -31 0 1", 0, &["particle 104, which ends in vertex -30"]),
            ("22 0.75 -0.5 -30 0", "22 0.75 -0.5 -2 0", 0, &["particle 104, which ends in vertex -2"]),
            ("22 0.75 -0.5 -30 0", "22 0.75 -0.5 -30 1", 0, &["a colour index", "found nothing"]),
            ("P 106 13 1000", "P 106 13 1OOO", 0, &["event 12, line 18", "\"1OOO\""]),
            ("H 1 2 3 4 5 6 7 8 9", "H 1 2 3 4 5 6 7 8 9.5", 0, &["heavy ions", "\"9.5\""]),
            ("F 21 21 0.125", "F 21 0.125", 0, &["a parton", "\"0.125\""]),
            ("C 2500.5 12.25", "C 2500.5", 0, &["cross section"]),
            ("C 2500.5 12.25", "X 2500.5", 0, &["N, U, C, H, F", "\"X 2500.5\""]),
            ("E 13 -1", "G 13 -1", 0, &["V", "E", "\"G 13"]),
            ("HepMC::IO_GenEvent-END_EVENT_LISTING", "", 2, &["END_EVENT_LISTING should follow"]),
        ],
    );
}

#[test]
fn mistakes_of_lhe_are_explained() {
    check(
        "madgraph.lhe",
        &[
            (
                "5 66 0.50109093E+02",
                "6 66 0.50109093E+02",
                0,
                &["event 0, line 31", "particle 6 of NUP = 6, found \"# extra"],
            ),
            (
                "5 66 0.50109093E+02",
                "4 66 0.50109093E+02",
                0,
                &["</event>, # or < after NUP = 4 particles", "\"-11 1 3 3"],
            ),
            ("5 66 0.50109093E+02", "4000000000 66 0.50109093E+02", 0, &["particle 6 of NUP"]),
            ("3 67 -0.1", "2 67 -0.1", 1, &["event 1, line 44", "after NUP = 2 particles", "\"23 1 1 2"]),
            ("-11 1 3 3", "-11 1 6 6", 0, &["event 0, line 30", "mothers among the NUP = 5 particles, found mother 6"]),
            ("-11 1 3 3", "-11 1 5 5", 0, &["particle 5 among its own mothers"]),
            ("-11 1 3 3", "-11 1 -3 3", 0, &["MOTHUP", "\"-3\""]),
            ("0.80398000E+02 0.5", "heavy 0.5", 0, &["PUP, a finite number, found \"heavy\""]),
            ("67 -0.1 -1 -1 -1", "67 -0.1 -1 -1", 1, &["event 1", "XWGTUP, SCALUP, AQEDUP and AQCDUP"]),
            ("<wgt id='1002'> -0.5E+02", "<wgt id='1003'> -0.5E+02", 0, &["weight \"1002\" of the header"]),
            ("<wgt id='1001'> 0.6E+02 </wgt>", "", 0, &["weight \"1001\" of the header"]),
            ("<wgt id='1001'> 0.6E+02 </wgt>", "<wgt> 1 </wgt>", 0, &["a weight with its id"]),
            (
                "<wgt id='1001'> 0.6E+02 </wgt>",
                "<wgt id='1001'> x </wgt>",
                0,
                &["a weight, a finite number, found \"x\""],
            ),
            ("<weights> 1 -2\n", "<weights> 1\n", 1, &["event 1", "3 weights besides XWGTUP", "found 2"]),
            ("</rwgt>\n", "", 0, &["</rwgt> should follow"]),
            ("</event>\n<event>", "<event>", 0, &["event 0, line 39", "</event>, found \"<event>\""]),
            ("-4 2\n", "-4 3\n", 0, &["process 3 of NPRUP = 3"]),
            ("  2212 2212 0.65", "  proton 2212 0.65", 0, &["line 18", "IDBMUP", "\"proton\""]),
            ("</init>", "", 0, &["</init> should follow"]),
            ("<init>", "<start>", 0, &["<header> or <init>, found \"<start>\""]),
            ("</header>", "", 0, &["</header> should follow"]),
            ("</LesHouchesEvents>", "", 2, &["</LesHouchesEvents> should follow"]),
            ("</LesHouchesEvents>", "</LesHouchesEvents>\n<event>", 2, &["nothing after </LesHouchesEvents>"]),
            ("</LesHouchesEvents>", "<events>", 2, &["<event> on a line of its own"]),
        ],
    );
}

#[test]
fn messages_name_line_and_byte() {
    let broken = text("dijet.hepmc3").replacen("P 7 -3 22", "P 7 -3 photon", 1);
    let (at, _) = broken.split_once("P 7 -3").unwrap();
    let place = format!("test, event 41, line {} (byte {}): ", at.lines().count() + 1, at.len());
    let message = read(broken.clone()).2.unwrap().to_string();
    assert_eq!(message, format!("{place}expected the PDG id, a whole number of 32 bits, found \"photon\""));
}
