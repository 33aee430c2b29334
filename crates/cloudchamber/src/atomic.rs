//! Files that appear under their name only when they are complete.
//!
//! The text goes to a temporary file in the same directory, is flushed to the disk and renamed; an error on the way removes it.

use std::io::Write;
use std::path::Path;

use crate::Error;

/// A file in the making beside `path`; give it to [`finish`] when it is complete. Dropping it removes it.
pub fn begin(path: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| Error::argument("-o", path.display(), "the name of a file"))?;
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".partial-");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666)); // less the umask, as for any file
    }
    // tempfile names its own path in the error; the reason alone is wanted here.
    builder.tempfile_in(directory).map_err(|e| Error::Io {
        action: "write",
        path: path.to_path_buf(),
        source: reason(e),
    })
}

/// Flushes the file to the disk and gives it its name, replacing what had it.
pub fn finish(file: tempfile::NamedTempFile, path: &Path) -> Result<(), Error> {
    file.as_file().sync_all().map_err(Error::io("write", path))?;
    file.persist(path).map_err(|e| Error::Io { action: "write", path: path.to_path_buf(), source: e.error })?;
    Ok(())
}

/// Writes a whole file at once: it is there with all of `bytes`, or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = begin(path)?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    finish(file, path)
}

/// Fails early where `path` could not be written at the end: before minutes of work, not after.
pub fn check_writable(path: &Path, force: bool) -> Result<(), Error> {
    if path.is_dir() {
        return Err(Error::argument("-o", path.display(), "the name of a file, not of a directory"));
    }
    if path.exists() && !force {
        return Err(Error::Exists { path: path.to_path_buf() });
    }
    begin(path).map(drop)
}

fn reason(error: std::io::Error) -> std::io::Error {
    error.raw_os_error().map_or_else(|| std::io::Error::from(error.kind()), std::io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_leaves_nothing_and_a_finished_one_leaves_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        drop(begin(&path).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_impossible_place_is_refused_before_the_work() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        write(&file, b"x").unwrap();
        for (path, force, text) in [
            (file.join("below"), true, "is a file, not a directory"),
            (dir.path().join("no/such/a.h5"), true, "does not exist"),
            (dir.path().to_path_buf(), true, "not of a directory"),
            (file.clone(), false, "--force"),
        ] {
            let message = check_writable(&path, force).unwrap_err().to_string();
            assert!(message.contains(text), "{message}");
        }
        assert!(check_writable(&file, true).is_ok());
    }
}
