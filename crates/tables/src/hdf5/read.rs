//! Rows of an HDF5 group.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5_pure::{AttrValue, ChunkCacheConfig, DType, Dataset, File, FileAccessProperties, Group};

use super::pandas;
use crate::arrays::{self, Array, arrange, check_offsets, relative, span, width};
use crate::reader::{Opened, Skipped, Source};
use crate::{Column, Data, Element, Error, Result, Schema, Values};

/// Decompressed chunks kept between reads, so that neighbouring ranges of rows need not unpack the same chunk again.
const CACHE: usize = 32 << 20;
/// Groups within groups that are followed.
const DEPTH: usize = 8;

fn damaged(path: &Path, error: impl std::fmt::Display) -> Error {
    let advice = "either it is damaged, or it uses a rare feature: save it again with the default settings of h5py";
    Error::format("HDF5", path, format!("{error}; {advice}"))
}

fn start(path: &Path) -> Result<File> {
    let length = std::fs::metadata(path).map_err(|e| Error::io("open", path, e))?.len();
    let options = FileAccessProperties::new().with_chunk_cache(ChunkCacheConfig::from_h5p_cache(1009, CACHE));
    let file = File::open_streaming_with_options(path, options).map_err(|e| damaged(path, e))?;
    // The last bytes may belong to a dataset that nobody asks for; what was cut off elsewhere is not to be trusted either.
    let stated = file.superblock().eof_address;
    if stated > length {
        let problem = format!("it has {length} bytes of {stated}; copy or download it again");
        return Err(Error::format("HDF5", path, problem));
    }
    Ok(file)
}

/// Names of the groups with datasets.
pub(crate) fn tables(path: &Path) -> Result<Vec<String>> {
    let file = start(path)?;
    let mut names = Vec::new();
    collect(path, &file.root(), "", 0, &mut names)?;
    Ok(names)
}

fn collect(path: &Path, group: &Group, name: &str, depth: usize, names: &mut Vec<String>) -> Result<()> {
    if !group.datasets().map_err(|e| damaged(path, e))?.is_empty() {
        names.push(if name.is_empty() { "/".to_string() } else { name.to_string() });
    }
    if depth < DEPTH {
        for inner in group.groups().map_err(|e| damaged(path, e))? {
            let below = group.group(&inner).map_err(|e| damaged(path, e))?;
            let inner = if name.is_empty() { inner } else { format!("{name}/{inner}") };
            collect(path, &below, &inner, depth + 1, names)?;
        }
    }
    Ok(())
}

/// Opens the datasets of a group as a table.
pub(crate) fn open(path: &Path, table: Option<&str>) -> Result<Opened> {
    let file = start(path)?;
    let mut names = Vec::new();
    collect(path, &file.root(), "", 0, &mut names)?;
    let wanted = table.map(|t| t.trim_matches('/'));
    let chosen = match wanted {
        Some("") => Some("/".to_string()).filter(|root| names.contains(root)),
        Some(name) => names.iter().find(|n| *n == name).cloned(),
        None if names.len() == 1 => Some(names[0].clone()),
        None => None,
    };
    let Some(name) = chosen else {
        let problem = match table {
            Some(name) => format!("it has no group \"{name}\" with datasets"),
            None if names.is_empty() => "it has no datasets".to_string(),
            None => format!("it has {} groups with datasets and one must be chosen", names.len()),
        };
        return Err(Error::Table { path: path.to_path_buf(), problem, tables: names });
    };
    let group = if name == "/" { Ok(file.root()) } else { file.group(&name) };
    let group = group.map_err(|e| damaged(path, e))?;
    let attributes = attributes(&file.root(), path)?;
    let sets = group.datasets().map_err(|e| damaged(path, e))?;
    let mut table = Table { path: path.to_path_buf(), sets: Vec::new(), lanes: Vec::new() };
    let mut skipped = Vec::new();
    let mut notes = Vec::new();
    let frames = pandas::frames(&group, &sets, &mut skipped).map_err(|e| damaged(path, e))?;
    let rows = match frames {
        Some(frames) => table.frame(&group, frames, &mut skipped)?,
        None => table.datasets(&group, &sets, &mut skipped, &mut notes)?,
    };
    let schema = Schema::new(table.lanes.iter().map(|lane| lane.column.clone()).collect())?;
    Ok(Opened { table: name, schema, rows, attributes, skipped, notes, source: Box::new(table) })
}

