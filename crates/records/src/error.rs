//! Everything that can go wrong with event files: where, what was expected, what was found.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Compression, Format};

/// The error of this crate.
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
    /// The file has no bytes, or its compressed content has none.
    #[error("{} is empty; an event file has at least a header", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The content is of no format that is read here.
    #[error("{} is no LHE, HepMC3 or HepMC2 file: it looks like {looks_like}", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What the first bytes look like, and what to do.
        looks_like: String,
    },
    /// The ending of an output file names no format.
    #[error(
        "{}: no format has this ending; choose .lhe, .hepmc3 (or .hepmc) or .hepmc2, with .gz or .zst \
         behind it if wanted",
        path.display()
    )]
    UnknownEnding {
        /// The file.
        path: PathBuf,
    },
    /// A line does not say what its format wants at this place.
    #[error("{place}: expected {expected}, found {found}")]
    Syntax {
        /// Where.
        place: Box<Place>,
        /// What the format wants, and what to do where that is not obvious.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The text ends too early; all events before were complete and have been delivered.
    #[error("{place}: the file ends here, but {expected} should follow; it was cut off or its writer was killed")]
    Truncated {
        /// Where.
        place: Box<Place>,
        /// What should follow.
        expected: String,
    },
    /// The compressed bytes are damaged or end too early; all events before were complete and have been delivered.
    #[error("{place}: the {compression} data are damaged at about byte {compressed_byte} of the file: {problem}")]
    Corrupt {
        /// Where in the text.
        place: Box<Place>,
        /// How the file is compressed.
        compression: Compression,
        /// Bytes of the compressed file read so far.
        compressed_byte: u64,
        /// What the decoder says.
        problem: String,
    },
    /// An event contradicts itself, or a format cannot hold it.
    #[error("event {number} cannot be written: {problem}")]
    Event {
        /// Number of the event.
        number: i64,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The information about the run contradicts itself, or a format cannot hold it.
    #[error("the run information cannot be written as {format}: {problem}")]
    Run {
        /// The format.
        format: Format,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Number of the event, if the place is within one.
    pub event: Option<i64>,
    /// The line, from 1; 0 before the first.
    pub line: u64,
    /// Where the line begins in the uncompressed text, in bytes from 0.
    pub byte: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", self.path.display())?;
        if let Some(event) = self.event {
            write!(f, "event {event}, ")?;
        }
        write!(f, "line {} (byte {})", self.line, self.byte)
    }
}

impl From<atomic::Failure> for Error {
    fn from(atomic::Failure { action, path, source }: atomic::Failure) -> Error {
        Error::Io { action, path, source }
    }
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io { action, path: path.to_path_buf(), source }
    }
}

/// What is wrong with a line, before it is known where the line is.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Fault {
    pub(crate) fn new(expected: impl Into<String>, found: impl Into<String>) -> Fault {
        Fault { expected: expected.into(), found: found.into() }
    }

    /// A fault whose finding is a piece of the file.
    pub(crate) fn text(expected: impl Into<String>, found: &[u8]) -> Fault {
        Fault::new(expected, quote(found))
    }
}

/// A piece of a file for a message: quoted, at most 60 characters.
pub(crate) fn quote(bytes: &[u8]) -> String {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return "nothing".to_string();
    }
    let text: String = String::from_utf8_lossy(&bytes[..bytes.len().min(240)]).chars().take(60).collect();
    let more = if text.len() < bytes.len() { "..." } else { "" };
    format!("{text:?}{more}")
}
