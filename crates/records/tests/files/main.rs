//! Event files: hand-written ones as the specifications have them, what is written is read back, and whatever is
//! wrong is an error that says where.

mod convert;
mod damage;
mod detect;
mod hepmc2;
mod hepmc3;
mod lhe;
mod made;
mod mistakes;
mod output;
mod random;
mod round_trips;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use records::{Error, Event, Format, Reader, RunInfo, Writer};

/// A file of `tests/data`.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(data(name)).unwrap()
}

/// Everything that a text gives: run, the events before the first error, the error.
fn read(bytes: impl Into<Vec<u8>>) -> (RunInfo, Vec<Event>, Option<Error>) {
    let mut reader = match Reader::from_stream(Cursor::new(bytes.into()), "test") {
        Ok(reader) => reader,
        Err(error) => return (RunInfo::default(), Vec::new(), Some(error)),
    };
    let run = reader.run().clone();
    let mut events = Vec::new();
    loop {
        match reader.next_event() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (run, events, None),
            Err(error) => return (run, events, Some(error)),
        }
    }
}

/// The same without errors.
fn read_all(bytes: impl Into<Vec<u8>>) -> (RunInfo, Vec<Event>) {
    let (run, events, error) = read(bytes);
    assert!(error.is_none(), "{}", error.unwrap());
    (run, events)
}

/// The bytes of a file of these events, with an ending that says how.
fn written(ending: &str, run: &RunInfo, events: &[Event]) -> Result<Vec<u8>, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("out.{ending}"));
    let mut writer = Writer::create(&path, run)?;
    for event in events {
        writer.write(event)?;
    }
    assert_eq!(writer.finish()?.events, events.len() as u64);
    Ok(fs::read(path).unwrap())
}

fn ending(format: Format) -> &'static str {
    match format {
        Format::Lhe => "lhe",
        Format::HepMc3 => "hepmc3",
        Format::HepMc2 => "hepmc2",
    }
}

fn proton_beams() -> [(i32, [f64; 4]); 2] {
    [(2212, [0.0, 0.0, 6500.0, 6500.0]), (2212, [0.0, 0.0, -6500.0, 6500.0])]
}