fn attributes(root: &Group, path: &Path) -> Result<Vec<(String, String)>> {
    let text = |(name, value)| match value {
        AttrValue::String(text) | AttrValue::AsciiString(text) => Some((name, text)),
        AttrValue::VarLenString(text) | AttrValue::VarLenAsciiString(text) => Some((name, text)),
        AttrValue::StringSized { value, .. } | AttrValue::AsciiStringSized { value, .. } => Some((name, value)),
        _ => None,
    };
    let mut found: Vec<_> = root.attrs().map_err(|e| damaged(path, e))?.into_iter().filter_map(text).collect();
    // PyTables describes itself, not the data.
    found.retain(|(name, _)| !matches!(name.as_str(), "CLASS" | "TITLE" | "VERSION" | "PYTABLES_FORMAT_VERSION"));
    found.sort();
    Ok(found)
}

/// A column and the dataset that it lies in.
struct Lane {
    column: Column,
    set: usize,
    /// Its place in a row of a pandas block.
    place: Option<usize>,
    /// The dataset of its offsets.
    offsets: Option<usize>,
}

struct Table {
    path: PathBuf,
    sets: Vec<(Array, Dataset)>,
    lanes: Vec<Lane>,
}

/// A dataset of numbers, or the name of its type.
fn number_set(path: &Path, group: &Group, name: &str) -> Result<std::result::Result<(Array, Dataset), String>> {
    let failed = |e| damaged(path, e);
    let set = group.dataset(name).map_err(failed)?;
    let element = match set.dtype().map_err(failed)? {
        DType::F32 => Element::F32,
        DType::F64 => Element::F64,
        DType::I8 => Element::I8,
        DType::I16 => Element::I16,
        DType::I32 => Element::I32,
        DType::I64 => Element::I64,
        DType::U8 => Element::U8,
        DType::U16 => Element::U16,
        DType::U32 => Element::U32,
        DType::U64 => Element::U64,
        DType::Enum(names) if names == ["FALSE", "TRUE"] && set.element_size().map_err(failed)? == 1 => Element::Bool,
        kind => return Ok(Err(kind.to_string())),
    };
    let shape = set.shape().map_err(failed)?;
    let Some(&rows) = shape.first() else { return Ok(Err("single number".to_string())) };
    let Some(width) = width(&shape) else { return Ok(Err(format!("array of shape {shape:?}"))) };
    Ok(Ok((Array { name: name.to_string(), element, rows, width, rank: shape.len() }, set)))
}

impl Table {
    /// Takes the blocks of a pandas frame for the columns; returns the number of rows.
    fn frame(&mut self, group: &Group, frames: Vec<pandas::Frame>, skipped: &mut Vec<Skipped>) -> Result<u64> {
        let mut rows = None;
        for frame in frames {
            let set = match number_set(&self.path, group, &frame.values)? {
                Ok(set) => set,
                Err(kind) => {
                    skipped.extend(frame.names.into_iter().map(|name| Skipped { name, kind: kind.clone() }));
                    continue;
                }
            };
            let array = &set.0;
            if array.width != frame.names.len() || rows.is_some_and(|rows| rows != array.rows) {
                let problem = format!(
                    "the pandas block \"{}\" has {} rows of {} numbers for {} names",
                    frame.values,
                    array.rows,
                    array.width,
                    frame.names.len()
                );
                return Err(damaged(&self.path, problem));
            }
            rows = Some(array.rows);
            for (place, name) in frame.names.iter().enumerate() {
                let column = Column::scalar(name, array.element);
                self.lanes.push(Lane { column, set: self.sets.len(), place: Some(place), offsets: None });
            }
            self.sets.push(set);
        }
        Ok(rows.unwrap_or(0))
    }

