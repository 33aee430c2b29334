//! Reading molecules in a stream, from whatever format and compression the content has.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use compression::{Compression, Decoder};

use super::error::Fault;
use super::format::looks_like;
use super::lines::Lines;
use super::{Error, Format, Record, RecordError, Skipped, parquet, sdf, xyz};

/// Text in which the format must show: a molfile of 60 atoms.
const HEAD: u64 = 8192;

enum Kind {
    Xyz(Lines),
    Sdf(Lines),
    Parquet(Box<parquet::Rows>),
}

/// A file being read: an iterator of its records, in which broken ones are errors.
///
/// After an error the next record comes, unless [`RecordError::last`] says that there is none.
pub struct Reader {
    path: PathBuf,
    kind: Kind,
    length: Option<u64>,
    record: u64,
    done: bool,
}

/// How much of a file has been read, in bytes of the file or rows of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What has been read, some of it ahead.
    pub read: u64,
    /// All of it; none for pipes.
    pub of: Option<u64>,
}

impl Reader {
    /// Opens a file; its content, never its name, tells format and compression.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::UnknownFormat`] with what it looks like, [`Error::Table`] for a Parquet file without the columns.
    pub fn open(path: impl AsRef<Path>) -> Result<Reader, Error> {
        let path = path.as_ref();
        let failed = |source| Error::io("open", path, source);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
        }
        let length = about.is_file().then_some(about.len());
        Reader::new(Box::new(file), path, length)
    }

    /// Reads text (XYZ or SDF) from a stream; `name` stands for it in errors.
    ///
    /// # Errors
    /// Those of [`Reader::open`].
    pub fn from_stream(stream: impl Read + Send + 'static, name: impl AsRef<Path>) -> Result<Reader, Error> {
        Reader::new(Box::new(stream), name.as_ref(), None)
    }

    fn new(source: Box<dyn Read + Send>, path: &Path, length: Option<u64>) -> Result<Reader, Error> {
        let failed = |source| Error::io("read", path, source);
        let mut decoder = Decoder::new(source).map_err(failed)?;
        let mut head = Vec::new();
        (&mut decoder).take(HEAD).read_to_end(&mut head).map_err(failed)?;
        let kind = match Format::detect(&head) {
            Some(Format::Xyz) => Kind::Xyz(Lines::new(head, decoder)),
            Some(Format::Sdf | Format::SdfV3000) => Kind::Sdf(Lines::new(head, decoder)),
            Some(Format::Parquet) if decoder.compression() == Compression::None => {
                Kind::Parquet(Box::new(parquet::Rows::open(path)?))
            }
            Some(Format::Parquet) => {
                let looks_like = format!("a {} Parquet file; decompress it first", decoder.compression());
                return Err(Error::UnknownFormat { path: path.to_path_buf(), looks_like });
            }
            None => return Err(Error::UnknownFormat { path: path.to_path_buf(), looks_like: looks_like(&head) }),
        };
        Ok(Reader { path: path.to_path_buf(), kind, length, record: 0, done: false })
    }

    /// The format found.
    pub fn format(&self) -> Format {
        match self.kind {
            Kind::Xyz(_) => Format::Xyz,
            Kind::Sdf(_) => Format::Sdf,
            Kind::Parquet(_) => Format::Parquet,
        }
    }

    /// The compression found.
    pub fn compression(&self) -> Compression {
        match &self.kind {
            Kind::Xyz(lines) | Kind::Sdf(lines) => lines.compression(),
            Kind::Parquet(_) => Compression::None,
        }
    }

    /// How much has been read.
    pub fn progress(&self) -> Progress {
        match &self.kind {
            Kind::Xyz(lines) | Kind::Sdf(lines) => Progress { read: lines.bytes_read(), of: self.length },
            Kind::Parquet(rows) => {
                let (read, of) = rows.progress();
                Progress { read, of: Some(of) }
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Result<Record, RecordError>> {
        if self.done {
            return None;
        }
        self.record += 1;
        let read = match &mut self.kind {
            Kind::Xyz(lines) => xyz::read(lines).map_err(|fault| (fault, Some(lines.number()))),
            Kind::Sdf(lines) => sdf::read(lines).map_err(|fault| (fault, Some(lines.number()))),
            Kind::Parquet(rows) => match rows.next() {
                None => Ok(None),
                Some((row, read)) => {
                    self.record = row;
                    read.map(Some).map_err(|fault| (fault, None))
                }
            },
        };
        match read {
            Ok(Some(record)) => Some(Ok(record)),
            Ok(None) => {
                self.done = true;
                None
            }
            Err((fault, at)) => {
                let (line, problem, last) = match fault {
                    Fault::Record { line, problem } => (line, problem, false),
                    Fault::File(problem) => (at, problem, true),
                };
                self.done = last;
                Some(Err(RecordError { path: self.path.clone(), record: self.record, line, problem, last }))
            }
        }
    }
}

/// All records of a file, and those that were left out.
///
/// # Errors
/// Those of [`Reader::open`].
pub fn read_all(path: impl AsRef<Path>) -> Result<(Vec<Record>, Skipped), Error> {
    let mut records = Vec::new();
    let mut skipped = Skipped::default();
    for record in Reader::open(path)? {
        match record {
            Ok(record) => records.push(record),
            Err(broken) => skipped.add(broken),
        }
    }
    Ok((records, skipped))
}
