//! What can go wrong with files of molecules: with all of a file, or with one record of it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A file that cannot be read or written at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: "open", "read", "create", ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The content is of no format that is read here.
    #[error("{} is no file of molecules: it looks like {looks_like}; XYZ, SDF and Parquet are read", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What the first bytes look like.
        looks_like: String,
    },
    /// The ending of an output file names no format.
    #[error(
        "{}: no format has this ending; choose .xyz, .extxyz, .sdf or .mol, with .gz or .zst behind it if wanted, or .parquet",
        path.display()
    )]
    UnknownEnding {
        /// The file.
        path: PathBuf,
    },
    /// A molecule that the format cannot hold; nothing of it was written, and others may follow.
    #[error("{}: record {record} cannot be written as {format}: {problem}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Number of the record, from 1.
        record: u64,
        /// The format.
        format: super::Format,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A Parquet file.
    #[error(transparent)]
    Table(#[from] tables::Error),
}

impl Error {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io { action, path: path.to_path_buf(), source }
    }
}

impl From<atomic::Failure> for Error {
    fn from(atomic::Failure { action, path, source }: atomic::Failure) -> Error {
        Error::Io { action, path, source }
    }
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, record {record}{}: {problem}", path.display(), line.map_or(String::new(), |line| format!(", line {line}")))]
pub struct RecordError {
    /// The file.
    pub path: PathBuf,
    /// Number of the record, or row of the Parquet file, from 1; broken ones count.
    pub record: u64,
    /// The line with the fault, from 1, in files that have lines.
    pub line: Option<u64>,
    /// What was expected and what was found.
    pub problem: String,
    /// Whether nothing behind it can be read: the file is damaged, not a record.
    pub last: bool,
}

/// Records that were left out: all of them counted, the first of them named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first [`Skipped::NAMED`] of them.
    pub first: Vec<RecordError>,
}

impl Skipped {
    /// How many are named.
    pub const NAMED: usize = 20;

    /// Counts one more.
    pub fn add(&mut self, broken: RecordError) {
        self.count += 1;
        if self.first.len() < Skipped::NAMED {
            self.first.push(broken);
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} broken record{} left out", self.count, if self.count == 1 { "" } else { "s" })?;
        self.first.iter().try_for_each(|broken| write!(f, "\n  {broken}"))?;
        match self.count - self.first.len() as u64 {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// Why a record was not read, before it is known which it is.
#[derive(Debug)]
pub(super) enum Fault {
    /// Something is wrong with it; what follows can be read.
    Record {
        /// The line, in files that have lines.
        line: Option<u64>,
        /// What was expected and what was found.
        problem: String,
    },
    /// The file cannot be read any further.
    File(String),
}

/// A piece of a file for a message: quoted, at most 60 characters.
pub(super) fn quote(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "nothing".to_string();
    }
    let short: String = text.chars().take(60).collect();
    let more = if short.len() < text.len() { "..." } else { "" };
    format!("{short:?}{more}")
}
