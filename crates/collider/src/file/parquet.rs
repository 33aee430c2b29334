//! Parquet, one row per jet: `jet_pt`, `jet_eta`, `jet_mass`, `num_particles`, `jet_type` (a letter, in mixed files) and
//! the lists `etarel`, `phirel`, `ptrel` of the real particles, without padding.
//!
//! Row groups of 2^15 jets are written as they fill. Provenance is in the file's key-value metadata.

use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, GzipLevel};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;
use ::parquet::schema::types::ColumnPath;

use tables::AtomicFile;

use super::Contents;
use crate::jets::PARTICLE_COLUMNS;
use crate::{Error, JetClass, Jets};

/// Jets per row group.
const GROUP: usize = 1 << 15;

/// A Parquet file being written.
pub struct Writer {
    out: SerializedFileWriter<AtomicFile>,
    contents: Contents,
    group: Jets,
    classes: Vec<JetClass>,
    written: usize,
}

impl Writer {
    /// Starts a file; it appears under `path` when [`Writer::finish`] succeeds.
    pub fn create(path: impl AsRef<Path>, contents: Contents) -> Result<Writer, Error> {
        let path = path.as_ref();
        contents.check(path)?;
        let list =
            |name| format!("required group {name} (LIST) {{ repeated group list {{ required float element; }} }}");
        let lists = PARTICLE_COLUMNS.map(list).join(" ");
        let class = if contents.mixed { "required binary jet_type (UTF8);" } else { "" };
        let schema = format!(
            "message jets {{ required float jet_pt; required float jet_eta; required float jet_mass; required int32 num_particles; {class} {lists} }}"
        );
        let failed = |e| failure(path, e);
        let schema = Arc::new(parse_message_type(&schema).map_err(failed)?);
        let metadata = contents.attributes.iter().map(|(k, v)| KeyValue::new(k.clone(), v.clone())).collect();
        // Bytes of equal significance compress well together, mantissas of neighbours do not.
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(GzipLevel::try_new(1).map_err(failed)?))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(metadata));
        let lists = PARTICLE_COLUMNS.map(|name| vec![name.to_string(), "list".to_string(), "element".to_string()]);
        for column in ["jet_pt", "jet_eta", "jet_mass"].map(|name| vec![name.to_string()]).into_iter().chain(lists) {
            let column = ColumnPath::new(column);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::BYTE_STREAM_SPLIT);
        }
        let out = SerializedFileWriter::new(
            AtomicFile::create(path).map_err(tables::Error::from)?,
            schema,
            Arc::new(properties.build()),
        )
        .map_err(failed)?;
        let group = Jets::new(contents.capacity);
        Ok(Writer { out, contents, group, classes: Vec::new(), written: 0 })
    }

    /// Appends jets; `classes` has one entry per jet if the contents are mixed, and none otherwise.
    pub fn write(&mut self, jets: &Jets, classes: &[JetClass]) -> Result<(), Error> {
        self.contents.check_block(jets, classes, self.written)?;
        self.written += jets.len();
        self.classes.extend_from_slice(classes);
        let mut start = 0;
        while start < jets.len() {
            let end = jets.len().min(start + GROUP - self.group.len());
            self.group.extend(&jets.slice(start..end))?;
            start = end;
            if self.group.len() == GROUP {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes the collected jets as a row group.
    fn flush(&mut self) -> Result<(), Error> {
        let jets = std::mem::replace(&mut self.group, Jets::new(self.contents.capacity));
        let later = self.classes.split_off(if self.contents.mixed { jets.len() } else { 0 });
        let classes = std::mem::replace(&mut self.classes, later);
        let path = self.out.inner().path().to_path_buf();
        write_group(&mut self.out, &jets, self.contents.mixed.then_some(&classes)).map_err(|e| failure(&path, e))
    }

    /// Completes the file and gives it its name; [`Error::Length`] if fewer jets came than announced.
    pub fn finish(mut self) -> Result<(), Error> {
        self.contents.check_complete(self.written)?;
        if !self.group.is_empty() {
            self.flush()?;
        }
        let path = self.out.inner().path().to_path_buf();
        Ok(self.out.into_inner().map_err(|e| failure(&path, e))?.commit().map_err(tables::Error::from)?)
    }
}

fn write_group(
    out: &mut SerializedFileWriter<AtomicFile>,
    jets: &Jets,
    classes: Option<&Vec<JetClass>>,
) -> Result<(), ParquetError> {
    let mut group = out.next_row_group()?;
    for k in 0..3 {
        let values: Vec<f32> = jets.jet.iter().map(|jet| jet[k]).collect();
        column::<FloatType>(&mut group, &values, None)?;
    }
    let counts: Vec<i32> = jets.count.iter().map(|&n| i32::from(n)).collect();
    column::<Int32Type>(&mut group, &counts, None)?;
    if let Some(classes) = classes {
        let letters: Vec<ByteArray> = classes.iter().map(|class| ByteArray::from(class.letter())).collect();
        column::<ByteArrayType>(&mut group, &letters, None)?;
    }
    // Dremel levels: an element is defined (1), an empty list is not (0); the first of a list repeats nothing (0).
    let mut levels = (Vec::new(), Vec::new());
    for &n in &jets.count {
        for k in 0..n.max(1) {
            levels.0.push(i16::from(n > 0));
            levels.1.push(i16::from(k > 0));
        }
    }
    for k in 0..3 {
        let values: Vec<f32> = (0..jets.len()).flat_map(|i| jets.particles_of(i)).map(|particle| particle[k]).collect();
        column::<FloatType>(&mut group, &values, Some((&levels.0, &levels.1)))?;
    }
    group.close().map(drop)
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, AtomicFile>,
    values: &[T::T],
    levels: Option<(&[i16], &[i16])>,
) -> Result<(), ParquetError> {
    let mut column =
        group.next_column()?.ok_or_else(|| ParquetError::General("the schema has fewer columns".to_string()))?;
    column.typed::<T>().write_batch(values, levels.map(|l| l.0), levels.map(|l| l.1))?;
    column.close()
}

fn failure(path: &Path, error: ParquetError) -> Error {
    Error::io("write", path, std::io::Error::other(error))
}
