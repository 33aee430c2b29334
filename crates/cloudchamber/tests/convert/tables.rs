//! Tables into tables.

use std::path::Path;
use std::sync::Arc;

use cloudchamber::tables::{Block, Column, Data, Element, Schema, TableReader, TableWriter};

use super::desk::{Desk, sample, wave};

const FORMATS: [&str; 5] = ["root", "parquet", "hdf5", "npz", "csv.gz"];

/// Columns that every format can hold, and for those that can, jagged ones.
fn write(path: &Path, rows: usize, jagged: bool) {
    let mut columns = vec![Column::scalar("id", Element::I64), Column::scalar("weight", Element::F64)];
    let ids: Vec<i64> = (0..rows as i64).map(|i| i - 7).collect();
    let mut data = vec![Data::flat(ids), Data::flat((0..rows).map(|i| wave(i, 1)).collect::<Vec<f64>>())];
    if jagged {
        columns.push(Column::jagged("Jet_pt", Element::F32));
        let row = |i: usize| (0..i % 4).map(|k| wave(i, k) as f32).collect();
        data.push(Data::jagged(&(0..rows).map(row).collect::<Vec<Vec<f32>>>()));
    }
    let schema = Schema::new(columns).unwrap();
    let block = Block::new(Arc::new(schema.clone()), rows, data).unwrap();
    let mut writer = TableWriter::create(path, schema, &[("origin".into(), "a \"test\"".into())]).unwrap();
    writer.write(&block).unwrap();
    writer.finish().unwrap();
}

/// Everything that a table holds, by name.
fn read(path: &Path, names: &[&str]) -> (Vec<Data>, Vec<(String, String)>) {
    let mut reader = TableReader::open(path).unwrap().select(names).unwrap();
    let rows = reader.rows();
    (reader.read(0..rows).unwrap().data().to_vec(), reader.attributes().to_vec())
}

#[test]
fn every_format_becomes_every_other() {
    let desk = Desk::new();
    for from in FORMATS {
        let source = format!("from.{from}");
        for to in FORMATS {
            let jagged = from != "csv.gz" && to != "csv.gz";
            write(&desk.path(&source), 300, jagged);
            let target = format!("to.{to}");
            let summary = desk.converts(&[&source, &target, "--force"]);
            assert_eq!(summary["rows"], 300, "{from} {to}");
            let names = if jagged { &["id", "weight", "Jet_pt"][..] } else { &["id", "weight"] };
            assert_eq!(read(&desk.path(&source), names), read(&desk.path(&target), names), "{from} to {to}");
            assert_eq!(read(&desk.path(&target), names).1, [("origin".to_string(), "a \"test\"".to_string())]);
        }
    }
}

#[test]
fn a_table_of_more_rows_than_a_block_comes_through_whole() {
    let desk = Desk::new();
    let rows = 3 * cloudchamber::convert::blocks::MOST + 5;
    write(&desk.path("a.npz"), rows, true);
    let mut before = "a.npz".to_string();
    for format in ["root", "parquet", "hdf5", "npz"] {
        let after = format!("b.{format}");
        assert_eq!(desk.converts(&[&before, &after])["rows"], rows as u64);
        before = after;
    }
    let names = ["id", "weight", "Jet_pt"];
    assert_eq!(read(&desk.path("a.npz"), &names), read(&desk.path(&before), &names));
}

#[test]
fn columns_can_be_chosen_and_those_without_numbers_are_named() {
    let desk = Desk::new();
    let file = sample("tables", "root-zstd.root");
    let output = desk.run(&[&file, "a.parquet"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && text.contains("left out: p4 (TLorentzVector)"), "{text}");
    let summary = desk.converts(&[&file, "a.parquet", "--force"]);
    assert!(summary["skipped"].as_array().unwrap().iter().any(|s| s["name"] == "text"), "{summary}");
    let all: Vec<&str> = summary["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let two = format!("{},{}", all[3], all[0]);
    let summary = desk.converts(&[&file, "b.hdf5", "--columns", &two, "--limit", "11"]);
    assert_eq!(summary["columns"], serde_json::json!([all[3], all[0]]));
    let (a, _) = read(&desk.path("b.hdf5"), &[all[0]]);
    let mut whole = TableReader::open(&file).unwrap().select(&[all[0]]).unwrap();
    assert_eq!(a, whole.read(0..11).unwrap().data());
    desk.fails(&[&file, "c.root", "--columns", "p4"], 2, &["--columns", "p4", "TLorentzVector"]);
    desk.fails(&[&file, "c.root", "--columns", "nonsense"], 2, &["--columns", "nonsense", all[0]]);
    let jagged = Desk::new();
    write(&jagged.path("a.root"), 4, true);
    jagged.fails(&["a.root", "a.csv"], 2, &["Jet_pt", "CSV", ".parquet"]);
    assert_eq!(jagged.names(), ["a.root"]);
}

#[test]
fn a_file_of_several_tables_asks_which() {
    let desk = Desk::new();
    let file = sample("tables", "root-two.root");
    desk.fails(&[&file, "a.npz"], 2, &["--table", "Runs", "sub/Events"]);
    desk.fails(&[&file, "a.npz", "--table", "Rums"], 2, &["Rums", "did you mean 'Runs'"]);
    assert!(desk.converts(&[&file, "a.npz", "--table", "sub/Events"])["rows"].as_u64().unwrap() > 0);
}
