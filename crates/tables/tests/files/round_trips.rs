//! What was written is read: all types and shapes, empty tables, many baskets, ranges of rows, attributes.

use std::sync::Arc;

use super::{JAGGED, Random, all_kinds, assert_same, read_like, write};
use tables::{Block, Column, Data, Element, Schema, Shape, TableReader, TableWriter, Values};

fn attributes() -> Vec<(String, String)> {
    vec![("seed".to_string(), "42".to_string()), ("text".to_string(), "two\nlines: \"ä\" \\n".to_string())]
}

#[test]
fn every_type_and_shape_returns_from_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for ending in JAGGED {
        let block = Random(1).block(&all_kinds(true), 777);
        let path = folder.path().join(format!("t.{ending}"));
        write(&path, &block, &attributes());
        assert_same(&read_like(&path, &block), &block, ending);
        let reader = TableReader::open(&path).unwrap();
        assert_eq!(reader.rows(), 777);
        assert_eq!(reader.attributes(), attributes(), "{ending}");
        assert_eq!(reader.skipped(), [], "{ending}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), JAGGED.len(), "temporary files remain");
}

#[test]
fn text_keeps_every_number_but_widens_its_type() {
    let folder = tempfile::tempdir().unwrap();
    let block = Random(2).block(&all_kinds(false), 300);
    for ending in ["csv", "csv.gz"] {
        let path = folder.path().join(format!("t.{ending}"));
        write(&path, &block, &attributes());
        let mut reader = TableReader::open(&path).unwrap();
        assert_eq!(reader.attributes(), attributes());
        let read = reader.read(0..300).unwrap();
        for (column, data) in block.schema().columns().iter().zip(block.data()) {
            let name = column.name.as_str();
            let found = &read.schema().columns()[read.schema().position(name).unwrap()];
            assert_eq!(found.shape, column.shape, "{name}");
            let same = match &data.values {
                // The shortest text of a single-precision number is that of another double-precision one.
                Values::F32(v) => *v == read.rounded(name).unwrap(),
                Values::F64(v) => *v == read.numbers::<f64>(name).unwrap(),
                Values::I8(v) => *v == read.numbers::<i8>(name).unwrap(),
                Values::I16(v) => *v == read.numbers::<i16>(name).unwrap(),
                Values::I32(v) => *v == read.numbers::<i32>(name).unwrap(),
                Values::I64(v) => *v == read.numbers::<i64>(name).unwrap(),
                Values::U8(v) => *v == read.numbers::<u8>(name).unwrap(),
                Values::U16(v) => *v == read.numbers::<u16>(name).unwrap(),
                Values::U32(v) => *v == read.numbers::<u32>(name).unwrap(),
                Values::U64(v) => *v == read.numbers::<u64>(name).unwrap(),
                Values::Bool(v) => *v == read.numbers::<bool>(name).unwrap(),
            };
            assert!(same, "{name} in {ending}");
        }
    }
}

#[test]
fn a_table_without_rows_keeps_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    for ending in JAGGED {
        let block = Random(3).block(&all_kinds(true), 0);
        let path = folder.path().join(format!("t.{ending}"));
        write(&path, &block, &[]);
        let mut reader = TableReader::open(&path).unwrap();
        assert_eq!(reader.rows(), 0);
        assert!(reader.next_block(10).unwrap().is_none());
        assert_same(&read_like(&path, &block), &block, ending);
    }
    let path = folder.path().join("t.csv");
    write(&path, &Random(3).block(&all_kinds(false), 0), &[]);
    assert_eq!(TableReader::open(&path).unwrap().rows(), 0);
}

#[test]
fn rows_without_numbers_and_columns_without_any_survive() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::new(vec![Column::jagged("a", Element::F32), Column::jagged("b", Element::I64)]).unwrap();
    let some = Data::jagged(&[vec![], vec![1f32], vec![], vec![], vec![2.0, 3.0], vec![]]);
    let none = Data::jagged::<i64>(&vec![vec![]; 6]);
    let block = Block::new(Arc::new(schema), 6, vec![some, none]).unwrap();
    for ending in JAGGED {
        let path = folder.path().join(format!("t.{ending}"));
        write(&path, &block, &[]);
        assert_same(&read_like(&path, &block), &block, ending);
    }
}

#[test]
fn many_blocks_make_many_baskets_and_row_groups_and_any_range_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let columns =
        vec![Column::scalar("i", Element::I64), Column::fixed("v", Element::F64, 4), Column::jagged("j", Element::F32)];
    let schema = Schema::new(columns).unwrap();
    const ROWS: usize = 150_000;
    let mut random = Random(4);
    let all = random.block(&schema, ROWS);
    for ending in JAGGED {
        let path = folder.path().join(format!("t.{ending}"));
        let mut writer = TableWriter::create(&path, schema.clone(), &[]).unwrap();
        let mut start = 0;
        while start < ROWS {
            let end = ROWS.min(start + 1 + random.below(20_000));
            writer.write(&all.slice(start..end).unwrap()).unwrap();
            start = end;
        }
        writer.finish().unwrap();
        let mut reader = TableReader::open(&path).unwrap().select(&["i", "v", "j"]).unwrap();
        // Forwards in blocks, then anywhere.
        let mut seen = 0;
        while let Some(block) = reader.next_block(33_333).unwrap() {
            assert_same(&block, &all.slice(seen..seen + block.rows()).unwrap(), ending);
            seen += block.rows();
        }
        assert_eq!(seen, ROWS);
        for _ in 0..8 {
            let start = random.below(ROWS);
            let end = start + random.below(ROWS - start).min(5000);
            let block = reader.read(start as u64..end as u64).unwrap();
            assert_same(&block, &all.slice(start..end).unwrap(), ending);
        }
    }
}

