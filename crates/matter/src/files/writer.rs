//! Writing molecules in a stream into a file that appears when it is complete.

use std::io::Write;
use std::path::{Path, PathBuf};

use atomic::AtomicFile;
use compression::{Compression, Encoder};

use super::{Error, Format, Record, parquet, sdf, xyz};

enum Output {
    Text(Encoder<AtomicFile>),
    Parquet(Box<parquet::Sink>),
}

/// A file being written, under a temporary name until [`Writer::finish`]; removed when dropped before.
pub struct Writer {
    path: PathBuf,
    format: Format,
    out: Output,
    text: String,
    written: u64,
}

impl Writer {
    /// Starts a file in the format and compression of its ending ([`Format::from_path`]).
    ///
    /// # Errors
    /// [`Error::UnknownEnding`], [`Error::Io`].
    pub fn create(path: impl AsRef<Path>) -> Result<Writer, Error> {
        let (format, compression) = Format::from_path(&path)?;
        Writer::with_format(path, format, compression)
    }

    /// Starts a file of a given format and compression, whatever its name; Parquet has its own compression and the ending `.parquet`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn with_format(path: impl AsRef<Path>, format: Format, compression: Compression) -> Result<Writer, Error> {
        let path = path.as_ref();
        let out = match format {
            Format::Parquet => Output::Parquet(Box::new(parquet::Sink::create(path))),
            _ => {
                let file = AtomicFile::create(path)?;
                Output::Text(Encoder::new(file, compression).map_err(|e| Error::io("write", path, e))?)
            }
        };
        Ok(Writer { path: path.to_path_buf(), format, out, text: String::new(), written: 0 })
    }

    /// The format being written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Records written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes a record.
    ///
    /// # Errors
    /// [`Error::Unwritable`] for a molecule that contradicts itself or that the format cannot hold: nothing of it is written, and others may follow.
    /// [`Error::Io`], [`Error::Table`].
    pub fn write(&mut self, record: &Record) -> Result<(), Error> {
        let unwritable = |problem| Error::Unwritable {
            path: self.path.clone(),
            record: self.written + 1,
            format: self.format,
            problem,
        };
        check(record).map_err(unwritable)?;
        match &mut self.out {
            Output::Parquet(sink) => sink.write(record)?.map_err(unwritable)?,
            Output::Text(out) => {
                self.text.clear();
                let written = match self.format {
                    Format::Xyz => xyz::write(&mut self.text, record),
                    format => sdf::write(&mut self.text, record, format == Format::SdfV3000),
                };
                written.map_err(unwritable)?;
                out.write_all(self.text.as_bytes()).map_err(|e| Error::io("write", &self.path, e))?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Completes the file and gives it its name; returns how many records it has, which may be none.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk is full, for example; the file is removed then.
    pub fn finish(self) -> Result<u64, Error> {
        match self.out {
            Output::Text(out) => out.finish().map_err(|e| Error::io("write", &self.path, e))?.commit()?,
            Output::Parquet(sink) => sink.finish()?,
        }
        Ok(self.written)
    }
}

/// What no format can hold.
fn check(record: &Record) -> Result<(), String> {
    let molecule = &record.molecule;
    let n = molecule.len();
    if n == 0 {
        return Err("it has no atoms".to_string());
    }
    if molecule.positions.len() != n {
        return Err(format!("it has {n} elements and {} positions", molecule.positions.len()));
    }
    if !molecule.charges.is_empty() && molecule.charges.len() != n {
        return Err(format!("it has {n} elements and {} charges", molecule.charges.len()));
    }
    if let Some(i) = molecule.positions.iter().position(|p| !p.iter().all(|x| x.is_finite())) {
        return Err(format!("atom {} is at {:?}, which is no place", i + 1, molecule.positions[i]));
    }
    let wrong = |b: &&crate::Bond| b.atoms[0] >= b.atoms[1] || b.atoms[1] >= n;
    match molecule.bonds.iter().flatten().find(wrong) {
        Some(bond) => Err(format!("it has a bond of atoms {:?}, counted from 0, among {n} atoms", bond.atoms)),
        None => Ok(()),
    }
}
