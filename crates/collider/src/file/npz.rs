//! NumPy archives: `numpy.load(path)` gives `particle_features`, `jet_features` and `jet_type` as in JetNet's layout.
//!
//! Arrays are stored uncompressed; archives beyond 4 GiB are ZIP64, which NumPy reads.

use std::path::Path;

use tables::npz::Archive;

use super::{Contents, class_bytes, jet_bytes, particle_bytes};
use crate::{Error, JetClass, Jets};

/// An archive being written.
pub struct Writer {
    archive: Archive,
    contents: Contents,
    written: usize,
}

impl Writer {
    /// Starts an archive; it appears under `path` when [`Writer::finish`] succeeds.
    pub fn create(path: impl AsRef<Path>, contents: Contents) -> Result<Writer, Error> {
        let path = path.as_ref();
        contents.check(path)?;
        let (n, p) = (contents.jets as u64, contents.capacity as u64);
        let text: usize = contents.attributes.iter().map(|(k, v)| 8 * (k.len() + v.len())).sum();
        let mut archive = Archive::create(path, n * (16 * p + 17) + text as u64)?;
        archive.member("particle_features", "<f4", &[n, p, 4], 4)?;
        archive.member("jet_features", "<f4", &[n, 4], 4)?;
        if contents.mixed {
            archive.member("jet_type", "|i1", &[n], 1)?;
        }
        archive.attributes(&contents.attributes)?;
        Ok(Writer { archive, contents, written: 0 })
    }

    /// Appends jets; `classes` has one entry per jet if the contents are mixed, and none otherwise.
    pub fn write(&mut self, jets: &Jets, classes: &[JetClass]) -> Result<(), Error> {
        self.contents.check_block(jets, classes, self.written)?;
        self.archive.append(0, &particle_bytes(jets))?;
        self.archive.append(1, &jet_bytes(jets))?;
        if self.contents.mixed {
            self.archive.append(2, &class_bytes(classes))?;
        }
        self.written += jets.len();
        Ok(())
    }

    /// Completes the archive and gives it its name; [`Error::Length`] if fewer jets came than announced.
    pub fn finish(self) -> Result<(), Error> {
        self.contents.check_complete(self.written)?;
        Ok(self.archive.finish()?)
    }
}
