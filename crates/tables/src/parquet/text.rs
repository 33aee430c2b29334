//! Columns of text, which are no columns of numbers: read beside them, row by row.

use ::parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use ::parquet::column::reader::ColumnReader;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::FileReader;
use ::parquet::schema::types::Type;

/// Whether a field is a scalar of text.
pub(super) fn is_text(field: &Type) -> bool {
    field.is_primitive()
        && field.get_physical_type() == Physical::BYTE_ARRAY
        && field.get_basic_info().repetition() != Repetition::REPEATED
        && (field.get_basic_info().converted_type() == ConvertedType::UTF8
            || matches!(field.get_basic_info().logical_type_ref(), Some(LogicalType::String)))
}

/// A column of text and how far its decoder has come.
pub(super) struct TextLane {
    pub(super) name: String,
    leaf: usize,
    optional: bool,
    reader: Option<ColumnReader>,
    group: usize,
    at: u64,
}

impl TextLane {
    pub(super) fn new(field: &Type, leaf: usize) -> TextLane {
        let optional = field.get_basic_info().repetition() == Repetition::OPTIONAL;
        TextLane { name: field.name().to_string(), leaf, optional, reader: None, group: 0, at: 0 }
    }

    /// Forgets a decoder in an unknown state.
    pub(super) fn reset(&mut self) {
        self.reader = None;
    }

    /// Appends `rows` texts of a row group from row `first` on; null is an empty text.
    pub(super) fn read(
        &mut self,
        file: &dyn FileReader,
        group: usize,
        first: u64,
        rows: usize,
        texts: &mut Vec<String>,
    ) -> Result<(), ParquetError> {
        if self.reader.is_none() || self.group != group || self.at > first {
            self.reader = Some(file.get_row_group(group)?.get_column_reader(self.leaf)?);
            (self.group, self.at) = (group, 0);
        }
        let early = || ParquetError::General(format!("row group {group} ends early"));
        let Some(ColumnReader::ByteArrayColumnReader(reader)) = &mut self.reader else {
            return Err(ParquetError::General(format!("column \"{}\" holds no text", self.name)));
        };
        let skip = (first - self.at) as usize;
        if reader.skip_records(skip)? != skip {
            return Err(early());
        }
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut read = 0;
        while read < rows {
            let (n, _, _) = reader.read_records(rows - read, Some(&mut levels), None, &mut values)?;
            if n == 0 {
                return Err(early());
            }
            read += n;
        }
        self.at = first + rows as u64;
        let mut values = values.into_iter();
        let mut next = || values.next().map_or(String::new(), |v| String::from_utf8_lossy(v.data()).into_owned());
        if self.optional {
            texts.extend(levels.iter().map(|&level| if level > 0 { next() } else { String::new() }));
        } else {
            texts.extend((0..rows).map(|_| next()));
        }
        Ok(())
    }
}
