//! What is refused, and in which words.

use std::path::Path;
use std::sync::Arc;

use super::{Random, all_kinds, data, write};
use tables::{Block, Column, Data, Element, Error, Schema, TableReader, TableWriter};

fn one(column: Column, data: Data, rows: usize) -> Block {
    Block::new(Arc::new(Schema::new(vec![column]).unwrap()), rows, vec![data]).unwrap()
}

fn opening(path: impl AsRef<Path>) -> String {
    TableReader::open(path).err().unwrap().to_string()
}

#[test]
fn a_missing_column_is_answered_with_those_there_are() {
    let error = TableReader::open(data("uproot-zstd.root")).unwrap().select(&["Jet_mass"]).err().unwrap().to_string();
    assert!(error.contains("\"Jet_mass\" is missing; there are run, event"), "{error}");
}

#[test]
fn a_branch_of_another_type_is_answered_with_its_type() {
    for (name, kind) in [("p4", "TLorentzVector"), ("text", "string"), ("nested", "vector<vector<float> >")] {
        let error = TableReader::open(data("root-zstd.root")).unwrap().select(&[name]).err().unwrap().to_string();
        assert!(error.contains(&format!("column \"{name}\" is of type {kind}")), "{error}");
        assert!(error.contains("root-zstd.root"), "{error}");
    }
}

#[test]
fn conversions_that_lose_information_are_refused() {
    let large = one(Column::fixed("id", Element::I64, 2), Data::flat(vec![1, 2, 3, (1i64 << 53) + 1]), 2);
    let error = large.numbers::<f64>("id").unwrap_err().to_string();
    assert_eq!(error, "column \"id\", row 1 of the block: 9007199254740993 (i64) is not exactly representable as f64");
    assert_eq!(large.slice(0..1).unwrap().numbers::<f64>("id").unwrap(), [1.0, 2.0]);
    let jagged = one(Column::jagged("x", Element::F64), Data::jagged(&[vec![], vec![0.5], vec![0.1]]), 3);
    let Err(Error::Conversion { row: 2, from: Element::F64, to: Element::F32, .. }) = jagged.numbers::<f32>("x") else {
        panic!("0.1 is no single-precision number");
    };
    assert_eq!(jagged.rounded("x").unwrap(), [0.5, 0.1]);
    let huge = one(Column::scalar("x", Element::F64), Data::flat(vec![1e300, f64::INFINITY]), 2);
    assert!(huge.rounded("x").unwrap_err().to_string().contains("1e300"));
    assert!(huge.numbers::<i64>("x").is_err());
    let signed = one(Column::scalar("x", Element::I8), Data::flat(vec![-1i8]), 1);
    assert!(signed.numbers::<u8>("x").is_err() && signed.numbers::<i64>("x").unwrap() == [-1]);
    let counts = one(Column::scalar("x", Element::U64), Data::flat(vec![u64::MAX, 1]), 2);
    assert!(counts.numbers::<i64>("x").is_err() && counts.rounded("x").is_err());
}

#[test]
fn jagged_columns_in_text_are_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::new(vec![Column::jagged("Jet_pt", Element::F32)]).unwrap();
    let error = TableWriter::create(folder.path().join("t.csv"), schema, &[]).err().unwrap().to_string();
    assert!(error.contains("\"Jet_pt\" has rows of different lengths") && error.contains(".parquet"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_counter_that_contradicts_a_row_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let pt = Column { counter: Some("nJet".to_string()), ..Column::jagged("Jet_pt", Element::F32) };
    let schema = Schema::new(vec![Column::scalar("nJet", Element::I32), pt]).unwrap();
    let mut writer = TableWriter::create(folder.path().join("t.root"), schema.clone(), &[]).unwrap();
    let block = |count: i32| {
        let data = vec![Data::flat(vec![1, count]), Data::jagged(&[vec![5f32], vec![6.0, 7.0]])];
        Block::new(Arc::new(schema.clone()), 2, data).unwrap()
    };
    writer.write(&block(2)).unwrap();
    let error = writer.write(&block(3)).unwrap_err().to_string();
    assert!(error.contains("\"Jet_pt\", row 3: has 2 numbers, but its counter \"nJet\" says 3"), "{error}");
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "an unfinished file remains");
}

