//! The protocol byte by byte, cards key by key, event graphs line by line.

use std::path::Path;

use super::card::{Card, Select};
use super::protocol::{Line, Message, Record, read};
use super::{cards, hepmc};

fn message(tag: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&tag[..], &(content.len() as u32).to_le_bytes(), content].concat()
}

/// An event by the specification in `driver.py`, not by the reader.
fn bytes(record: &Record, vertices: bool) -> Vec<u8> {
    let mut content = Vec::new();
    let head = [record.weight].into_iter().chain(record.scale).chain(record.pdf);
    head.for_each(|x| content.extend(x.to_le_bytes()));
    [record.process, record.partons[0], record.partons[1]].iter().for_each(|x| content.extend(x.to_le_bytes()));
    content.extend((record.lines.len() as u32).to_le_bytes());
    let mut integers = |f: fn(&Line) -> i32| record.lines.iter().for_each(|l| content.extend(f(l).to_le_bytes()));
    integers(|l| l.pdg);
    integers(|l| l.status);
    integers(|l| l.mothers[0]);
    integers(|l| l.mothers[1]);
    integers(|l| l.colours[0]);
    integers(|l| l.colours[1]);
    let mut floats = |f: &dyn Fn(&Line) -> f64| record.lines.iter().for_each(|l| content.extend(f(l).to_le_bytes()));
    (0..4).for_each(|k| floats(&|l| l.momentum[k]));
    floats(&|l| l.mass);
    (0..if vertices { 4 } else { 0 }).for_each(|k| floats(&|l| l.vertex[k]));
    content
}

fn some_event(vertices: bool) -> Record {
    let line = |k: i32| {
        let x = f64::from(k);
        let vertex = if vertices { [x, -x, 2.0 * x, 3.0 * x] } else { [0.0; 4] };
        Line {
            pdg: 100 + k,
            status: -k,
            mothers: [k, k + 1],
            colours: [k + 2, k + 3],
            momentum: [0.5 * x, -x, 1e3 * x, 2e3 * x],
            mass: 0.1 * x,
            vertex,
        }
    };
    let (scale, pdf) = ([91.0, 0.0078, 0.118], [0.1, 0.2, 91.0, 0.3, 0.4]);
    Record { weight: -1.5, scale, pdf, process: 601, partons: [21, -3], lines: (1..8).map(line).collect() }
}

#[test]
fn an_event_is_read_as_it_was_sent() {
    for vertices in [false, true] {
        let event = some_event(vertices);
        let stream = message(b"EVNT", &bytes(&event, vertices));
        assert_eq!(read(&mut &stream[..], vertices).unwrap(), Some(Message::Event(event.clone())));
        assert!(read(&mut &stream[..], !vertices).is_err(), "columns that were not asked for");
    }
    let empty = Record { lines: Vec::new(), ..some_event(false) };
    let stream = message(b"EVNT", &bytes(&empty, false));
    assert_eq!(read(&mut &stream[..], false).unwrap(), Some(Message::Event(empty)));
}

#[test]
fn a_stream_cut_off_anywhere_is_an_error_but_between_messages() {
    let stream = message(b"EVNT", &bytes(&some_event(false), false));
    assert!(read(&mut &stream[..0], false).unwrap().is_none());
    for end in 1..stream.len() {
        let error = read(&mut &stream[..end], false).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{end}");
    }
}

#[test]
fn wrong_lengths_and_tags_are_refused_without_memory_for_them() {
    let huge = [&b"EVNT"[..], &u32::MAX.to_le_bytes()].concat();
    assert!(read(&mut &huge[..], false).unwrap_err().to_string().contains("4294967295 bytes"));
    let mut content = bytes(&some_event(false), false);
    content[84..88].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = read(&mut &message(b"EVNT", &content)[..], false).unwrap_err().to_string();
    assert!(error.contains("4294967295 particles"), "{error}");
    for (tag, content) in [(b"WHAT", &b""[..]), (b"HELO", b"{"), (b"BLCK", b"[]"), (b"EVNT", b"short")] {
        let error = read(&mut &message(tag, content)[..], false).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    }
}

#[test]
fn numbers_that_are_none_are_named() {
    let mut event = some_event(false);
    assert_eq!(event.fault(), None);
    event.lines[3].momentum[2] = f64::NAN;
    assert_eq!(event.fault().unwrap(), "pz of particle 3 (PDG id 104) is NaN");
    event = some_event(false);
    event.lines[1].pdg = 0;
    assert!(event.fault().unwrap().contains("particle 1 has PDG id 0"));
    event.weight = f64::INFINITY;
    assert!(event.fault().unwrap().contains("weight is inf"));
}

