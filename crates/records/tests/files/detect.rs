//! Formats and compressions are found by content.

use std::fs;
use std::io::Write;

use records::{Compression, Error, Format, Reader};

use super::random::Random;
use super::{data, ending, read, read_all, text, written};

#[test]
fn content_decides_whatever_the_name_says() {
    let folder = tempfile::tempdir().unwrap();
    for (file, format) in
        [("madgraph.lhe", Format::Lhe), ("dijet.hepmc3", Format::HepMc3), ("ions.hepmc2", Format::HepMc2)]
    {
        for name in ["misleading.root", "other.lhe.gz", "none"] {
            let path = folder.path().join(name);
            fs::copy(data(file), &path).unwrap();
            let reader = Reader::open(&path).unwrap();
            assert_eq!((reader.format(), reader.compression()), (format, Compression::None));
        }
    }
    let mut random = Random(7);
    let (run, event) = (random.run(1), random.shower(0, 1, 3));
    for (last, compression) in [("", Compression::None), (".gz", Compression::Gzip), (".zst", Compression::Zstd)] {
        for format in [Format::HepMc3, Format::HepMc2] {
            let path = folder.path().join("nameless");
            let bytes = written(&format!("{}{last}", ending(format)), &run, std::slice::from_ref(&event)).unwrap();
            fs::write(&path, bytes).unwrap();
            let reader = Reader::open(&path).unwrap();
            assert_eq!((reader.format(), reader.compression()), (format, compression));
            assert_eq!(reader.count(), 1);
        }
    }
}

#[test]
fn endings_decide_for_outputs() {
    let of = |name| Format::from_path(name).ok();
    assert_eq!(of("a.b.lhe"), Some((Format::Lhe, Compression::None)));
    assert_eq!(of("x/y.HEPMC.GZ"), Some((Format::HepMc3, Compression::Gzip)));
    assert_eq!(of("y.hepmc3.zst"), Some((Format::HepMc3, Compression::Zstd)));
    assert_eq!(of("y.hepmc2.zstd"), Some((Format::HepMc2, Compression::Zstd)));
    for name in ["y.root", "lhe", ".lhe", "y.gz", "y.lhe.bz2", ""] {
        assert!(matches!(Format::from_path(name), Err(Error::UnknownEnding { .. })), "{name}");
    }
}

#[test]
fn several_gzip_members_and_zstd_frames_are_one_file() {
    let whole = text("dijet.hepmc3").into_bytes();
    let mut members = Vec::new();
    for part in whole.chunks(300) {
        let mut encoder = flate2::write::GzEncoder::new(&mut members, flate2::Compression::new(1));
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap();
    }
    assert_eq!(read_all(members), read_all(whole.clone()));
    // A skippable frame (RFC 8878, 3.1.2) may stand anywhere.
    let skippable = [&0x184d_2a53u32.to_le_bytes()[..], &5u32.to_le_bytes(), b"hello"].concat();
    let mut frames = skippable.clone();
    for part in whole.chunks(300) {
        frames.extend(ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest));
        frames.extend(&skippable);
    }
    assert_eq!(read_all(frames), read_all(whole));
}

#[test]
fn other_formats_are_called_by_their_name() {
    let cases: [(&[u8], &str); 14] = [
        (b"root\x00\x00\xf3\x80", "ROOT"),
        (b"\x89HDF\r\n\x1a\n\x00", "HDF5"),
        (b"{\"events\": []}", "JSON"),
        (b"  [1, 2]", "JSON"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"\x93NUMPY\x01\x00", "NumPy"),
        (b"PK\x03\x04\x14\x00", ".npz"),
        (b"BZh91AY&SY", "bunzip2"),
        (b"\xfd7zXZ\x00\x00\x04", "unxz"),
        (b"<html><body>", "XML without <LesHouchesEvents>, beginning with \"<html><body>\""),
        (b"HepMC::Version 1.2\nHepMC::IO_Ascii-START_EVENT_LISTING\nE 1", "HepMC::IO_Ascii-START_EVENT_LISTING"),
        (b"HepMC::Version 3.1\nE 1 2 3", "no START_EVENT_LISTING"),
        (b"pt,eta,phi\n1,2,3\n", "text, beginning with \"pt,eta,phi\""),
        (b"\x00\x01\x02\x03\x04", "00 01 02 03 04"),
    ];
    for (bytes, name) in cases {
        let error = read(bytes).2.unwrap();
        assert!(matches!(error, Error::UnknownFormat { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(matches!(read("").2, Some(Error::Empty { .. })));
    let nothing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(1)).finish().unwrap();
    assert!(matches!(read(nothing).2, Some(Error::Empty { .. })));
    assert!(read("\n\n\n").2.unwrap().to_string().contains("blank lines"));
    let missing = Reader::open("/nowhere/at all.lhe").err().unwrap();
    assert!(matches!(missing, Error::Io { action: "open", .. }));
    assert!(Reader::open(std::env::temp_dir()).err().unwrap().to_string().contains("directory"));
}

#[test]
fn progress_reaches_the_length_of_the_file() {
    let mut random = Random(8);
    let run = random.run(1);
    let events: Vec<_> = (0..300).map(|n| random.shower(n, 1, 40)).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events");
    for ending in ["hepmc3", "hepmc3.gz", "hepmc3.zst"] {
        let bytes = written(ending, &run, &events).unwrap();
        fs::write(&path, &bytes).unwrap();
        let mut reader = Reader::open(&path).unwrap();
        let mut before = 0;
        while reader.next_event().unwrap().is_some() {
            let now = reader.progress();
            assert_eq!(now.length, Some(bytes.len() as u64));
            assert!(now.read >= before && now.read <= bytes.len() as u64);
            before = now.read;
        }
        assert_eq!(reader.progress().read, bytes.len() as u64);
    }
}
