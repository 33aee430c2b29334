//! Writing Parquet: rows gather in memory until they are a row group.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::basic::{Compression, ConvertedType, Encoding, Repetition, Type as Physical, ZstdLevel};
use ::parquet::data_type::{BoolType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{ColumnPath, Type};

use super::FIXED;
use crate::writer::{Sink, Start};
use crate::{AtomicFile, Block, Column, Data, Element, Error, Result, Schema, Shape, Values};

/// Rows and bytes of a row group at most.
const GROUP_ROWS: usize = 1 << 17;
const GROUP_BYTES: usize = 1 << 25;

struct ParquetWriter {
    out: SerializedFileWriter<AtomicFile>,
    path: PathBuf,
    schema: Arc<Schema>,
    pending: Vec<Data>,
    rows: usize,
}

/// Starts a file.
pub(crate) fn create(start: Start) -> Result<Box<dyn Sink>> {
    let path = &start.path;
    let failed = |e| failure(path, e);
    let mut metadata: Vec<KeyValue> =
        start.attributes.iter().map(|(k, v)| KeyValue::new(k.clone(), v.clone())).collect();
    let mut fixed = serde_json::Map::new();
    // Bytes of equal significance compress well together, mantissas of neighbours do not.
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    let mut fields = Vec::new();
    for column in start.schema.columns() {
        fields.push(Arc::new(field(column).map_err(failed)?));
        if let Shape::Fixed(n) = column.shape {
            fixed.insert(column.name.clone(), n.into());
        }
        if matches!(column.element, Element::F32 | Element::F64) {
            let mut parts = vec![column.name.clone()];
            if column.shape != Shape::Scalar {
                parts.extend(["list".to_string(), "element".to_string()]);
            }
            let place = ColumnPath::new(parts);
            properties = properties
                .set_column_dictionary_enabled(place.clone(), false)
                .set_column_encoding(place, Encoding::BYTE_STREAM_SPLIT);
        }
    }
    if !fixed.is_empty() {
        metadata.push(KeyValue::new(FIXED.to_string(), serde_json::Value::Object(fixed).to_string()));
    }
    let properties = Arc::new(properties.set_key_value_metadata(Some(metadata)).build());
    let schema = Type::group_type_builder("schema").with_fields(fields).build().map_err(failed)?;
    let out = SerializedFileWriter::new(AtomicFile::create(path)?, Arc::new(schema), properties).map_err(failed)?;
    let pending = start.schema.columns().iter().map(Data::empty).collect();
    Ok(Box::new(ParquetWriter { out, schema: start.schema, pending, rows: 0, path: start.path }))
}

fn field(column: &Column) -> std::result::Result<Type, ParquetError> {
    let (physical, converted) = match column.element {
        Element::Bool => (Physical::BOOLEAN, ConvertedType::NONE),
        Element::F32 => (Physical::FLOAT, ConvertedType::NONE),
        Element::F64 => (Physical::DOUBLE, ConvertedType::NONE),
        Element::I8 => (Physical::INT32, ConvertedType::INT_8),
        Element::I16 => (Physical::INT32, ConvertedType::INT_16),
        Element::I32 => (Physical::INT32, ConvertedType::NONE),
        Element::U8 => (Physical::INT32, ConvertedType::UINT_8),
        Element::U16 => (Physical::INT32, ConvertedType::UINT_16),
        Element::U32 => (Physical::INT32, ConvertedType::UINT_32),
        Element::I64 => (Physical::INT64, ConvertedType::NONE),
        Element::U64 => (Physical::INT64, ConvertedType::UINT_64),
    };
    let number = |name: &str| {
        Type::primitive_type_builder(name, physical)
            .with_converted_type(converted)
            .with_repetition(Repetition::REQUIRED)
            .build()
    };
    if column.shape == Shape::Scalar {
        return number(&column.name);
    }
    let list = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(number("element")?)])
        .build()?;
    Type::group_type_builder(&column.name)
        .with_repetition(Repetition::REQUIRED)
        .with_converted_type(ConvertedType::LIST)
        .with_fields(vec![Arc::new(list)])
        .build()
}