#[test]
fn columns_are_selected_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let block = Random(5).block(&all_kinds(true), 50);
    for ending in JAGGED {
        let path = folder.path().join(format!("t.{ending}"));
        write(&path, &block, &[]);
        let names = ["jagged_u16", "x_f64", "fixed_bool"];
        let read = TableReader::open(&path).unwrap().select(&names).unwrap().read(10..40).unwrap();
        assert_eq!(read.schema().names(), names);
        for name in names {
            assert_eq!(read.column(name).unwrap(), block.slice(10..40).unwrap().column(name).unwrap(), "{ending}");
        }
    }
}

#[test]
fn a_tree_states_the_counters_of_its_jagged_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.root");
    let jet = |name: &str| Column { counter: Some("nJet".to_string()), ..Column::jagged(name, Element::F32) };
    let columns =
        vec![jet("Jet_pt"), Column::scalar("nJet", Element::U32), jet("Jet_eta"), Column::jagged("w", Element::F64)];
    let pt = Data::jagged(&[vec![1f32, 2.0], vec![], vec![3.0]]);
    let w = Data::jagged(&[vec![0.5], vec![0.25], vec![]]);
    let data = vec![pt.clone(), Data::flat(vec![2u32, 0, 1]), pt, w];
    let block = Block::new(Arc::new(Schema::new(columns).unwrap()), 3, data).unwrap();
    write(&path, &block, &[]);
    let reader = TableReader::open(&path).unwrap();
    // The declared counter is shared, the column without one gets its own.
    assert_eq!(reader.schema().names(), ["nJet", "Jet_pt", "Jet_eta", "nw", "w"]);
    let counters: Vec<_> = reader.schema().columns().iter().map(|c| c.counter.as_deref()).collect();
    assert_eq!(counters, [None, Some("nJet"), Some("nJet"), None, Some("nw")]);
    assert_eq!(reader.table(), "Events");
    assert_same(&read_like(&path, &block), &block, "root");
}

#[test]
fn a_tree_keeps_its_name_and_a_second_copy_equals_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let block = Random(6).block(&all_kinds(true), 100);
    let paths = ["a.root", "b.root"].map(|name| folder.path().join(name));
    for path in &paths {
        let mut writer = TableWriter::create_table(path, "jets", (**block.schema()).clone(), &[]).unwrap();
        writer.write(&block).unwrap();
        writer.finish().unwrap();
    }
    assert_eq!(TableReader::tables(&paths[0]).unwrap(), ["jets"]);
    let [a, b] = paths.map(|path| std::fs::read(path).unwrap());
    // Only the name of the file, which it contains, tells them apart.
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(&b).filter(|(x, y)| x != y).count() <= 4);
}

#[test]
fn three_axes_are_read_as_one() {
    // Only HDF5 and npz know more axes; their own writers have two at most.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.hdf5");
    let mut file = tables::hdf5::Hdf5::create(&path, 1).unwrap();
    let set = file.dataset("x", Element::I16, None, &[2, 3], Vec::new());
    let numbers: Vec<u8> = (0..24i16).flat_map(i16::to_le_bytes).collect();
    file.append(set, &numbers).unwrap();
    file.finish(&[]).unwrap();
    let mut reader = TableReader::open(&path).unwrap();
    assert_eq!(reader.schema().columns()[0].shape, Shape::Fixed(6));
    assert!(reader.notes()[0].contains("3 axes"));
    assert_eq!(reader.read(1..2).unwrap().numbers::<i16>("x").unwrap(), [6, 7, 8, 9, 10, 11]);
}

#[test]
fn large_archives_are_valid_zip64() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.npz");
    // The same structure as beyond 4 GiB, without the gigabytes.
    let mut archive = tables::npz::Archive::create(&path, 5 << 30).unwrap();
    let index = archive.member("x", "<f4", &[2, 2], 4).unwrap();
    archive.append(index, &[1f32, 2.0, 3.0, 4.0].map(f32::to_le_bytes).concat()).unwrap();
    archive.finish().unwrap();
    let block = TableReader::open(&path).unwrap().read(0..2).unwrap();
    assert_eq!(block.numbers::<f32>("x").unwrap(), [1.0, 2.0, 3.0, 4.0]);
    let python = |code: &str| std::process::Command::new("python3").args(["-c", code]).arg(&path).output();
    if !python("import numpy").is_ok_and(|o| o.status.success()) {
        println!("skipped: python3 has no numpy");
        return;
    }
    let script = "import numpy, sys, zipfile\nassert zipfile.ZipFile(sys.argv[1]).testzip() is None\n\
                  assert numpy.load(sys.argv[1])['x'].tolist() == [[1, 2], [3, 4]]";
    let output = python(script).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_attribute_that_is_known_last_stands_behind_the_first_ones() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::new(vec![Column::scalar("x", Element::F32)]).unwrap();
    let block = Random(4).block(&schema, 3);
    for ending in JAGGED {
        let path = folder.path().join("t").with_extension(ending);
        let mut writer = TableWriter::create(&path, schema.clone(), &attributes()).unwrap();
        writer.write(&block).unwrap();
        writer.attribute("rejected", "17 events").unwrap();
        writer.finish().unwrap();
        let mut expected = attributes();
        expected.push(("rejected".to_string(), "17 events".to_string()));
        let mut found = TableReader::open(&path).unwrap().attributes().to_vec();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{ending}");
    }
    let path = folder.path().join("t.csv");
    let mut writer = TableWriter::create(&path, schema, &[]).unwrap();
    let message = writer.attribute("rejected", "17").unwrap_err().to_string();
    assert!(message.contains("t.csv") && message.contains("rejected") && message.contains("CSV"), "{message}");
}
