//! Everything that can go wrong with jets and their files, with the offending values and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

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
    /// The file is not of the format that was expected, or is damaged.
    #[error("{} is not a readable {format} file: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The expected format, e.g. "HDF5".
        format: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A dataset of the file is missing or has the wrong shape or type.
    #[error("{}: dataset \"{dataset}\" {problem}", path.display())]
    Dataset {
        /// The file.
        path: PathBuf,
        /// Name of the dataset.
        dataset: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// The file or the collection holds no jets.
    #[error("{what} holds no jets; at least one is needed")]
    Empty {
        /// The file or collection.
        what: String,
    },
    /// A table of features could not be made.
    #[error(transparent)]
    Metric(#[from] metrics::Error),
    /// A file could not be written by the crate `tables`, for another reason than the operating system's.
    #[error(transparent)]
    Table(tables::Error),
    /// The bytes of jets in a file are fine, their values are not.
    #[error("{}: {source}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The invalid value.
        source: Box<Error>,
    },
    /// A number is NaN or infinite.
    #[error("jet {jet}{}: {column} is {value}, not a finite number; remove the jet or repair the file", slot(*particle))]
    NotFinite {
        /// Row of the jet, from 0.
        jet: usize,
        /// Particle slot of the jet, from 0; none for the jet's own features.
        particle: Option<usize>,
        /// Name of the column.
        column: &'static str,
        /// The value.
        value: f32,
    },
    /// A transverse momentum is negative.
    #[error("jet {jet}{}: {column} is {value}, but a transverse momentum cannot be negative", slot(*particle))]
    NegativePt {
        /// Row of the jet, from 0.
        jet: usize,
        /// Particle slot of the jet, from 0; none for the jet's own features.
        particle: Option<usize>,
        /// Name of the column.
        column: &'static str,
        /// The value.
        value: f32,
    },
    /// The mask column holds something other than 0 and 1.
    #[error("jet {jet}, particle {particle}: the mask is {value}; it must be 1 for particles and 0 for padding")]
    Mask {
        /// Row of the jet, from 0.
        jet: usize,
        /// Particle slot, from 0.
        particle: usize,
        /// The value.
        value: f32,
    },
    /// The number of particles of a jet contradicts its particle slots.
    #[error("jet {jet}: {problem}")]
    Count {
        /// Row of the jet, from 0.
        jet: usize,
        /// What contradicts what.
        problem: String,
    },
    /// Vectors of a collection do not fit together.
    #[error("{what}: {got} instead of {expected}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// The number found.
        got: usize,
        /// The number needed.
        expected: usize,
    },
    /// An event is not what all events of its kind are.
    #[error("event {event}: {problem}; remove it, or change the cuts")]
    Event {
        /// Row of the event, from 0.
        event: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Events do not vary enough to be scaled.
    #[error("{events} events with {jets} jets or more: one of their quantities hardly varies; give more events")]
    Spread {
        /// Least number of jets.
        jets: usize,
        /// Number of such events.
        events: usize,
    },
    /// A class of jets that does not exist.
    #[error("unknown jet class \"{name}\"; choose from g, q, t, w, z (gluon, light quark, top, W, Z)")]
    UnknownClass {
        /// The name given.
        name: String,
    },
    /// The ending of an output file names no format.
    #[error("{}: no format has this ending; choose .hdf5 (or .h5), .npz or .parquet", path.display())]
    UnknownEnding {
        /// The file.
        path: PathBuf,
    },
    /// A range of rows reaches beyond the end of a file or collection.
    #[error("{what}: rows {start}..{end} asked for, but there are {len}")]
    Range {
        /// The file or collection.
        what: String,
        /// First row.
        start: usize,
        /// One beyond the last row.
        end: usize,
        /// Number of rows there are.
        len: usize,
    },
}

fn slot(particle: Option<usize>) -> String {
    particle.map_or(String::new(), |p| format!(", particle {p}"))
}

impl From<tables::Error> for Error {
    fn from(error: tables::Error) -> Error {
        match error {
            tables::Error::Io { action, path, source } => Error::Io { action, path, source },
            other => Error::Table(other),
        }
    }
}

impl Error {
    /// Wraps an error of the operating system with what was tried on which file.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io { action, path: path.to_path_buf(), source }
    }

    /// Says in which file an invalid value was found.
    pub fn in_file(self, path: &Path) -> Error {
        Error::Content { path: path.to_path_buf(), source: Box::new(self) }
    }
}
