//! Files cut anywhere and altered anywhere: an error or other events, never a panic, and never fewer events in silence.

use records::Error;

use super::random::Random;
use super::{ending, read, read_all, text, written};

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random(11);
    let run = random.run(2);
    let events: Vec<_> = (0..6).map(|n| random.shower(n, 2, 4)).collect();
    let mut samples: Vec<_> = ["madgraph.lhe", "dijet.hepmc3", "ions.hepmc2"].map(|n| (n, text(n).into_bytes())).into();
    for name in ["hepmc3.gz", "hepmc2.zst", "hepmc3.zst"] {
        samples.push((name, written(name, &run, &events).unwrap()));
    }
    samples
}

#[test]
fn a_file_cut_anywhere_gives_its_first_events_and_an_error() {
    for (name, whole) in samples() {
        let (_, all) = read_all(whole.clone());
        let blank = whole.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        let lengths = (0..whole.len().min(200)).chain((200..whole.len() - blank).step_by(whole.len() / 300 + 1));
        for length in lengths {
            let (_, events, error) = read(&whole[..length]);
            assert!(error.is_some(), "{name} cut to {length} of {} bytes was read", whole.len());
            assert!(events.len() <= all.len() && events[..] == all[..events.len()], "{name} cut to {length} bytes");
        }
    }
}

#[test]
fn a_file_altered_anywhere_never_panics() {
    let mut random = Random(12);
    for (_, whole) in samples() {
        for k in 0..600 {
            let mut bytes = whole.clone();
            for _ in 0..1 + k % 3 {
                let place = random.below(bytes.len());
                let end = (place + 1 + random.below(30)).min(bytes.len());
                match k % 4 {
                    0 => bytes[place] ^= 1 << random.below(8),
                    1 => bytes[place] = b" \n-0129<>[]\"EPVUWA"[random.below(18)],
                    2 => drop(bytes.drain(place..end)),
                    _ => bytes[place] = random.bits() as u8,
                }
            }
            let _ = read(bytes);
        }
    }
}

#[test]
fn a_truncated_gzip_names_the_event() {
    let mut random = Random(13);
    let run = random.run(1);
    let events: Vec<_> = (0..400).map(|n| random.shower(1000 + n, 1, 30)).collect();
    for name in ["hepmc3.gz", "hepmc3.zst"] {
        let whole = written(name, &run, &events).unwrap();
        let (_, before, error) = read(&whole[..whole.len() * 2 / 3]);
        let error = error.unwrap();
        assert!(before.len() > 100 && before[..] == events[..before.len()]);
        let Error::Corrupt { place, compressed_byte, .. } = &error else { panic!("{error}") };
        assert_eq!(place.event, Some(1000 + before.len() as i64));
        assert_eq!(*compressed_byte, whole.len() as u64 * 2 / 3);
        assert!(place.line > 1000 && error.to_string().contains(&format!("line {}", place.line)), "{error}");
    }
}

#[test]
fn altered_compressed_data_do_not_pass_as_events() {
    let mut random = Random(14);
    let run = random.run(1);
    let events: Vec<_> = (0..40).map(|n| random.shower(n, 1, 30)).collect();
    for name in ["hepmc3.gz", "hepmc3.zst"] {
        let whole = written(name, &run, &events).unwrap();
        for k in 1..60 {
            // Behind the headers every byte counts, for both formats end with a checksum.
            let mut bytes = whole.clone();
            bytes[20 + k * (whole.len() - 40) / 60] ^= 1 << (k % 8);
            let (_, read, error) = read(bytes);
            assert!(error.is_some() || read != events, "{name}, byte {k} of 60");
            assert!(error.is_some(), "{name}, byte {k} of 60: altered events were read");
        }
    }
}

#[test]
fn numbers_in_a_file_allocate_nothing() {
    // Counts of thousands of millions, in few bytes; reading is over at once.
    for (name, from, to) in [
        ("madgraph.lhe", "5 66 0.5", "4294967295 66 0.5"),
        ("dijet.hepmc3", "E 41 3 7", "E 41 4294967295 4294967295"),
        ("ions.hepmc2", "V -30 0 1 0 0 2 0 2 0", "V -9000000000000 0 1 0 0 2 4294967295 4294967295 0"),
    ] {
        assert!(read(text(name).replacen(from, to, 1)).2.is_some());
    }
    let long = format!("{}{}", text("dijet.hepmc3"), "x".repeat(100_000));
    assert_eq!(read(long).1.len(), 2);
}

#[test]
fn all_formats_are_in_the_samples() {
    for format in records::Format::ALL {
        assert!(samples().iter().any(|(name, _)| name.contains(ending(format))));
    }
}
