//! Inputs that break off: what was complete is kept under another name.

use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;

use cloudchamber::records::Reader;
use cloudchamber::tables::{Block, Column, Data, Element, Schema, TableReader, TableWriter};

use super::desk::{Desk, event, wave};

/// Events that can be read of a damaged file.
fn readable(desk: &Desk, name: &str) -> usize {
    Reader::open(desk.path(name)).unwrap().map_while(Result::ok).count()
}

#[test]
fn a_truncated_gzip_keeps_the_complete_events() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3.gz", 2000);
    let bytes = std::fs::read(desk.path("a.hepmc3.gz")).unwrap();
    desk.write("cut.hepmc3.gz", &bytes[..bytes.len() * 2 / 3]);
    let complete = readable(&desk, "cut.hepmc3.gz");
    assert!((500..1900).contains(&complete), "{complete}");
    let count = format!("{complete} events");
    for (out, kept) in [
        ("b.hepmc3.zst", "b.partial.hepmc3.zst"),
        ("b.lhe", "b.partial.lhe"),
        ("b.parquet", "b.partial.parquet"),
        ("b.root", "b.partial.root"),
    ] {
        desk.fails(&["cut.hepmc3.gz", out], 1, &["cut.hepmc3.gz", "line", "gzip", &count, kept]);
        assert!(!desk.path(out).exists());
        let back = format!("{out}.hepmc3");
        assert_eq!(desk.converts(&[kept, &back])["events"], complete as u64);
        let (_, events) = desk.events(&back);
        assert_eq!(events[complete - 1].weights, event(complete - 1).weights);
    }
    assert!(desk.names().iter().all(|name| !name.starts_with('.')), "{:?}", desk.names());
}

#[test]
fn a_broken_vertex_is_named_with_its_line_and_json_says_that_the_file_is_a_part() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 10);
    let text = std::fs::read_to_string(desk.path("a.hepmc3")).unwrap();
    let (at, _) = text.match_indices("V -2 3 ").nth(6).unwrap();
    desk.write("bad.hepmc3", format!("{}V -2 x {}", &text[..at], &text[at + 7..]));
    let line = text[..at].lines().count() + 1;
    desk.fails(&["bad.hepmc3", "b.hepmc3"], 1, &["event 106", &format!("line {line}"), "6 events", "b.partial.hepmc3"]);
    // A second attempt replaces nothing, and --force does.
    let output = desk.run(&["bad.hepmc3", "b.hepmc3", "--json"]);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &summary["complete"]), (Some(1), &serde_json::Value::Bool(false)));
    assert_eq!((summary["to"].as_str(), summary["events"].as_u64()), (Some("b.partial2.hepmc3"), Some(6)));
    desk.fails(&["bad.hepmc3", "b.hepmc3", "--force"], 1, &["b.partial.hepmc3"]);
    assert_eq!(desk.names(), ["a.hepmc3", "b.partial.hepmc3", "b.partial2.hepmc3", "bad.hepmc3"]);
}

#[test]
fn nothing_is_kept_of_a_file_that_is_broken_from_the_first_event_on() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 2);
    let text = std::fs::read_to_string(desk.path("a.hepmc3")).unwrap();
    desk.write("bad.hepmc3", text.replacen("P 1 ", "P one ", 1));
    for out in ["b.hepmc3", "b.lhe", "b.parquet"] {
        desk.fails(&["bad.hepmc3", out], 1, &["bad.hepmc3", "event 100", "\"one\""]);
    }
    assert_eq!(desk.names(), ["a.hepmc3", "bad.hepmc3"]);
}

#[test]
fn a_damaged_table_keeps_the_rows_before_the_damage() {
    let desk = Desk::new();
    let schema = Schema::new(vec![Column::jagged("x", Element::F64)]).unwrap();
    let rows: Vec<Vec<f64>> = (0..5000).map(|i| (0..3).map(|k| wave(i, k)).collect()).collect();
    let block = Block::new(Arc::new(schema.clone()), 5000, vec![Data::jagged(&rows)]).unwrap();
    let mut writer = TableWriter::create(desk.path("a.npz"), schema, &[]).unwrap();
    writer.write(&block).unwrap();
    writer.finish().unwrap();
    // Row 3000 begins at number 9000, or so the file says; without that, row 2999 has no end.
    let mut bytes = std::fs::read(desk.path("a.npz")).unwrap();
    let pair = [8997i64.to_le_bytes(), 9000i64.to_le_bytes()].concat();
    let at = bytes.windows(16).position(|w| w == pair).unwrap();
    bytes[at + 8..at + 16].copy_from_slice(&77_777i64.to_le_bytes());
    desk.write("bad.npz", bytes);
    desk.fails(&["bad.npz", "b.parquet"], 1, &["bad.npz", "\"x\"", "2999 rows", "b.partial.parquet"]);
    let mut reader = TableReader::open(desk.path("b.partial.parquet")).unwrap();
    assert_eq!(reader.rows(), 2999);
    assert_eq!(reader.read(0..2999).unwrap().data(), block.slice(0..2999).unwrap().data());
    assert!(!desk.path("b.parquet").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_conversion_leaves_no_file_and_status_130() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 400);
    let text = std::fs::read(desk.path("a.hepmc3")).unwrap();
    // A pipe holds the program in the middle of its work.
    let mut child =
        desk.command(&["/dev/stdin", "b.hepmc3"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&text[..text.len() / 2]).unwrap();
    let begun = || desk.names().iter().any(|name| name.starts_with(".b.hepmc3.partial"));
    for _ in 0..500 {
        if begun() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(begun());
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    // The program may have gone already.
    let _ = pipe.write_all(&text[text.len() / 2..]);
    drop(pipe);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(desk.names(), ["a.hepmc3"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_can_be_converted_but_not_into_lhe_which_needs_two_readings() {
    let desk = Desk::new();
    desk.sample_events("a.hepmc3", 20);
    let through = |out: &str| {
        let script = format!("cat a.hepmc3 | '{}' convert /dev/stdin {out} -q", env!("CARGO_BIN_EXE_chamber"));
        std::process::Command::new("sh").args(["-c", &script]).current_dir(desk.dir.path()).output().unwrap()
    };
    assert!(through("b.hepmc2").status.success());
    assert_eq!(desk.events("b.hepmc2").1.len(), 20);
    let output = through("b.lhe");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && error.contains("read twice"), "{error}");
}