#[test]
fn blocks_and_schemas_that_contradict_themselves_are_refused() {
    let twice = Schema::new(vec![Column::scalar("x", Element::F32), Column::scalar("x", Element::F64)]);
    assert!(twice.unwrap_err().to_string().contains("twice"));
    assert!(Schema::new(vec![Column::fixed("x", Element::F32, 0)]).is_err());
    let schema = Arc::new(Schema::new(vec![Column::jagged("x", Element::F32)]).unwrap());
    let with = |offsets: Vec<usize>| {
        let values = tables::Values::F32(vec![1.0, 2.0, 3.0]);
        Block::new(schema.clone(), 2, vec![Data { values, offsets: Some(offsets) }])
    };
    assert!(with(vec![0, 1, 3]).is_ok());
    for offsets in [vec![0, 1], vec![0, 4, 3], vec![1, 2, 3], vec![0, 1, 2]] {
        assert!(matches!(with(offsets), Err(Error::Length { .. })));
    }
    let other = one(Column::scalar("x", Element::F64), Data::flat(vec![1.0]), 1);
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::new(vec![Column::scalar("x", Element::F32)]).unwrap();
    let mut writer = TableWriter::create(folder.path().join("t.npz"), schema, &[]).unwrap();
    let error = writer.write(&other).unwrap_err().to_string();
    assert!(error.contains("\"x f64\" came, the file has \"x f32\""), "{error}");
}

#[test]
fn ranges_beyond_the_end_and_unknown_formats_are_refused() {
    let mut reader = TableReader::open(data("numpy.npz")).unwrap();
    let error = reader.read(100..121).unwrap_err().to_string();
    assert!(error.contains("rows 100..121 asked for, but there are 120"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    std::fs::write(&path, b"\x7fELF\x01\x02\0\0").unwrap();
    assert!(opening(&path).contains("[7f, 45, 4c, 46"));
    std::fs::write(&path, b"").unwrap();
    assert!(opening(&path).contains("is empty"));
    assert!(opening(folder.path().join("none")).contains("cannot open"));
    let error = TableWriter::create(folder.path().join("t.xlsx"), all_kinds(false), &[]).err().unwrap().to_string();
    assert!(error.contains(".root, .parquet"), "{error}");
}

#[test]
fn a_line_of_another_length_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "a,b\n1,2\n3\n").unwrap();
    assert!(opening(&path).contains("line 3 has 1 fields, the header has 2"));
}

#[test]
fn types_of_text_are_inferred_from_all_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let text =
        "# from: nowhere\n\"a, quoted\";i;u;f;b;s\r\n1;-1;18446744073709551615;1;true;x\r\n\r\n;2;0;1e-3;False;2\r\n";
    std::fs::write(&path, text).unwrap();
    let mut reader = TableReader::open(&path).unwrap();
    let kinds: Vec<_> = reader.schema().columns().iter().map(|c| c.to_string()).collect();
    assert_eq!(kinds, ["a, quoted f64", "i i64", "u u64", "f f64", "b bool"]);
    assert_eq!(reader.skipped()[0].name, "s");
    assert_eq!(reader.attributes(), [("from".to_string(), "nowhere".to_string())]);
    let block = reader.read(0..2).unwrap();
    assert!(block.numbers::<f64>("a, quoted").unwrap()[1].is_nan());
    assert_eq!(block.numbers::<u64>("u").unwrap(), [u64::MAX, 0]);
    std::fs::write(&path, "1.5 , 2\n3,4\n").unwrap();
    let mut reader = TableReader::open(&path).unwrap();
    assert!(reader.notes()[0].contains("first line is numbers"));
    assert_eq!(reader.read(0..2).unwrap().numbers::<f64>("column0").unwrap(), [1.5, 3.0]);
}

#[test]
fn an_unfinished_file_never_appears() {
    let folder = tempfile::tempdir().unwrap();
    let block = Random(7).block(&all_kinds(false), 10);
    for ending in ["root", "parquet", "h5", "npz", "csv", "csv.gz"] {
        let path = folder.path().join(format!("t.{ending}"));
        let mut writer = TableWriter::create(&path, (**block.schema()).clone(), &[]).unwrap();
        writer.write(&block).unwrap();
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{ending}");
        write(&path, &block, &[]);
        std::fs::remove_file(path).unwrap();
    }
}
