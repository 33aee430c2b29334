//! Reading a table in a stream, whatever its format.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Block, Data, Error, Result, Schema};

/// A column that is in the file but cannot be a column of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub name: String,
    /// What it holds, e.g. `vector<string>`.
    pub kind: String,
}

/// One format's way to the rows of an open table.
pub(crate) trait Source: Send {
    /// Reads rows of the columns at these places of the schema; the caller has checked both.
    fn read(&mut self, columns: &[usize], rows: Range<u64>) -> Result<Vec<Data>>;

    /// Reads rows of a column of text; nothing where the format or the file has none of this name.
    fn text(&mut self, _column: &str, _rows: Range<u64>) -> Result<Option<Vec<String>>> {
        Ok(None)
    }
}

/// What a format finds out when it opens a table.
pub(crate) struct Opened {
    pub(crate) table: String,
    pub(crate) schema: Schema,
    pub(crate) rows: u64,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
    pub(crate) source: Box<dyn Source>,
}

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A TTree of a ROOT file.
    Root,
    /// Apache Parquet.
    Parquet,
    /// Datasets of an HDF5 group, or a pandas table in one.
    Hdf5,
    /// A ZIP archive of NumPy arrays.
    Npz,
    /// Comma-separated values, plain or gzipped.
    Csv,
}

impl Format {
    /// The format of a file by its first bytes; [`Error::UnknownFormat`] says what they are instead.
    pub fn detect(path: impl AsRef<Path>) -> Result<Format> {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(|e| Error::io("open", path, e))?;
        if metadata.is_dir() {
            return Err(Error::io("open", path, std::io::ErrorKind::IsADirectory.into()));
        }
        let mut head = Vec::new();
        let file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        file.take(4096).read_to_end(&mut head).map_err(|e| Error::io("read", path, e))?;
        let unknown = |found: &str| Error::UnknownFormat { path: path.to_path_buf(), found: found.to_string() };
        match head.as_slice() {
            [] => Err(unknown("the file is empty")),
            [b'r', b'o', b'o', b't', ..] => Ok(Format::Root),
            [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
            [0x89, b'H', b'D', b'F', ..] => Ok(Format::Hdf5),
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Ok(Format::Npz),
            [0x1f, 0x8b, ..] => Ok(Format::Csv),
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
                Err(unknown("a single NumPy array without a name; save it with numpy.savez(path, name=array)"))
            }
            text if !text.contains(&0) && valid_text(text) => Ok(Format::Csv),
            other => Err(unknown(&format!("the first bytes are {:02x?}", &other[..other.len().min(8)]))),
        }
    }
}

/// UTF-8, but for a character that the end of the sample cuts.
fn valid_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|e| e.error_len().is_none(), |_| true)
}

/// An open table, of which ranges of rows can be read.
pub struct TableReader {
    path: PathBuf,
    format: Format,
    table: String,
    all: Schema,
    schema: Arc<Schema>,
    selection: Vec<usize>,
    rows: u64,
    attributes: Vec<(String, String)>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
    source: Box<dyn Source>,
    next: u64,
}

impl TableReader {
    /// Opens the only table of a file; the format is that of its first bytes.
    ///
    /// # Errors
    /// [`Error::Table`] lists the tables of a file with several; [`Error::Format`] says what is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<TableReader> {
        TableReader::start(path.as_ref(), None)
    }

    /// Opens one table of a file with several: a tree of a ROOT file (`dir/tree` in a directory), a group of an HDF5 file.
    pub fn open_table(path: impl AsRef<Path>, table: &str) -> Result<TableReader> {
        TableReader::start(path.as_ref(), Some(table))
    }

    fn start(path: &Path, table: Option<&str>) -> Result<TableReader> {
        let format = Format::detect(path)?;
        let opened = match format {
            Format::Root => crate::root::open(path, table)?,
            Format::Parquet => crate::parquet::open(path, table)?,
            Format::Hdf5 => crate::hdf5::open(path, table)?,
            Format::Npz => crate::npz::open(path, table)?,
            Format::Csv => crate::csv::open(path, table)?,
        };
        Ok(TableReader {
            path: path.to_path_buf(),
            format,
            table: opened.table,
            schema: Arc::new(opened.schema.clone()),
            selection: (0..opened.schema.columns().len()).collect(),
            all: opened.schema,
            rows: opened.rows,
            attributes: opened.attributes,
            skipped: opened.skipped,
            notes: opened.notes,
            source: opened.source,
            next: 0,
        })
    }

    /// Names of the tables of a file: trees of a ROOT file, groups with datasets of an HDF5 file; one without a name otherwise.
    pub fn tables(path: impl AsRef<Path>) -> Result<Vec<String>> {
        let path = path.as_ref();
        match Format::detect(path)? {
            Format::Root => crate::root::tables(path),
            Format::Hdf5 => crate::hdf5::tables(path),
            _ => Ok(vec![String::new()]),
        }
    }

    /// Restricts reading to these columns, in this order; only they cost time from now on.
    ///
    /// # Errors
    /// [`Error::Column`] for one that is missing, or that holds something other than numbers.
    pub fn select<S: AsRef<str>>(mut self, names: &[S]) -> Result<TableReader> {
        let find = |name: &S| {
            let name = name.as_ref();
            if let Some(place) = self.all.position(name) {
                return Ok(place);
            }
            let problem = match self.skipped.iter().find(|s| s.name == name) {
                Some(skipped) => format!("is of type {}, which is not a column of numbers", skipped.kind),
                None => format!("is missing; there are {}", self.all.names().join(", ")),
            };
            Err(Error::column(&self.path, name, problem))
        };
        self.selection = names.iter().map(find).collect::<Result<_>>()?;
        let columns = self.selection.iter().map(|&place| self.all.columns()[place].clone()).collect();
        self.schema = Arc::new(Schema::new(columns)?);
        Ok(self)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Name of the tree or group, empty where the format has none.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The columns that are read.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What the file says about itself, as (name, text).
    pub fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }

    /// What the file has besides columns of numbers.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// What was inferred, for the user to know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Reads a range of rows; [`Error::Range`] beyond the last.
    pub fn read(&mut self, rows: Range<u64>) -> Result<Block> {
        self.check(&rows)?;
        let data = self.source.read(&self.selection, rows.clone())?;
        Block::new(self.schema.clone(), (rows.end - rows.start) as usize, data)
    }

    /// Reads rows of a column of text, one of [`TableReader::skipped`]; only Parquet files have them. Null is an empty text.
    ///
    /// # Errors
    /// [`Error::Column`] if there is no such column, [`Error::Range`] beyond the last row.
    pub fn read_text(&mut self, column: &str, rows: Range<u64>) -> Result<Vec<String>> {
        self.check(&rows)?;
        let missing = || Error::column(&self.path, column, "is no column of text that can be read".to_string());
        self.source.text(column, rows)?.ok_or_else(missing)
    }

    fn check(&self, rows: &Range<u64>) -> Result<()> {
        if rows.start <= rows.end && rows.end <= self.rows {
            return Ok(());
        }
        let what = format!("the file {}", self.path.display());
        Err(Error::Range { what, start: rows.start, end: rows.end, rows: self.rows })
    }

    /// Reads the next rows, at most `most` of them, or nothing after the last.
    pub fn next_block(&mut self, most: usize) -> Result<Option<Block>> {
        let start = self.next;
        let end = self.rows.min(start.saturating_add(most.max(1) as u64));
        if start == end {
            return Ok(None);
        }
        let block = self.read(start..end)?;
        self.next = end;
        Ok(Some(block))
    }
}
