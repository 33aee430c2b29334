//! Files of uproot, ROOT, pyarrow, h5py, numpy and pandas (`scripts/make_table_samples.py`): 120 events known in closed form.

use super::data;
use tables::{Block, Element, Format, Shape, TableReader};

const N: usize = 120;

/// Numbers of the events by name, row after row, and how many a row has.
fn expected(name: &str) -> (Vec<f64>, Vec<usize>) {
    let mut numbers = Vec::new();
    let mut counts = Vec::new();
    for i in 0..N {
        let x = i as f64;
        let jets = i % 4;
        let row: Vec<f64> = match name {
            "run" => vec![1000.0 + x],
            "event" => vec![2f64.powi(40) + x],
            "weight" => vec![x / 8.0 - 0.5],
            "met" => vec![x * 1.25],
            "passed" => vec![f64::from(u8::from(i % 3 == 0))],
            "vertex" => vec![x, -x, x / 4.0],
            "nJet" => vec![jets as f64],
            "Jet_pt" | "vec_pt" => (0..jets).map(|k| 100.0 * (x + 1.0) + k as f64 / 2.0).collect(),
            "Jet_id" | "vec_id" => (0..jets).map(|k| 10.0 * x + k as f64).collect(),
            "vec_tagged" => (0..jets).map(|k| f64::from(u8::from(k == 0))).collect(),
            "vec_none" => vec![],
            "pair.x" => vec![x + 0.5],
            "pair.y" => vec![-x],
            "small" => vec![x],
            other => panic!("no such column {other}"),
        };
        counts.push(row.len());
        numbers.extend(row);
    }
    (numbers, counts)
}

fn check(block: &Block, name: &str, what: &str) {
    let (numbers, counts) = expected(name);
    assert_eq!(block.numbers::<f64>(name).unwrap(), numbers, "{name} of {what}");
    let place = block.schema().position(name).unwrap();
    let lengths: Vec<usize> = (0..block.rows()).map(|row| block.place(place, row).len()).collect();
    assert_eq!(lengths, counts, "{name} of {what}");
}

const FLAT: [&str; 5] = ["run", "event", "weight", "met", "passed"];
const ALL: [&str; 8] = ["run", "event", "weight", "met", "passed", "vertex", "Jet_pt", "Jet_id"];

fn check_all(file: &str, table: Option<&str>, names: &[&str]) -> TableReader {
    let path = data(file);
    let mut reader = match table {
        Some(table) => TableReader::open_table(&path, table),
        None => TableReader::open(&path),
    }
    .unwrap();
    assert_eq!(reader.rows(), N as u64, "{file}");
    let block = reader.read(0..N as u64).unwrap();
    names.iter().for_each(|name| check(&block, name, file));
    // A range across the end of the first basket or row group, and one behind it.
    for rows in [45..55, 3..7] {
        let part = reader.read(rows.start as u64..rows.end as u64).unwrap();
        assert_eq!(part, block.slice(rows).unwrap(), "{file}");
    }
    reader
}

#[test]
fn trees_of_uproot_are_read_in_all_compressions() {
    for codec in ["none", "zlib", "lzma", "lz4", "zstd"] {
        let reader = check_all(&format!("uproot-{codec}.root"), None, &ALL);
        assert_eq!(reader.format(), Format::Root);
        let column = &reader.schema().columns()[reader.schema().position("Jet_pt").unwrap()];
        assert_eq!((column.element, column.shape), (Element::F32, Shape::Jagged));
        assert_eq!(column.counter.as_deref(), Some("nJet"));
    }
}

#[test]
fn trees_of_root_are_read_in_all_compressions_with_vectors_and_leaf_lists() {
    for codec in ["zlib", "lzma", "lz4", "zstd"] {
        let file = format!("root-{codec}.root");
        let further = ["nJet", "vec_pt", "vec_id", "vec_tagged", "vec_none", "pair.x", "pair.y"];
        let reader = check_all(&file, None, &[ALL.as_slice(), &further].concat());
        assert_eq!(reader.attributes(), [("generator".to_string(), "none, counted".to_string())]);
        let skipped: Vec<_> = reader.skipped().iter().map(|s| (s.name.as_str(), s.kind.as_str())).collect();
        assert_eq!(skipped, [("nested", "vector<vector<float> >"), ("text", "string"), ("p4", "TLorentzVector")]);
    }
}

#[test]
fn one_of_two_trees_must_be_chosen() {
    let path = data("root-two.root");
    assert_eq!(TableReader::tables(&path).unwrap(), ["Runs", "sub/Events"]);
    let error = TableReader::open(&path).err().unwrap().to_string();
    assert!(error.contains("2 trees") && error.contains("\"Runs\", \"sub/Events\""), "{error}");
    let error = TableReader::open_table(&path, "Events").err().unwrap().to_string();
    assert!(error.contains("no tree \"Events\"") && error.contains("sub/Events"), "{error}");
    // TNtuple, a class derived from TTree.
    let mut reader = TableReader::open_table(&path, "sub/Events").unwrap();
    let block = reader.read(0..3).unwrap();
    assert_eq!(block.numbers::<f32>("a").unwrap(), [0.0, 1.0, 2.0]);
    assert_eq!(block.numbers::<f32>("b").unwrap(), [0.0, 0.5, 1.0]);
}

