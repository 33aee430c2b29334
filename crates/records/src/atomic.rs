//! A file that appears under its name complete or not at all: written beside it, flushed to the disk, then renamed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Error;

/// A file under the temporary name `.NAME.partial-PID`, removed when dropped before [`AtomicFile::commit_as`].
pub(crate) struct AtomicFile {
    file: File,
    partial: PathBuf,
    path: PathBuf,
    committed: bool,
}

impl AtomicFile {
    /// Opens the temporary file in the directory of `path`.
    pub(crate) fn create(path: &Path) -> Result<AtomicFile, Error> {
        let failed = |source| Error::io("create", path, source);
        if path.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
        }
        let name =
            path.file_name().ok_or_else(|| failed(io::Error::new(io::ErrorKind::InvalidInput, "it names no file")))?;
        let mut partial = std::ffi::OsString::from(".");
        partial.push(name);
        partial.push(format!(".partial-{}", std::process::id()));
        let partial = path.with_file_name(partial);
        let file = File::create(&partial).map_err(failed)?;
        Ok(AtomicFile { file, partial, path: path.to_path_buf(), committed: false })
    }

    /// Wraps an error of writing with the final name.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::io("write", &self.path, source)
    }

    /// Flushes everything to the disk and gives the file a name in its directory, replacing what had it before.
    pub(crate) fn commit_as(mut self, path: &Path) -> Result<(), Error> {
        self.file.sync_all().map_err(|e| self.failed(e))?;
        fs::rename(&self.partial, path).map_err(|e| Error::io("replace", path, e))?;
        self.committed = true;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be done about a failure here, and the name says what the file is.
            let _ = fs::remove_file(&self.partial);
        }
    }
}
