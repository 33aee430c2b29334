//! Writing CSV: attributes as comments, the names, one line per row.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::writer::{Sink, Start};
use crate::{AtomicFile, Block, Error, Result, Shape};

/// Starts a file, gzipped or plain.
pub(crate) fn create(start: Start, gzip: bool) -> Result<Box<dyn Sink>> {
    if let Some(column) = start.schema.columns().iter().find(|c| c.shape == Shape::Jagged) {
        let problem = "has rows of different lengths, which CSV cannot hold; write .parquet, .root, .hdf5 or .npz, or leave it out";
        return Err(Error::column(&start.path, &column.name, problem));
    }
    let file = AtomicFile::create(&start.path)?;
    let out = if gzip { Out::Gzip(GzEncoder::new(file, Compression::new(1))) } else { Out::Plain(file) };
    let mut text = String::new();
    for (name, value) in &start.attributes {
        let value = value.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(text, "# {}: {value}", name.replace([':', '\n'], "_"));
    }
    let mut names = Vec::new();
    for column in start.schema.columns() {
        match column.shape {
            Shape::Fixed(n) => names.extend((0..n).map(|k| quoted(&format!("{}[{k}]", column.name)))),
            _ => names.push(quoted(&column.name)),
        }
    }
    text += &names.join(",");
    text.push('\n');
    let mut sink = CsvWriter { out, path: start.path };
    sink.put(&text)?;
    Ok(Box::new(sink))
}

fn quoted(name: &str) -> String {
    if name.contains([',', ';', '\t', ' ']) { format!("\"{}\"", name.replace('"', "'")) } else { name.to_string() }
}

enum Out {
    Plain(AtomicFile),
    Gzip(GzEncoder<AtomicFile>),
}

struct CsvWriter {
    out: Out,
    path: PathBuf,
}

impl CsvWriter {
    fn put(&mut self, text: &str) -> Result<()> {
        let result = match &mut self.out {
            Out::Plain(file) => file.write_all(text.as_bytes()),
            Out::Gzip(file) => file.write_all(text.as_bytes()),
        };
        result.map_err(|e| Error::io("write", &self.path, e))
    }
}

impl Sink for CsvWriter {
    fn write(&mut self, block: &Block) -> Result<()> {
        let mut text = String::new();
        for row in 0..block.rows() {
            let mut separator = "";
            for (place, data) in block.data().iter().enumerate() {
                for index in block.place(place, row) {
                    text.push_str(separator);
                    separator = ",";
                    data.values.push_text(index, &mut text);
                }
            }
            text.push('\n');
            if text.len() > 1 << 16 {
                self.put(&text)?;
                text.clear();
            }
        }
        self.put(&text)
    }

    fn attribute(&mut self, name: &str, _: &str) -> Result<()> {
        Err(Error::Attribute { path: self.path.clone(), name: name.to_string() })
    }

    fn close(self: Box<Self>) -> Result<AtomicFile> {
        match self.out {
            Out::Plain(file) => Ok(file),
            Out::Gzip(file) => file.finish().map_err(|e| Error::io("write", &self.path, e)),
        }
    }
}
