//! Rows of a CSV file: once through it for names, types and their number, then forward from row to row.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::infer::{Kind, Place, boolean, columns, number};
use super::lines::{Lines, fields};
use crate::reader::{Opened, Skipped, Source};
use crate::{Data, Error, Result, Schema, Values};

/// Opens a file, which is read once from end to end.
pub(crate) fn open(path: &Path, table: Option<&str>) -> Result<Opened> {
    if let Some(name) = table.filter(|name| !name.is_empty()) {
        let problem = format!("a CSV file has one table without a name, not \"{name}\"");
        return Err(Error::Table { path: path.to_path_buf(), problem, tables: Vec::new() });
    }
    let mut lines = Lines::open(path)?;
    let mut attributes = Vec::new();
    let header = loop {
        match lines.next()? {
            Some(line) if line.starts_with('#') => {
                let text = line.trim_start_matches('#').trim();
                attributes.extend(text.split_once(':').map(|(k, v)| (k.trim().to_string(), unescape(v.trim()))));
            }
            Some("") => {}
            Some(line) => break line.to_string(),
            None => return Err(Error::format("CSV", path, "it has no header line")),
        }
    };
    let separator = separator(&header);
    let mut names: Vec<String> = fields(&header, separator).map(str::to_string).collect();
    let mut notes = Vec::new();
    let mut kinds = vec![Kind::ANY; names.len()];
    let mut skip = lines.number;
    let mut rows = 0;
    if names.iter().all(|name| !name.is_empty() && number(name).is_some()) {
        notes.push(
            "the first line is numbers: it was taken as data, and the columns are called column0, column1, ...".into(),
        );
        kinds.iter_mut().zip(&names).for_each(|(kind, name)| kind.see(name));
        names = (0..names.len()).map(|k| format!("column{k}")).collect();
        skip -= 1;
        rows = 1;
    }
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            continue;
        }
        let mut count = 0;
        for field in fields(line, separator) {
            if let Some(kind) = kinds.get_mut(count) {
                kind.see(field);
            }
            count += 1;
        }
        if count != names.len() {
            let (line, n) = (lines.number, names.len());
            return Err(Error::format("CSV", path, format!("line {line} has {count} fields, the header has {n}")));
        }
        rows += 1;
    }
    let described: Vec<_> = names.iter().cloned().zip(kinds.iter().map(|k| k.element())).collect();
    let skipped = described.iter().filter(|(_, element)| element.is_none());
    let skipped = skipped.map(|(name, _)| Skipped { name: name.clone(), kind: "text".to_string() }).collect();
    let places = columns(&described);
    let schema = Schema::new(places.iter().map(|p| p.column.clone()).collect())?;
    let start = Position { path: path.to_path_buf(), skip, lines: None, row: 0 };
    let source = Box::new(Rows { position: start, separator, places, fields: names.len() });
    Ok(Opened { table: String::new(), schema, rows, attributes, skipped, notes, source })
}

/// Undoes what keeps an attribute on one line.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, characters.clone().next()) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('\\')) => out.push('\\'),
            _ => {
                out.push(c);
                continue;
            }
        }
        characters.next();
    }
    out
}

/// The separator that the header has most of.
fn separator(header: &str) -> char {
    [',', ';', '\t'].into_iter().rev().max_by_key(|&s| header.matches(s).count()).unwrap_or(',')
}

/// A place in the file, kept between reads.
struct Position {
    path: PathBuf,
    /// Lines before the first row.
    skip: u64,
    lines: Option<Lines>,
    row: u64,
}

impl Position {
    /// The lines from this row on; back to the beginning if it lies behind.
    fn seek(&mut self, row: u64) -> Result<&mut Lines> {
        let mut lines = match self.lines.take() {
            Some(lines) if self.row <= row => lines,
            _ => {
                self.row = 0;
                let mut lines = Lines::open(&self.path)?;
                while lines.number < self.skip {
                    lines.next()?;
                }
                lines
            }
        };
        while self.row < row {
            match lines.next()? {
                Some("") => {}
                Some(_) => self.row += 1,
                None => return Err(Error::format("CSV", &self.path, "it became shorter while it was read")),
            }
        }
        Ok(self.lines.insert(lines))
    }
}

struct Rows {
    position: Position,
    separator: char,
    places: Vec<Place>,
    fields: usize,
}

impl Source for Rows {
    fn read(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>> {
        // For each field, the output that wants it.
        let mut wanted = vec![None; self.fields];
        let mut values = Vec::new();
        for (out, &place) in columns.iter().enumerate() {
            let Place { column, first } = &self.places[place];
            let width = column.width().unwrap_or(1);
            wanted[*first..first + width].fill(Some(out));
            values.push(Values::empty(column.element));
        }
        let path = self.position.path.clone();
        let lines = self.position.seek(rows.start)?;
        let mut row = rows.start;
        while row < rows.end {
            let line = match lines.next()? {
                Some("") => continue,
                Some(line) => line,
                None => return Err(Error::format("CSV", &path, "it became shorter while it was read")),
            };
            for (place, field) in fields(line, self.separator).enumerate() {
                let Some(Some(out)) = wanted.get(place) else { continue };
                let fits = match &mut values[*out] {
                    Values::F64(v) => number(field).map(|x| v.push(x)),
                    Values::I64(v) => field.parse().ok().map(|x| v.push(x)),
                    Values::U64(v) => field.parse().ok().map(|x| v.push(x)),
                    Values::Bool(v) => boolean(field).map(|x| v.push(x)),
                    _ => None,
                };
                if fits.is_none() {
                    let name = &self.places[columns[*out]].column.name;
                    return Err(Error::value(&path, name, row, format!("\"{field}\" is no number of its type")));
                }
            }
            row += 1;
        }
        self.position.row = rows.end;
        Ok(values.into_iter().map(|values| Data { values, offsets: None }).collect())
    }
}
