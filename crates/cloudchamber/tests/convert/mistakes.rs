//! Mistakes in the arguments, and files that are something else.

use super::desk::{Desk, sample};

#[test]
fn help_teaches_with_examples() {
    let desk = Desk::new();
    let output = desk.run(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for word in
        ["Examples:", "chamber convert events.lhe.gz events.hepmc3", "particle_pdg", ".partial", "--beams <E1,E2>"]
    {
        assert!(output.status.success() && text.contains(word), "{word}:\n{text}");
    }
}

#[test]
fn files_of_unknown_formats_are_answered_with_what_they_look_like() {
    let desk = Desk::new();
    desk.write("a.json", "{\"events\": []}");
    desk.write("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    desk.write("empty.lhe", "");
    desk.write("page.lhe", "<html></html>");
    for (name, words) in [
        ("a.json", &["a.json", "JSON", "HepMC3", "Parquet"][..]),
        ("a.png", &["a.png", "89 50 4e 47", "Parquet"]),
        ("page.lhe", &["page.lhe", "LesHouchesEvents"]),
        ("empty.lhe", &["empty.lhe", "empty"]),
        ("none.lhe", &["none.lhe"]),
        (".", &["directory"]),
    ] {
        desk.fails(&[name, "b.hepmc3"], 1, words);
        desk.fails(&[name, "b.parquet"], 1, words);
    }
    assert_eq!(desk.names(), ["a.json", "a.png", "empty.lhe", "page.lhe"]);
}

#[test]
fn unknown_endings_and_existing_outputs_are_refused_before_the_work() {
    let desk = Desk::new();
    let file = sample("records", "dijet.hepmc3");
    for out in ["b", "b.txt", "b.root.gz", "b.hepmc4"] {
        desk.fails(&[&file, out], 2, &["OUT", out, ".hepmc3", ".parquet", ".csv.gz"]);
    }
    desk.write("b.parquet", "precious");
    desk.fails(&[&file, "b.parquet"], 2, &["b.parquet exists", "--force"]);
    assert_eq!(std::fs::read(desk.path("b.parquet")).unwrap(), b"precious");
    assert_eq!(desk.converts(&[&file, "b.parquet", "--force"])["rows"], 2);
    desk.fails(&[&file, "none/b.parquet"], 1, &["none/b.parquet", "does not exist"]);
    std::fs::create_dir(desk.path("d.root")).unwrap();
    desk.fails(&[&file, "d.root"], 2, &["OUT", "directory"]);
    assert_eq!(desk.names(), ["b.parquet", "d.root"]);
}

#[test]
fn options_without_effect_are_mistakes() {
    let desk = Desk::new();
    let (events, table) = (sample("records", "dijet.hepmc3"), sample("tables", "pandas.csv"));
    for (from, to, option, value) in [
        (&events, "b.hepmc2", "--columns", "weight"),
        (&events, "b.hepmc2", "--beams", "1,2"),
        (&events, "b.root", "--table", "Events"),
        (&events, "b.root", "--pdg", "jet=21"),
        (&table, "b.root", "--objects", "jet"),
    ] {
        desk.fails(&[from, to, option, value], 2, &[option, "as IN", "as OUT"]);
    }
    desk.fails(&[&events, "b.hepmc2", "--final"], 2, &["--final"]);
    desk.fails(&[&events, "b.root", "--columns", "wieght"], 2, &["--columns", "did you mean 'weight'"]);
    desk.fails(&[&events, "b.root", "--limit", "0"], 2, &["--limit"]);
    assert!(desk.names().is_empty());
}

#[test]
fn what_a_format_cannot_hold_is_a_failure_without_a_file() {
    let desk = Desk::new();
    // A shower (status 62) in the hard process of LHE.
    desk.fails(&[&sample("records", "dijet.hepmc3"), "b.lhe"], 1, &["event 41", "status 62"]);
    assert!(desk.names().is_empty());
}
