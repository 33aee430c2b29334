//! Rows of a Parquet file: one decoder per column, which goes forward through the row groups.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ::parquet::column::reader::ColumnReader;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};

use super::FIXED;
use super::columns::{column, leaves};
use super::levels::{Meaning, Step};
use super::text::{TextLane, is_text};
use crate::reader::{Opened, Skipped, Source};
use crate::{Column, Data, Element, Error, Result, Schema, Shape, Values};

/// Rows that are decoded at once.
const STEP: usize = 1 << 16;

/// Runs the decoder, which takes some of what a file says for granted and panics otherwise (version 60.1, on damaged files);
/// that becomes an error here.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| t.to_string())).unwrap_or_default();
        Err(Error::format("Parquet", path, format!("{text}; it is damaged, copy or download it again")))
    })
}

/// Opens a file; `table` must be nothing or empty, as the format has one table.
pub(crate) fn open(path: &Path, table: Option<&str>) -> Result<Opened> {
    if let Some(name) = table.filter(|name| !name.is_empty()) {
        let problem = format!("a Parquet file has one table without a name, not \"{name}\"");
        return Err(Error::Table { path: path.to_path_buf(), problem, tables: Vec::new() });
    }
    let file = File::open(path).map_err(|e| Error::io("open", path, e))?;
    let reader = guarded(path, || SerializedFileReader::new(file).map_err(|e| damaged(path, &e)))?;
    let metadata = reader.metadata().clone();
    // The decoder takes these for granted and panics otherwise.
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let mut numbers = vec![column.data_page_offset(), column.compressed_size(), column.num_values()];
        numbers.extend(column.dictionary_page_offset());
        if let Some(number) = numbers.into_iter().find(|&n| n < 0) {
            let problem = format!("column \"{}\" has a place or size of {number}", column.column_path());
            return Err(Error::format("Parquet", path, problem));
        }
    }
    let mut attributes = Vec::new();
    let mut fixed: HashMap<String, usize> = HashMap::new();
    for entry in metadata.file_metadata().key_value_metadata().into_iter().flatten() {
        let text = entry.value.clone().unwrap_or_default();
        match entry.key.as_str() {
            FIXED => {
                let lengths: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                let lengths = lengths.as_object().into_iter().flatten();
                fixed.extend(lengths.filter_map(|(k, v)| Some((k.clone(), v.as_u64()? as usize))));
            }
            // Arrow's own description of the same columns, as base64.
            "ARROW:schema" => {}
            key => attributes.push((key.to_string(), text)),
        }
    }
    let mut lanes = Vec::new();
    let (mut skipped, mut texts) = (Vec::new(), Vec::new());
    let mut leaf = 0;
    for field in metadata.file_metadata().schema().get_fields() {
        match column(field) {
            Ok((mut column, meaning)) => {
                if let (Some(&n), Shape::Jagged) = (fixed.get(&column.name).filter(|&&n| n > 0), column.shape) {
                    column.shape = Shape::Fixed(n);
                }
                lanes.push(Lane { column, meaning, leaf, reader: None, group: 0, at: 0 });
            }
            Err(kind) => {
                if is_text(field) {
                    texts.push(TextLane::new(field, leaf));
                }
                skipped.push(Skipped { name: field.name().to_string(), kind });
            }
        }
        leaf += leaves(field);
    }
    let mut starts = vec![0];
    for group in metadata.row_groups() {
        let rows = u64::try_from(group.num_rows()).ok().and_then(|n| n.checked_add(starts[starts.len() - 1]));
        let problem = || Error::format("Parquet", path, format!("a row group has {} rows", group.num_rows()));
        starts.push(rows.ok_or_else(problem)?);
    }
    let rows = starts[starts.len() - 1];
    let schema = Schema::new(lanes.iter().map(|lane| lane.column.clone()).collect())?;
    let source = Box::new(Groups { path: path.to_path_buf(), reader, starts, lanes, texts });
    Ok(Opened { table: String::new(), schema, rows, attributes, skipped, notes: Vec::new(), source })
}

fn damaged(path: &Path, error: &ParquetError) -> Error {
    Error::format("Parquet", path, error.to_string())
}

/// A column and how far its decoder has come.
struct Lane {
    column: Column,
    meaning: Meaning,
    leaf: usize,
    reader: Option<ColumnReader>,
    group: usize,
    /// Rows of the group that were decoded.
    at: u64,
}