fn failure(path: &Path, error: ParquetError) -> Error {
    Error::io("write", path, std::io::Error::other(error))
}

impl Sink for ParquetWriter {
    fn write(&mut self, block: &Block) -> Result<()> {
        let bytes: usize = block.data().iter().map(|d| d.values.len() * d.values.element().size()).sum();
        let most = (GROUP_BYTES / (bytes / block.rows().max(1)).max(1)).clamp(1, GROUP_ROWS);
        let mut start = 0;
        while start < block.rows() {
            let end = block.rows().min(start + most.saturating_sub(self.rows).max(1));
            let part = block.slice(start..end)?;
            self.pending.iter_mut().zip(part.data()).for_each(|(mine, new)| mine.append(new));
            self.rows += end - start;
            start = end;
            let held: usize = self.pending.iter().map(|d| d.values.len() * d.values.element().size()).sum();
            if self.rows >= GROUP_ROWS || held >= GROUP_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, text: &str) -> Result<()> {
        self.out.append_key_value_metadata(KeyValue::new(name.to_string(), text.to_string()));
        Ok(())
    }

    fn close(mut self: Box<Self>) -> Result<AtomicFile> {
        self.flush()?;
        let ParquetWriter { out, path, .. } = *self;
        out.into_inner().map_err(|e| failure(&path, e))
    }
}

impl ParquetWriter {
    /// Writes the collected rows as a row group.
    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        self.write_group().map_err(|e| failure(&self.path, e))?;
        self.pending.iter_mut().for_each(Data::clear);
        Ok(())
    }

    fn write_group(&mut self) -> std::result::Result<(), ParquetError> {
        let mut group = self.out.next_row_group()?;
        for (column, data) in self.schema.columns().iter().zip(&self.pending) {
            let levels = levels(column, data);
            let levels = levels.as_ref().map(|(d, r)| (d.as_slice(), r.as_slice()));
            macro_rules! small {
                ($v:expr) => {
                    put::<Int32Type>(&mut group, &$v.iter().map(|&x| x as i32).collect::<Vec<_>>(), levels)
                };
            }
            match &data.values {
                Values::Bool(v) => put::<BoolType>(&mut group, v, levels),
                Values::F32(v) => put::<FloatType>(&mut group, v, levels),
                Values::F64(v) => put::<DoubleType>(&mut group, v, levels),
                Values::I32(v) => put::<Int32Type>(&mut group, v, levels),
                Values::I64(v) => put::<Int64Type>(&mut group, v, levels),
                Values::U64(v) => {
                    put::<Int64Type>(&mut group, &v.iter().map(|&x| x as i64).collect::<Vec<_>>(), levels)
                }
                Values::I8(v) => small!(v),
                Values::I16(v) => small!(v),
                Values::U8(v) => small!(v),
                Values::U16(v) => small!(v),
                Values::U32(v) => small!(v),
            }?;
        }
        group.close().map(drop)
    }
}

/// Definition and repetition levels of lists; none for scalars.
fn levels(column: &Column, data: &Data) -> Option<(Vec<i16>, Vec<i16>)> {
    let mut levels = (Vec::new(), Vec::new());
    let mut row = |length: usize| {
        for k in 0..length.max(1) {
            levels.0.push(i16::from(length > 0));
            levels.1.push(i16::from(k > 0));
        }
    };
    match (column.shape, &data.offsets) {
        (Shape::Scalar, _) => return None,
        (Shape::Fixed(n), _) => (0..data.values.len() / n).for_each(|_| row(n)),
        (Shape::Jagged, offsets) => offsets.iter().flat_map(|o| o.windows(2)).for_each(|pair| row(pair[1] - pair[0])),
    }
    Some(levels)
}

fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, AtomicFile>,
    values: &[T::T],
    levels: Option<(&[i16], &[i16])>,
) -> std::result::Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("the schema has fewer columns".to_string()))?;
    column.typed::<T>().write_batch(values, levels.map(|l| l.0), levels.map(|l| l.1))?;
    column.close()
}