    /// Takes each dataset for a column; returns the number of rows.
    fn datasets(
        &mut self,
        group: &Group,
        names: &[String],
        skipped: &mut Vec<Skipped>,
        notes: &mut Vec<String>,
    ) -> Result<u64> {
        for name in names {
            match number_set(&self.path, group, name)? {
                Ok(set) => self.sets.push(set),
                Err(kind) => skipped.push(Skipped { name: name.clone(), kind }),
            }
        }
        let arrays: Vec<Array> = self.sets.iter().map(|(array, _)| array.clone()).collect();
        let arranged = arrange(&arrays);
        skipped.extend(arranged.skipped);
        notes.extend(arranged.notes);
        let lane = |lane: arrays::Lane| {
            let arrays::Lane { column, values, offsets } = lane;
            Lane { column, set: values, place: None, offsets }
        };
        self.lanes = arranged.lanes.into_iter().map(lane).collect();
        Ok(arranged.rows)
    }

    fn values(&self, set: usize, rows: Range<u64>) -> Result<Values> {
        let (Array { name, element, width, .. }, set) = &self.sets[set];
        let (first, n) = (rows.start, rows.end - rows.start);
        let values = match element {
            Element::F32 => set.read_f32_rows(first, n).map(Values::F32),
            Element::F64 => set.read_f64_rows(first, n).map(Values::F64),
            Element::I8 => set.read_i8_rows(first, n).map(Values::I8),
            Element::I16 => set.read_i16_rows(first, n).map(Values::I16),
            Element::I32 => set.read_i32_rows(first, n).map(Values::I32),
            Element::I64 => set.read_i64_rows(first, n).map(Values::I64),
            Element::U8 => set.read_u8_rows(first, n).map(Values::U8),
            Element::U16 => set.read_u16_rows(first, n).map(Values::U16),
            Element::U32 => set.read_u32_rows(first, n).map(Values::U32),
            Element::U64 => set.read_u64_rows(first, n).map(Values::U64),
            Element::Bool => set.read_raw_rows(first, n).map(|b| Values::Bool(b.into_iter().map(|b| b != 0).collect())),
        };
        let values = values.map_err(|e| damaged(&self.path, format!("dataset \"{name}\", rows {rows:?}: {e}")))?;
        if values.len() as u64 != n * *width as u64 {
            let problem = format!("dataset \"{name}\" gave {} numbers for {n} rows of {width}", values.len());
            return Err(damaged(&self.path, problem));
        }
        Ok(values)
    }
}

impl Source for Table {
    fn read(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>> {
        let mut all = Vec::with_capacity(columns.len());
        // A pandas block is read once for all of its columns.
        let mut blocks: HashMap<usize, Values> = HashMap::new();
        for &place in columns {
            let lane = &self.lanes[place];
            all.push(match (lane.place, lane.offsets) {
                (Some(place), _) => {
                    let block = match blocks.entry(lane.set) {
                        Entry::Occupied(read) => read.into_mut(),
                        Entry::Vacant(new) => new.insert(self.values(lane.set, rows.clone())?),
                    };
                    Data { values: block.strided(place, self.sets[lane.set].0.width), offsets: None }
                }
                (None, Some(offsets)) => {
                    let ends = self.values(offsets, rows.start..rows.end + 1)?;
                    let total = self.sets[lane.set].0.rows;
                    let ends = check_offsets(&self.path, &lane.column.name, rows.start, &ends, total)?;
                    Data { values: self.values(lane.set, span(&ends))?, offsets: Some(relative(&ends)) }
                }
                (None, None) => Data { values: self.values(lane.set, rows.clone())?, offsets: None },
            });
        }
        Ok(all)
    }
}