#[test]
fn an_rntuple_is_recognised() {
    let error = TableReader::open(data("root-rntuple.root")).err().unwrap().to_string();
    assert!(error.contains("\"Events\" is an RNTuple"), "{error}");
}

#[test]
fn parquet_of_pyarrow_is_read_in_all_compressions() {
    for codec in ["none", "snappy", "zstd", "gzip", "lz4"] {
        let reader = check_all(&format!("pyarrow-{codec}.parquet"), None, &[ALL.as_slice(), &["small"]].concat());
        assert_eq!(reader.attributes(), [("generator".to_string(), "none, counted".to_string())]);
        assert_eq!(reader.skipped()[0].kind, "string");
        let small = reader.schema().position("small").unwrap();
        assert_eq!(reader.schema().columns()[small].element, Element::U8);
    }
}

#[test]
fn a_null_is_nan_among_floating_point_numbers_and_an_error_elsewhere() {
    let mut reader = TableReader::open(data("pyarrow-nulls.parquet")).unwrap().select(&["x"]).unwrap();
    let x = reader.read(0..3).unwrap().numbers::<f64>("x").unwrap();
    assert!(x[0] == 1.0 && x[1].is_nan() && x[2] == 3.0);
    let mut reader = TableReader::open(data("pyarrow-nulls.parquet")).unwrap();
    let error = reader.read(0..3).unwrap_err().to_string();
    assert!(error.contains("column \"n\", row 1: is null"), "{error}");
    assert!(reader.read(2..3).is_ok());
}

#[test]
fn groups_of_h5py_are_read() {
    let reader = check_all("h5py.hdf5", Some("events"), &ALL);
    assert_eq!(reader.skipped()[0].name, "text");
    assert_eq!(TableReader::tables(data("h5py.hdf5")).unwrap(), ["events", "other"]);
    let error = TableReader::open(data("h5py.hdf5")).err().unwrap().to_string();
    assert!(error.contains("2 groups") && error.contains("\"events\", \"other\""), "{error}");
}

#[test]
fn archives_of_numpy_are_read_stored_and_deflated_of_either_byte_order() {
    check_all("numpy.npz", None, &ALL);
    let reader = check_all("numpy-compressed.npz", None, &ALL);
    assert_eq!(reader.skipped()[0].kind, "NumPy type <U5");
    let block = TableReader::open(data("numpy-big-endian.npz")).unwrap().read(0..5).unwrap();
    assert_eq!(block.numbers::<f64>("x").unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(block.numbers::<i16>("n").unwrap(), [0, 1, 2, 3, 4]);
}

#[test]
fn files_of_pandas_are_read() {
    for file in ["pandas.csv", "pandas.csv.gz", "pandas.parquet"] {
        let reader = check_all(file, None, &FLAT);
        let passed = reader.schema().position("passed").unwrap();
        assert_eq!(reader.schema().columns()[passed].element, Element::Bool, "{file}");
    }
    check_all("pandas-fixed.hdf5", None, &FLAT[..4]);
    let block = TableReader::open(data("pandas-unnamed.hdf5")).unwrap().read(0..4).unwrap();
    assert_eq!(block.schema().names(), ["0", "1", "2", "3", "4"]);
    assert_eq!(block.numbers::<f64>("3").unwrap(), [3.0, 8.0, 13.0, 18.0]);
}

#[test]
fn columns_of_text_are_read_beside_the_numbers_from_any_row() {
    let mut reader = TableReader::open(data("pyarrow-text.parquet")).unwrap();
    assert_eq!((reader.skipped().len(), reader.skipped()[0].kind.as_str()), (1, "string"));
    let text = |k: u64| if k % 7 == 3 { String::new() } else { format!("{}{k}", "ü".repeat(k as usize % 4)) };
    // Across row groups, backwards too, and rows of numbers in between.
    for rows in [0..50, 18..43, 5..6, 20..40, 49..50, 7..7] {
        let expected: Vec<String> = rows.clone().map(text).collect();
        assert_eq!(reader.read_text("text", rows.clone()).unwrap(), expected, "{rows:?}");
        let numbers = reader.read(rows.clone()).unwrap().numbers::<i64>("n").unwrap();
        assert!(numbers.iter().copied().eq(rows.map(|k| k as i64)));
    }
    assert!(reader.read_text("text", 40..51).unwrap_err().to_string().contains("rows 40..51"));
    let error = reader.read_text("n", 0..1).unwrap_err().to_string();
    assert!(error.contains("column \"n\" is no column of text"), "{error}");
    let mut other = TableReader::open(data("numpy.npz")).unwrap();
    assert!(other.read_text("text", 0..1).is_err());
}
