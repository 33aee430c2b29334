//! Rows of the arrays of an archive.

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::ATTRIBUTES;
use super::npy::Npy;
use super::zip::{Stream, members};
use crate::arrays::{Array, Lane, arrange, check_offsets, relative, span, width};
use crate::reader::{Opened, Skipped, Source};
use crate::{Data, Error, Result, Schema, Values};

/// Bytes that are read at once, whatever number of them a header promises.
const STEP: u64 = 1 << 20;

struct Open {
    array: Array,
    stream: Stream,
    big: bool,
    /// Bytes of the array's header.
    header: u64,
}

struct Arrays {
    path: PathBuf,
    sets: Vec<Open>,
    lanes: Vec<Lane>,
}

/// Opens an archive.
pub(crate) fn open(path: &Path, table: Option<&str>) -> Result<Opened> {
    if let Some(name) = table.filter(|name| !name.is_empty()) {
        let problem = format!("an npz file has one table without a name, not \"{name}\"");
        return Err(Error::Table { path: path.to_path_buf(), problem, tables: Vec::new() });
    }
    let mut skipped = Vec::new();
    let mut attributes = Vec::new();
    let mut sets = Vec::new();
    for member in members(path)? {
        let Some(name) = member.name.strip_suffix(".npy").map(str::to_string) else {
            skipped.push(Skipped { name: member.name, kind: "file that is no array".to_string() });
            continue;
        };
        let mut stream = Stream::new(member);
        let reader = stream.seek(path, 0)?;
        let npy = Npy::read(reader).map_err(|e| Error::format("npz", path, format!("\"{name}\": {e}")))?;
        if name == ATTRIBUTES && npy.descr.starts_with("<U") && npy.shape.is_empty() {
            attributes = text(reader).unwrap_or_default();
            continue;
        }
        stream.advance(npy.length);
        let mut skip = |kind: String| skipped.push(Skipped { name: name.clone(), kind });
        let Some((element, big)) = npy.element() else {
            skip(format!("NumPy type {}", npy.descr));
            continue;
        };
        let Some(&rows) = npy.shape.first() else {
            skip("single number".to_string());
            continue;
        };
        let Some(width) = width(&npy.shape) else {
            skip(format!("array of shape {:?}", npy.shape));
            continue;
        };
        if npy.fortran && npy.shape.len() > 1 {
            skip("array in Fortran order".to_string());
            continue;
        }
        let array = Array { name: name.clone(), element, rows, width, rank: npy.shape.len() };
        sets.push(Open { array, stream, big, header: npy.length });
    }
    let arrays: Vec<Array> = sets.iter().map(|s| s.array.clone()).collect();
    let arranged = arrange(&arrays);
    skipped.extend(arranged.skipped);
    let schema = Schema::new(arranged.lanes.iter().map(|lane| lane.column.clone()).collect())?;
    let source = Box::new(Arrays { path: path.to_path_buf(), sets, lanes: arranged.lanes });
    let table = String::new();
    Ok(Opened { table, schema, rows: arranged.rows, attributes, skipped, notes: arranged.notes, source })
}

/// Attributes from the JSON text that a reader stands at, four bytes per character.
fn text(reader: &mut dyn std::io::Read) -> Option<Vec<(String, String)>> {
    let mut bytes = Vec::new();
    std::io::Read::take(reader, 1 << 26).read_to_end(&mut bytes).ok()?;
    let text: Option<String> = bytes.as_chunks().0.iter().map(|b| char::from_u32(u32::from_le_bytes(*b))).collect();
    let value: serde_json::Value = serde_json::from_str(text?.trim_end_matches('\0')).ok()?;
    Some(value.as_object()?.iter().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect())
}

impl Arrays {
    fn values(&mut self, set: usize, rows: Range<u64>) -> Result<Values> {
        let Open { array, stream, big, header } = &mut self.sets[set];
        let size = (array.width * array.element.size()) as u64;
        let (first, length) = (rows.start.saturating_mul(size), (rows.end - rows.start).saturating_mul(size));
        let short = |e: String| Error::format("npz", &self.path, format!("\"{}\", rows {rows:?}: {e}", array.name));
        let reader = stream.seek(&self.path, first.saturating_add(*header))?;
        let mut values = Values::empty(array.element);
        let mut bytes = Vec::new();
        let mut left = length;
        // STEP is a multiple of every element's size.
        while left > 0 {
            bytes.clear();
            let step = left.min(STEP);
            std::io::Read::take(&mut *reader, step).read_to_end(&mut bytes).map_err(|e| short(e.to_string()))?;
            if bytes.len() as u64 != step {
                return Err(short(format!("{left} bytes are missing; copy or download the file again")));
            }
            if *big {
                values.push_be(&bytes)
            } else {
                values.push_le(&bytes)
            }
            left -= step;
        }
        stream.advance(length);
        Ok(values)
    }
}

impl Source for Arrays {
    fn read(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>> {
        let mut all = Vec::with_capacity(columns.len());
        for &place in columns {
            let Lane { column, values, offsets } = &self.lanes[place];
            let (name, values) = (column.name.clone(), *values);
            all.push(match *offsets {
                Some(offsets) => {
                    let ends = self.values(offsets, rows.start..rows.end + 1)?;
                    let ends = check_offsets(&self.path, &name, rows.start, &ends, self.sets[values].array.rows)?;
                    Data { values: self.values(values, span(&ends))?, offsets: Some(relative(&ends)) }
                }
                None => Data { values: self.values(values, rows.clone())?, offsets: None },
            });
        }
        Ok(all)
    }
}
