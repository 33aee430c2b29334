//! Files appear when they are complete; summaries count.

use std::fs;

use records::{Error, Event, Reader, RunInfo, Writer};

use super::proton_beams;

fn event(number: i64, weight: f64) -> Event {
    Event::from_final_state(number, proton_beams(), [(22, [0.0, 0.0, 1.0, 1.0])], weight).unwrap()
}

#[test]
fn a_file_appears_when_it_is_finished_and_never_before() {
    let folder = tempfile::tempdir().unwrap();
    let listing = || -> Vec<_> { fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect() };
    for ending in ["lhe", "hepmc3", "hepmc2.gz", "hepmc3.zst"] {
        let path = folder.path().join(format!("out.{ending}"));
        let mut writer = Writer::create(&path, &RunInfo::default()).unwrap();
        writer.write(&event(0, 1.0)).unwrap();
        let partial = format!(".out.{ending}.partial-{}", std::process::id());
        assert_eq!(listing(), [partial.as_str()]);
        drop(writer);
        assert!(listing().is_empty(), "{ending}");
        fs::write(&path, "old").unwrap();
        let mut writer = Writer::create(&path, &RunInfo::default()).unwrap();
        writer.write(&event(0, 1.0)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        writer.finish().unwrap();
        assert_eq!(Reader::open(&path).unwrap().count(), 1);
        fs::remove_file(&path).unwrap();
    }
    let missing = Writer::create(folder.path().join("no/such/place.lhe"), &RunInfo::default());
    assert!(matches!(missing.err(), Some(Error::Io { action: "create", .. })));
    assert!(Writer::create(folder.path(), &RunInfo::default()).is_err());
}

#[test]
fn a_refused_event_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["lhe", "hepmc3", "hepmc2"] {
        let path = folder.path().join(format!("out.{ending}"));
        let mut writer = Writer::create(&path, &RunInfo::default()).unwrap();
        let mut bad = event(7, 1.0);
        bad.particles[2].px = f64::NAN;
        assert!(writer.write(&bad).is_err());
        let lonely =
            Event { vertices: vec![], particles: vec![records::Particle::new(22, 77, [0.0; 4])], ..event(8, 1.0) };
        assert_eq!(writer.write(&lonely).is_ok(), ending == "hepmc3");
        writer.write(&event(9, 1.0)).unwrap();
        let summary = writer.finish().unwrap();
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.by_ref().map(Result::unwrap).count() as u64, summary.events);
    }
}

#[test]
fn negative_weights_are_legal_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let weights = [1.5, -0.5, 0.0, -2.0];
    for ending in ["lhe.gz", "hepmc3", "hepmc2.zst"] {
        let path = folder.path().join(format!("out.{ending}"));
        let mut writer = Writer::create(&path, &RunInfo::default()).unwrap();
        for (n, weight) in weights.into_iter().enumerate() {
            writer.write(&event(n as i64, weight)).unwrap();
        }
        let written = writer.finish().unwrap();
        let mut reader = Reader::open(&path).unwrap();
        while reader.next_event().unwrap().is_some() {}
        assert_eq!(reader.summary(), written);
        assert_eq!((written.events, written.negative_weights, written.particles), (4, 2, 12));
        assert_eq!((written.sum_of_weights, written.sum_of_squares), (-1.0, 6.5));
    }
}

#[test]
fn a_file_without_events_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["lhe", "hepmc3", "hepmc2"] {
        let path = folder.path().join(format!("none.{ending}.gz"));
        Writer::create(&path, &RunInfo::default()).unwrap().finish().unwrap();
        assert!(Reader::open(&path).unwrap().next_event().unwrap().is_none());
    }
}

#[test]
fn no_events_come_after_an_error() {
    let text = super::text("dijet.hepmc3").replacen("P 1 0 2212", "P 1 0 proton", 1);
    let mut reader = Reader::from_stream(std::io::Cursor::new(text), "test").unwrap();
    assert!(reader.next_event().is_err());
    assert!(reader.next_event().unwrap().is_none());
    assert_eq!(reader.summary().events, 0);
}