#[test]
fn every_bundled_card_is_valid_and_reads_back_from_its_resolved_text() {
    let all = cards();
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["dijets", "dijets-resonance", "eic-dis", "jets-g", "jets-q", "jets-t", "jets-w", "jets-z", "zjets"]
    );
    for (name, path) in &all {
        let card = Card::load(name, &[]).unwrap();
        assert_eq!(Card::parse(&card.to_toml().unwrap(), path, &[]).unwrap(), card);
        if let Select::Jets(jets) = &card.select {
            assert_eq!(format!("jets-{}", jets.class.unwrap()), *name);
        }
    }
}

#[test]
fn a_card_is_checked_key_by_key() {
    let text = "[pythia]\ncommands = [\"HardQCD:all = on\"]\n[select]\nwrite = \"dijets\"\n";
    let refuse = |settings: &[&str], words: &[&str]| {
        let settings: Vec<String> = settings.iter().map(|s| s.to_string()).collect();
        let message = Card::parse(text, Path::new("my.toml"), &settings).unwrap_err().to_string();
        for word in words {
            assert!(message.contains(word), "{settings:?}: '{word}' is missing in: {message}");
        }
    };
    Card::parse(text, Path::new("my.toml"), &[]).unwrap();
    refuse(&["select.raduis=0.8"], &["my.toml", "raduis", "did you mean 'radius'"]);
    refuse(&["select.write=dijet"], &["dijet", "did you mean 'dijets'"]);
    refuse(&["select.radius=-1"], &["select.radius", "-1", "1000"]);
    refuse(&["select.radius=wide"], &["wide"]);
    refuse(&["pythia.comands=[]"], &["comands", "did you mean 'commands'"]);
    refuse(&["pythia.commands=[]"], &["pythia.commands"]);
    refuse(&["pythia.block=0"], &["pythia.block"]);
    refuse(&["pythia.commands=[\"Random:seed = 7\"]"], &["Random:seed", "--seed"]);
    refuse(&["pythia.commands=[\"Beams:frameType = 4\"]"], &["frameType"]);
    refuse(&["select.write=jets"], &["select"]);
    refuse(&["pythai.block=3"], &["pythai", "did you mean 'pythia'"]);
}

/// A line with a place to come from.
fn line(pdg: i32, status: i32, mothers: [i32; 2]) -> Line {
    Line { pdg, status, mothers, momentum: [0.0, 0.0, 0.0, 1.0], ..Line::default() }
}

#[test]
fn mothers_become_vertices_and_what_hadrons_decay_to_makes_them_decayed() {
    let record = Record {
        weight: 2.0,
        lines: vec![
            line(90, -11, [0, 0]),
            line(2212, -12, [0, 0]),
            line(2212, -12, [0, 0]),
            line(21, -21, [1, 0]),
            line(21, -21, [2, 0]),
            line(1, -23, [3, 4]),
            line(-1, -23, [3, 4]),
            line(1, -71, [5, 5]),
            line(21, -71, [5, 5]),
            line(-1, -71, [6, 6]),
            line(111, -84, [7, 9]), // of the string of 7, 8 and 9
            line(211, 84, [7, 9]),
            Line { vertex: [0.0, 0.0, 3.0, 4.0], ..line(22, 91, [10, 0]) },
            Line { vertex: [0.0, 0.0, 3.0, 4.0], ..line(22, 91, [10, 0]) },
        ],
        ..Record::default()
    };
    let event = hepmc::event(&record, 17);
    event.check().unwrap();
    assert_eq!((event.number, &event.weights[..], event.particles.len()), (17, &[2.0][..], 13));
    // Places shift by one: the system is left out.
    let parents = |k: usize| event.parents(k).collect::<Vec<_>>();
    assert_eq!(parents(2), [0]);
    assert_eq!(parents(4), [2, 3]);
    assert_eq!(parents(5), [2, 3]);
    assert_eq!(parents(9), [6, 7, 8]);
    assert_eq!(parents(10), [6, 7, 8]);
    assert_eq!(parents(12), [9]);
    let status: Vec<i32> = event.particles.iter().map(|p| p.status).collect();
    assert_eq!(status, [4, 4, 21, 21, 23, 23, 71, 71, 71, 2, 1, 1, 1]);
    assert_eq!(event.beams(), [0, 1]);
    let decay = event.particles[11].production.unwrap();
    assert_eq!(event.vertices[decay].position, Some([0.0, 0.0, 3.0, 4.0]));
}