struct Groups {
    path: PathBuf,
    reader: SerializedFileReader<File>,
    /// First row of each group, and the number of all.
    starts: Vec<u64>,
    lanes: Vec<Lane>,
    texts: Vec<TextLane>,
}

impl Source for Groups {
    fn read(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>> {
        let path = self.path.clone();
        let all = guarded(&path, || self.decode(columns, rows));
        if all.is_err() {
            // Decoders in an unknown state begin again.
            self.lanes.iter_mut().for_each(|lane| lane.reader = None);
        }
        all
    }

    fn text(&mut self, column: &str, rows: Range<u64>) -> Result<Option<Vec<String>>> {
        let path = self.path.clone();
        let Some(place) = self.texts.iter().position(|lane| lane.name == column) else { return Ok(None) };
        let all = guarded(&path, || self.decode_text(place, rows));
        if all.is_err() {
            self.texts[place].reset();
        }
        all.map(Some)
    }
}

impl Groups {
    fn decode_text(&mut self, place: usize, rows: Range<u64>) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        let mut next = rows.start;
        while next < rows.end {
            let group = self.starts.partition_point(|&start| start <= next).saturating_sub(1);
            let end = self.starts[group + 1].min(rows.end);
            let (first, count) = (next - self.starts[group], (end - next) as usize);
            let read = self.texts[place].read(&self.reader, group, first, count, &mut texts);
            read.map_err(|e| damaged(&self.path, &e))?;
            next = end;
        }
        Ok(texts)
    }

    fn decode(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>> {
        let mut all = Vec::with_capacity(columns.len());
        for &place in columns {
            let lane = &mut self.lanes[place];
            let mut data = Data { values: Values::empty(lane.column.element), offsets: Some(vec![0]) };
            let mut next = rows.start;
            while next < rows.end {
                let group = self.starts.partition_point(|&start| start <= next).saturating_sub(1);
                let end = self.starts[group + 1].min(rows.end);
                lane.seek(&self.reader, group, next - self.starts[group]).map_err(|e| damaged(&self.path, &e))?;
                while next < end {
                    let n = lane.decode((end - next).min(STEP as u64) as usize, &mut data);
                    let n = n.map_err(|e| e.at(&self.path, &lane.column.name, next))?;
                    next += n as u64;
                }
            }
            all.push(lane.shaped(data, &self.path, rows.start)?);
        }
        Ok(all)
    }
}

/// What went wrong in a step.
enum Failure {
    Parquet(ParquetError),
    /// In a row, counted from the first of the step.
    Row(usize, String),
}

impl Failure {
    fn at(self, path: &Path, column: &str, first: u64) -> Error {
        match self {
            Failure::Parquet(e) => damaged(path, &e),
            Failure::Row(row, problem) => Error::value(path, column, first + row as u64, problem),
        }
    }
}

impl Lane {
    /// Moves the decoder to a row of a group: forward if it can, else from the group's beginning.
    fn seek(
        &mut self,
        file: &SerializedFileReader<File>,
        group: usize,
        row: u64,
    ) -> std::result::Result<(), ParquetError> {
        if self.reader.is_none() || self.group != group || self.at > row {
            self.reader = Some(file.get_row_group(group)?.get_column_reader(self.leaf)?);
            (self.group, self.at) = (group, 0);
        }
        let skip = (row - self.at) as usize;
        let skipped = match &mut self.reader {
            Some(ColumnReader::BoolColumnReader(r)) => r.skip_records(skip)?,
            Some(ColumnReader::Int32ColumnReader(r)) => r.skip_records(skip)?,
            Some(ColumnReader::Int64ColumnReader(r)) => r.skip_records(skip)?,
            Some(ColumnReader::FloatColumnReader(r)) => r.skip_records(skip)?,
            Some(ColumnReader::DoubleColumnReader(r)) => r.skip_records(skip)?,
            _ => 0,
        };
        self.at += skipped as u64;
        if skipped == skip { Ok(()) } else { Err(ParquetError::General(format!("row group {group} ends early"))) }
    }

