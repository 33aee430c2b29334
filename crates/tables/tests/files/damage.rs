//! Truncated and altered files are errors or other numbers, and never panics or huge allocations.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::{Random, data};
use tables::TableReader;

const SAMPLES: [(&str, Option<&str>); 13] = [
    ("uproot-zlib.root", None),
    ("root-lz4.root", None),
    ("root-lzma.root", None),
    ("root-zstd.root", None),
    ("root-two.root", Some("sub/Events")),
    ("pyarrow-snappy.parquet", None),
    ("pyarrow-zstd.parquet", None),
    ("pyarrow-lz4.parquet", None),
    ("h5py.hdf5", Some("events")),
    ("pandas-fixed.hdf5", None),
    ("numpy.npz", None),
    ("numpy-compressed.npz", None),
    ("pandas.csv.gz", None),
];

/// Damaged copies of each file; `TABLES_DAMAGE` in the environment asks for more.
fn altered() -> usize {
    std::env::var("TABLES_DAMAGE").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

/// Opens and reads all it can, column by column; whether every step succeeded.
fn read_all(path: &Path, table: Option<&str>) -> bool {
    let open = || match table {
        Some(table) => TableReader::open_table(path, table),
        None => TableReader::open(path),
    };
    let Ok(reader) = open() else { return false };
    let names: Vec<String> = reader.schema().names().iter().map(|n| n.to_string()).collect();
    // A damaged number of rows may be anything; nobody reads all rows at once.
    let rows = reader.rows().min(1000);
    let mut whole = true;
    for name in names {
        let Ok(mut reader) = open().and_then(|r| r.select(&[name])) else { return false };
        whole &= reader.read(0..rows).is_ok();
    }
    whole
}

fn survives(path: &Path, table: Option<&str>, what: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| read_all(path, table))).unwrap_or_else(|_| panic!("a panic: {what}"))
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    for (name, table) in SAMPLES {
        let bytes = std::fs::read(data(name)).unwrap();
        assert!(survives(&data(name), table, name));
        for k in 0..60 {
            let length = bytes.len() * k / 60;
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(!survives(&path, table, name), "{name} cut to {length} bytes was read");
        }
    }
}

#[test]
fn altered_bytes_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    let mut random = Random(8);
    for (name, table) in SAMPLES {
        let bytes = std::fs::read(data(name)).unwrap();
        for k in 0..altered() {
            let mut damaged = bytes.clone();
            for _ in 0..1 + random.below(3) {
                let place = random.below(bytes.len());
                damaged[place] = if random.below(3) == 0 { 0xff } else { random.below(256) as u8 };
            }
            std::fs::write(&path, &damaged).unwrap();
            survives(&path, table, &format!("{name}, damage {k}"));
        }
    }
}

#[test]
fn a_damaged_lz4_block_is_found_by_its_checksum() {
    let bytes = std::fs::read(data("root-lz4.root")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.root");
    // The first block is that of a basket; its last literal is a number's.
    let block = bytes.windows(2).position(|w| w == b"L4").unwrap();
    let mut damaged = bytes.clone();
    damaged[block + 9 + 8 + 4] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let mut reader = TableReader::open(&path).unwrap();
    let error = reader.read(0..120).unwrap_err().to_string();
    assert!(error.contains("checksum is wrong") && error.contains("the basket at byte"), "{error}");
}

#[test]
fn a_truncated_tree_says_how_many_bytes_are_missing() {
    let bytes = std::fs::read(data("root-zlib.root")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.root");
    std::fs::write(&path, &bytes[..bytes.len() - 100]).unwrap();
    let error = TableReader::open(&path).err().unwrap().to_string();
    let expected = format!("it has {} bytes of {}", bytes.len() - 100, bytes.len());
    assert!(error.contains(&expected), "{error}");
}
