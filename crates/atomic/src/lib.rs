//! A file that appears under its name complete or not at all: written beside it, flushed to the disk, then renamed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// An error of the operating system, with what was tried on which file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}", path = .path.display())]
pub struct Failure {
    /// What was tried.
    pub action: &'static str,
    /// The file.
    pub path: PathBuf,
    /// The reason.
    pub source: io::Error,
}

impl Failure {
    fn new(action: &'static str, path: &Path, source: io::Error) -> Failure {
        Failure { action, path: path.to_path_buf(), source }
    }
}

/// A file under the temporary name `.NAME.partial-PID`, removed when dropped before [`AtomicFile::commit`].
pub struct AtomicFile {
    file: File,
    partial: PathBuf,
    path: PathBuf,
    committed: bool,
}

impl AtomicFile {
    /// Opens the temporary file in the directory of `path`.
    pub fn create(path: &Path) -> Result<AtomicFile, Failure> {
        let failed = |source| Failure::new("create", path, source);
        if path.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
        }
        let name =
            path.file_name().ok_or_else(|| failed(io::Error::new(io::ErrorKind::InvalidInput, "it names no file")))?;
        let mut partial = std::ffi::OsString::from(".");
        partial.push(name);
        partial.push(format!(".partial-{}", std::process::id()));
        let partial = path.with_file_name(partial);
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&partial).map_err(failed)?;
        Ok(AtomicFile { file, partial, path: path.to_path_buf(), committed: false })
    }

    /// The final name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Wraps an error of writing with the final name.
    pub fn failed(&self, source: io::Error) -> Failure {
        Failure::new("write", &self.path, source)
    }

    /// Writes `bytes` at an absolute position.
    pub fn write_at(&mut self, position: u64, bytes: &[u8]) -> Result<(), Failure> {
        self.file
            .seek(SeekFrom::Start(position))
            .and_then(|_| self.file.write_all(bytes))
            .map_err(|e| Failure::new("write", &self.path, e))
    }

    /// Reads what was written at an absolute position.
    pub fn read_at(&mut self, position: u64, bytes: &mut [u8]) -> Result<(), Failure> {
        self.file
            .seek(SeekFrom::Start(position))
            .and_then(|_| self.file.read_exact(bytes))
            .map_err(|e| Failure::new("read", &self.path, e))
    }

    /// Flushes everything to the disk and gives the file its name, replacing what had it before.
    pub fn commit(self) -> Result<(), Failure> {
        let path = self.path.clone();
        self.commit_as(&path)
    }

    /// The same under another name in the same directory.
    pub fn commit_as(mut self, path: &Path) -> Result<(), Failure> {
        self.file.sync_all().map_err(|e| self.failed(e))?;
        fs::rename(&self.partial, path).map_err(|e| Failure::new("replace", path, e))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_committed_and_leaves_nothing_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"0123456789").unwrap();
        file.write_at(2, b"xy").unwrap();
        let mut read = [0; 4];
        file.read_at(1, &mut read).unwrap();
        assert_eq!(&read, b"1xy4");
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"01xy456789");
        drop(AtomicFile::create(&path).unwrap());
        AtomicFile::create(&path).unwrap().commit_as(&folder.path().join("b.bin")).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a.bin", "b.bin"]);
    }

    #[test]
    fn failures_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_path_buf(), folder.path().join("none/a")] {
            let failure = AtomicFile::create(&path).err().unwrap();
            assert_eq!((failure.action, &failure.path), ("create", &path));
        }
    }
}
