//! Everything that can go wrong with tables and their files, with the offending values and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::Element;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: "open", "create", "write", ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is damaged, truncated, or uses something of its format that is not read here.
    #[error("{} is not a readable {format} file: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that its first bytes announce, e.g. "ROOT".
        format: &'static str,
        /// What is wrong, where, and what to do.
        problem: String,
    },
    /// The first bytes of the file belong to no known format.
    #[error("{}: {found}; a ROOT, Parquet, HDF5, npz, CSV or gzipped CSV file is needed", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        found: String,
    },
    /// The ending of an output file names no format.
    #[error("{}: no format has this ending; choose .root, .parquet, .hdf5 (or .h5), .npz, .csv or .csv.gz", path.display())]
    UnknownEnding {
        /// The file.
        path: PathBuf,
    },
    /// The file has several tables and none was chosen, or not the chosen one.
    #[error("{}: {problem}; there are {}", path.display(), list(tables))]
    Table {
        /// The file.
        path: PathBuf,
        /// Which table was asked for.
        problem: String,
        /// Names of the tables there are.
        tables: Vec<String>,
    },
    /// A column is missing, or of a type that cannot be a column of numbers.
    #[error("{}: column \"{column}\" {problem}", path.display())]
    Column {
        /// The file, followed by the table in files with several.
        path: PathBuf,
        /// The column.
        column: String,
        /// What is wrong, and what there is.
        problem: String,
    },
    /// An attribute that comes too late for its format.
    #[error("{}: attribute \"{name}\" comes after the rows, which CSV cannot hold; state it at the start", path.display())]
    Attribute {
        /// The file.
        path: PathBuf,
        /// The attribute.
        name: String,
    },
    /// A value cannot be read or written.
    #[error("{}: column \"{column}\", row {row}: {problem}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Row of the table, from 0.
        row: u64,
        /// What was found and what was expected.
        problem: String,
    },
    /// A number cannot be represented in another type without loss.
    #[error("column \"{column}\", row {row} of the block: {value} ({from}) is not exactly representable as {to}")]
    Conversion {
        /// The column.
        column: String,
        /// Row of the block, from 0.
        row: usize,
        /// The value.
        value: String,
        /// Its type.
        from: Element,
        /// The type asked for.
        to: Element,
    },
    /// A schema that no table can have: two columns of one name, an array of no elements.
    #[error("column \"{column}\" {problem}")]
    Schema {
        /// The column.
        column: String,
        /// What is wrong.
        problem: String,
    },
    /// Parts of a block do not fit together.
    #[error("column \"{column}\": {what}: {got} instead of {expected}")]
    Length {
        /// The column.
        column: String,
        /// What was counted.
        what: &'static str,
        /// The number found.
        got: usize,
        /// The number needed.
        expected: usize,
    },
    /// A range of rows reaches beyond the end of a table.
    #[error("{what}: rows {start}..{end} asked for, but there are {rows}")]
    Range {
        /// The file or block.
        what: String,
        /// First row.
        start: u64,
        /// One beyond the last row.
        end: u64,
        /// Number of rows there are.
        rows: u64,
    },
}

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text = names.iter().take(SHOWN).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    if text.is_empty() { "none".to_string() } else { text }
}

impl From<atomic::Failure> for Error {
    fn from(atomic::Failure { action, path, source }: atomic::Failure) -> Error {
        Error::Io { action, path, source }
    }
}

impl Error {
    /// Wraps an error of the operating system with what was tried on which file.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io { action, path: path.to_path_buf(), source }
    }

    pub(crate) fn format(format: &'static str, path: &Path, problem: impl Into<String>) -> Error {
        Error::Format { path: path.to_path_buf(), format, problem: problem.into() }
    }

    pub(crate) fn column(path: &Path, column: &str, problem: impl Into<String>) -> Error {
        Error::Column { path: path.to_path_buf(), column: column.to_string(), problem: problem.into() }
    }

    pub(crate) fn value(path: &Path, column: &str, row: u64, problem: impl Into<String>) -> Error {
        Error::Value { path: path.to_path_buf(), column: column.to_string(), row, problem: problem.into() }
    }
}
