//! Writing jets in a stream, into whatever format the ending of the file names.
//!
//! All formats use constant memory, and appear under their name only when complete: until then the file is called
//! `.NAME.partial-PID`, and it is removed if the writer is dropped unfinished.

pub mod npz;
pub mod parquet;

use std::path::Path;

use crate::{Error, JetClass, Jets, jetnet};

/// What a file is going to hold, known before its first jet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// Number of jets that will be written; the file cannot be finished with another number.
    pub jets: usize,
    /// Particle slots per jet.
    pub capacity: usize,
    /// Whether the file mixes classes and needs a column `jet_type`.
    pub mixed: bool,
    /// Where the jets come from, as (name, value): seed, model, sampler, version, ...
    pub attributes: Vec<(String, String)>,
}

impl Contents {
    /// Checks that there will be something to write ([`Error::Empty`]).
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        if self.jets == 0 || self.capacity == 0 {
            return Err(Error::Empty { what: format!("the file {}", path.display()) });
        }
        Ok(())
    }

    /// Checks a block of jets that is about to be appended to `written` others.
    pub(crate) fn check_block(&self, jets: &Jets, classes: &[JetClass], written: usize) -> Result<(), Error> {
        let expect = |what, got, expected| {
            if got == expected { Ok(()) } else { Err(Error::Length { what, got, expected }) }
        };
        expect("particle slots per jet", jets.capacity, self.capacity)?;
        expect("classes of jets", classes.len(), if self.mixed { jets.len() } else { 0 })?;
        jets.validate()?;
        let total = written + jets.len();
        if total > self.jets {
            return Err(Error::Length { what: "jets written", got: total, expected: self.jets });
        }
        Ok(())
    }

    /// Checks that all announced jets came.
    pub(crate) fn check_complete(&self, written: usize) -> Result<(), Error> {
        if written == self.jets {
            Ok(())
        } else {
            Err(Error::Length { what: "jets written", got: written, expected: self.jets })
        }
    }
}

/// A stream of jets into a file of one of the known formats.
pub enum JetWriter {
    /// JetNet's HDF5 layout (`.hdf5`, `.h5`).
    Hdf5(jetnet::Writer),
    /// NumPy arrays of the same shapes (`.npz`).
    Npz(npz::Writer),
    /// One row per jet with lists of particles (`.parquet`).
    Parquet(Box<parquet::Writer>),
}

impl JetWriter {
    /// Endings that name a format.
    pub const ENDINGS: [&'static str; 4] = ["hdf5", "h5", "npz", "parquet"];

    /// Starts a file in the format of its ending; [`Error::UnknownEnding`] names the choices, [`Error::Io`] the reason why it cannot be written.
    pub fn create(path: impl AsRef<Path>, contents: Contents) -> Result<JetWriter, Error> {
        let path = path.as_ref();
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "hdf5" | "h5" => Ok(JetWriter::Hdf5(jetnet::Writer::create(path, contents)?)),
            "npz" => Ok(JetWriter::Npz(npz::Writer::create(path, contents)?)),
            "parquet" => Ok(JetWriter::Parquet(Box::new(parquet::Writer::create(path, contents)?))),
            _ => Err(Error::UnknownEnding { path: path.to_path_buf() }),
        }
    }

    /// Appends jets; `classes` has one entry per jet if the contents are mixed, and none otherwise.
    pub fn write(&mut self, jets: &Jets, classes: &[JetClass]) -> Result<(), Error> {
        match self {
            JetWriter::Hdf5(w) => w.write(jets, classes),
            JetWriter::Npz(w) => w.write(jets, classes),
            JetWriter::Parquet(w) => w.write(jets, classes),
        }
    }

    /// Completes the file and gives it its name; [`Error::Length`] if fewer jets came than announced.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            JetWriter::Hdf5(w) => w.finish(),
            JetWriter::Npz(w) => w.finish(),
            JetWriter::Parquet(w) => w.finish(),
        }
    }
}

/// One row of JetNet's `particle_features` per slot: etarel, phirel, ptrel, mask, as little-endian bytes.
pub(crate) fn particle_bytes(jets: &Jets) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(jets.particles.len() * 16);
    for (slot, particle) in jets.particles.iter().enumerate() {
        let real = slot % jets.capacity < jets.count[slot / jets.capacity] as usize;
        for value in particle.iter().chain([&f32::from(u8::from(real))]) {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    bytes
}

/// JetNet's `jet_features` as little-endian bytes.
pub(crate) fn jet_bytes(jets: &Jets) -> Vec<u8> {
    jets.jet.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
}

/// Indices of classes as bytes.
pub(crate) fn class_bytes(classes: &[JetClass]) -> Vec<u8> {
    classes.iter().map(|class| class.index() as u8).collect()
}

/// Writes a whole file at once; the stream for those who have everything in memory.
pub fn write(path: impl AsRef<Path>, jets: &Jets, attributes: &[(String, String)]) -> Result<(), Error> {
    let contents =
        Contents { jets: jets.len(), capacity: jets.capacity, mixed: false, attributes: attributes.to_vec() };
    let mut writer = JetWriter::create(path, contents)?;
    writer.write(jets, &[])?;
    writer.finish()
}
