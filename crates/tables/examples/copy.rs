//! Copies a table from one file to another, in any of the formats: `cargo run -p tables --example copy -- IN OUT [TABLE]`.

use std::time::Instant;

use tables::{TableReader, TableWriter};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [from, to] => copy(from, to, None),
        [from, to, table] => copy(from, to, Some(table)),
        _ => {
            eprintln!("usage: copy IN OUT [TABLE]");
            std::process::exit(2);
        }
    };
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn copy(from: &str, to: &str, table: Option<&String>) -> tables::Result<()> {
    let start = Instant::now();
    let mut reader = match table {
        Some(table) => TableReader::open_table(from, table)?,
        None => TableReader::open(from)?,
    };
    for note in reader.notes() {
        eprintln!("note: {note}");
    }
    for skipped in reader.skipped() {
        eprintln!("left out: {} ({})", skipped.name, skipped.kind);
    }
    let schema = (**reader.schema()).clone();
    let name = reader.table().to_string();
    let mut writer = TableWriter::create_table(to, name.trim_matches('/'), schema, reader.attributes())?;
    let mut bytes = 0;
    while let Some(block) = reader.next_block(1 << 14)? {
        bytes += block.data().iter().map(|d| d.values.len() * d.values.element().size()).sum::<usize>();
        writer.write(&block)?;
    }
    let rows = writer.rows();
    writer.finish()?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{rows} rows, {:.1} MB of numbers, {:.1} MB/s", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds);
    Ok(())
}
