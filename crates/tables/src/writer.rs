//! Writing a table in a stream, in the format that the ending of the file names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{AtomicFile, Block, Error, Result, Schema};

/// One format's way to write a table.
pub(crate) trait Sink: Send {
    /// Appends rows; the caller has checked that they have the schema's columns.
    fn write(&mut self, block: &Block) -> Result<()>;

    /// Adds an attribute that was not known at the start.
    fn attribute(&mut self, name: &str, text: &str) -> Result<()>;

    /// Completes the file, which has no name yet.
    fn close(self: Box<Self>) -> Result<AtomicFile>;
}

/// What a format needs to start a file.
pub(crate) struct Start {
    pub(crate) path: PathBuf,
    pub(crate) table: String,
    pub(crate) schema: Arc<Schema>,
    pub(crate) attributes: Vec<(String, String)>,
}

/// A table being written; the file appears under its name when [`TableWriter::finish`] succeeds.
pub struct TableWriter {
    path: PathBuf,
    schema: Arc<Schema>,
    rows: u64,
    sink: Box<dyn Sink>,
}

impl TableWriter {
    /// Endings that name a format.
    pub const ENDINGS: [&'static str; 7] = ["root", "parquet", "hdf5", "h5", "npz", "csv", "csv.gz"];

    /// Starts a file in the format of its ending, with attributes as (name, text).
    ///
    /// # Errors
    /// [`Error::UnknownEnding`] names the choices, [`Error::Io`] the reason why the file cannot be written, [`Error::Column`]
    /// a column that the format cannot hold.
    pub fn create(path: impl AsRef<Path>, schema: Schema, attributes: &[(String, String)]) -> Result<TableWriter> {
        TableWriter::create_table(path, "", schema, attributes)
    }

    /// The same with a name for the table. Only ROOT files keep it, as the name of the tree; without one it is `Events`.
    pub fn create_table(
        path: impl AsRef<Path>,
        table: &str,
        schema: Schema,
        attributes: &[(String, String)],
    ) -> Result<TableWriter> {
        let path = path.as_ref();
        let schema = Arc::new(schema);
        let start = Start {
            path: path.to_path_buf(),
            table: table.to_string(),
            schema: schema.clone(),
            attributes: attributes.to_vec(),
        };
        let name = path.file_name().map_or(String::new(), |n| n.to_string_lossy().to_ascii_lowercase());
        let sink = match name.rsplit_once('.') {
            Some((_, "root")) => crate::root::create(start)?,
            Some((_, "parquet")) => crate::parquet::create(start)?,
            Some((_, "hdf5" | "h5")) => crate::hdf5::create(start)?,
            Some((_, "npz")) => crate::npz::create(start)?,
            Some((_, "csv")) => crate::csv::create(start, false)?,
            Some((stem, "gz")) if stem.ends_with(".csv") => crate::csv::create(start, true)?,
            _ => return Err(Error::UnknownEnding { path: path.to_path_buf() }),
        };
        Ok(TableWriter { path: path.to_path_buf(), schema, rows: 0, sink })
    }

    /// The columns.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends rows; [`Error::Column`] if the block's columns are not those of the file.
    pub fn write(&mut self, block: &Block) -> Result<()> {
        let (mine, theirs) = (self.schema.columns(), block.schema().columns());
        let same =
            |(a, b): (&crate::Column, &crate::Column)| (&a.name, a.element, a.shape) == (&b.name, b.element, b.shape);
        if mine.len() != theirs.len() || !mine.iter().zip(theirs).all(same) {
            let odd = mine.iter().zip(theirs).find(|pair| !same(*pair)).map_or_else(
                || format!("{} columns came, the file has {}", theirs.len(), mine.len()),
                |(a, b)| format!("\"{b}\" came, the file has \"{a}\""),
            );
            let name = theirs.first().map_or("", |c| &c.name);
            return Err(Error::column(&self.path, name, format!("does not fit: {odd}")));
        }
        self.sink.write(block)?;
        self.rows += block.rows() as u64;
        Ok(())
    }

    /// Adds an attribute that became known only now, such as a count of what was left out.
    ///
    /// # Errors
    /// [`Error::Attribute`] in CSV files, where attributes stand before the rows.
    pub fn attribute(&mut self, name: &str, text: &str) -> Result<()> {
        self.sink.attribute(name, text)
    }

    /// Completes the file and gives it its name, replacing what had it before.
    pub fn finish(self) -> Result<()> {
        Ok(self.sink.close()?.commit()?)
    }

    /// The same under another name in the same directory, for a file that turned out to be something else, such as a part.
    pub fn finish_as(self, path: impl AsRef<Path>) -> Result<()> {
        Ok(self.sink.close()?.commit_as(path.as_ref())?)
    }
}