    /// Decodes at most `most` rows and appends them, all of them as lists; returns how many came.
    fn decode(&mut self, most: usize, data: &mut Data) -> std::result::Result<usize, Failure> {
        let (mut definitions, mut repetitions) = (Vec::new(), Vec::new());
        let (def, rep) = (Some(&mut definitions), Some(&mut repetitions));
        let element = self.column.element;
        macro_rules! read {
            ($reader:expr, $wrap:expr) => {{
                let mut values = Vec::new();
                let (rows, _, _) = $reader.read_records(most, def, rep, &mut values).map_err(Failure::Parquet)?;
                (rows, $wrap(values))
            }};
        }
        let (rows, values) = match &mut self.reader {
            Some(ColumnReader::BoolColumnReader(r)) => read!(r, Values::Bool),
            Some(ColumnReader::Int32ColumnReader(r)) => read!(r, |v| narrow(v, element)),
            Some(ColumnReader::Int64ColumnReader(r)) => read!(r, |v: Vec<i64>| match element {
                Element::U64 => Values::U64(v.into_iter().map(|x| x as u64).collect()),
                _ => Values::I64(v),
            }),
            Some(ColumnReader::FloatColumnReader(r)) => read!(r, Values::F32),
            Some(ColumnReader::DoubleColumnReader(r)) => read!(r, Values::F64),
            _ => (0, Values::empty(element)),
        };
        if rows == 0 {
            return Err(Failure::Parquet(ParquetError::General("a row group ends early".to_string())));
        }
        self.at += rows as u64;
        self.append(rows, &values, &definitions, &repetitions, data)?;
        Ok(rows)
    }

    fn append(
        &self,
        rows: usize,
        values: &Values,
        definitions: &[i16],
        repetitions: &[i16],
        data: &mut Data,
    ) -> std::result::Result<(), Failure> {
        let Some(offsets) = &mut data.offsets else { return Ok(()) };
        if self.meaning.number == 0 {
            data.values.extend(values, 0..values.len());
            let end = offsets[offsets.len() - 1];
            offsets.extend((1..=rows).map(|k| end + k));
            return Ok(());
        }
        // Numbers are copied in runs, which nulls end.
        let mut run = 0..0;
        let mut length = data.values.len();
        let mut row = 0;
        for (k, &definition) in definitions.iter().enumerate() {
            if k > 0 && repetitions.get(k).is_none_or(|&r| r == 0) {
                offsets.push(length);
                row += 1;
            }
            match self.meaning.step(definition) {
                Step::Number => run.end += 1,
                Step::Empty => continue,
                Step::Null => {
                    data.values.extend(values, run.clone());
                    run.start = run.end;
                    match &mut data.values {
                        Values::F32(v) => v.push(f32::NAN),
                        Values::F64(v) => v.push(f64::NAN),
                        _ => {
                            return Err(Failure::Row(row, format!("is null, which {} cannot be", self.column.element)));
                        }
                    }
                }
                Step::NoList => return Err(Failure::Row(row, "is null instead of a list".to_string())),
            }
            length += 1;
        }
        data.values.extend(values, run);
        offsets.push(length);
        Ok(())
    }

    /// Gives decoded lists the column's shape.
    fn shaped(&self, data: Data, path: &Path, first: u64) -> Result<Data> {
        let Some(width) = self.column.width() else { return Ok(data) };
        let offsets = data.offsets.unwrap_or_default();
        if let Some(row) = offsets.windows(2).position(|pair| pair[1] - pair[0] != width) {
            let problem = format!("has {} numbers instead of {width}", offsets[row + 1] - offsets[row]);
            return Err(Error::value(path, &self.column.name, first + row as u64, problem));
        }
        Ok(Data { values: data.values, offsets: None })
    }
}

/// Integers of up to 32 bits, which are all stored in 32; the annotation says that the rest is empty.
fn narrow(values: Vec<i32>, element: Element) -> Values {
    match element {
        Element::I8 => Values::I8(values.into_iter().map(|x| x as i8).collect()),
        Element::I16 => Values::I16(values.into_iter().map(|x| x as i16).collect()),
        Element::U8 => Values::U8(values.into_iter().map(|x| x as u8).collect()),
        Element::U16 => Values::U16(values.into_iter().map(|x| x as u16).collect()),
        Element::U32 => Values::U32(values.into_iter().map(|x| x as u32).collect()),
        _ => Values::I32(values),
    }
}
