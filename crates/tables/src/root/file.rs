//! A ROOT file as a container: its header, its directories, and the keys that say where objects lie.
//!
//! The layout is described in uproot's `reading.py` (BSD-3-Clause, <https://github.com/scikit-hep/uproot5>) and in groot's
//! package `riofs` (BSD-3-Clause, <https://go-hep.org>).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::compress::decompress;
use super::cursor::{Cursor, Parse};
use crate::{Error, Result};

/// Versions from here on have addresses of eight bytes: of the file, and of keys and directories.
const LARGE_FILE: u32 = 1_000_000;
const LARGE: u16 = 1000;
/// Directories within directories that are followed.
const DEPTH: usize = 16;

/// Where an object lies and what it is.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Bytes in the file, this key's included.
    pub(super) bytes: u32,
    pub(super) uncompressed: u32,
    pub(super) key_length: u16,
    pub(super) cycle: u16,
    pub(super) seek: u64,
    pub(super) class: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn parse(cursor: &mut Cursor) -> Parse<Key> {
        let bytes = cursor.i32()?;
        let version = cursor.u16()?;
        let uncompressed = cursor.u32()?;
        cursor.u32()?;
        let key_length = cursor.u16()?;
        let cycle = cursor.u16()?;
        let seek = cursor.seek(version > LARGE)?;
        cursor.seek(version > LARGE)?;
        let bytes = u32::try_from(bytes).map_err(|_| "a deleted object is still listed")?;
        let (class, name) = (cursor.string()?, cursor.string()?);
        // The title.
        cursor.string()?;
        Ok(Key { bytes, uncompressed, key_length, cycle, seek, class, name })
    }
}

/// An open ROOT file.
pub(super) struct RootFile {
    file: File,
    pub(super) path: PathBuf,
    length: u64,
}

impl RootFile {
    /// Opens a file and lists its objects, with the directories before their names; the newest cycle of each.
    pub(super) fn open(path: &Path) -> Result<(RootFile, Vec<Key>)> {
        let file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        let length = file.metadata().map_err(|e| Error::io("open", path, e))?.len();
        let mut root = RootFile { file, path: path.to_path_buf(), length };
        let head = root.read(0, length.min(64) as usize)?;
        let (begin, end, name_bytes) = header(&head).map_err(|problem| root.damaged(problem))?;
        if end > length {
            let problem = format!("it has {length} bytes of {end}; copy or download it again");
            return Err(root.damaged(problem));
        }
        let mut keys = Vec::new();
        let place =
            begin.checked_add(name_bytes).ok_or_else(|| root.damaged("its directory is nowhere".to_string()))?;
        root.directory(place, "", &mut keys, 0)?;
        Ok((root, keys))
    }

    pub(super) fn damaged(&self, problem: impl Into<String>) -> Error {
        Error::format("ROOT", &self.path, problem)
    }

    /// Bytes at a place, which must lie in the file.
    pub(super) fn read(&mut self, at: u64, length: usize) -> Result<Vec<u8>> {
        if at.checked_add(length as u64).is_none_or(|end| end > self.length) {
            let problem = format!("{length} bytes are needed at byte {at}, but the file ends at {}", self.length);
            return Err(self.damaged(problem));
        }
        let mut bytes = vec![0; length];
        let result = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut bytes));
        result.map_err(|e| Error::io("read", &self.path, e))?;
        Ok(bytes)
    }

    /// Collects the keys of the directory whose record lies at `place`, and of those below it.
    fn directory(&mut self, place: u64, prefix: &str, keys: &mut Vec<Key>, depth: usize) -> Result<()> {
        let record = self.read(place, 42.min(self.length.saturating_sub(place) as usize))?;
        let list = directory_record(&record).map_err(|problem| self.damaged(format!("a directory: {problem}")))?;
        let Some((at, length)) = list else { return Ok(()) };
        let bytes = self.read(at, length)?;
        let found = key_list(&bytes).map_err(|problem| self.damaged(format!("a list of objects: {problem}")))?;
        for mut key in found {
            let local = key.name.clone();
            key.name = format!("{prefix}{local}");
            if matches!(key.class.as_str(), "TDirectory" | "TDirectoryFile") {
                if depth < DEPTH {
                    self.directory(key.seek + u64::from(key.key_length), &format!("{}/", key.name), keys, depth + 1)?;
                }
                continue;
            }
            match keys.iter_mut().find(|other| other.name == key.name) {
                Some(other) if other.cycle < key.cycle => *other = key,
                Some(_) => {}
                None => keys.push(key),
            }
        }
        Ok(())
    }

    /// The uncompressed bytes of an object, and its key as it stands before them.
    pub(super) fn object(&mut self, key: &Key) -> Result<Vec<u8>> {
        let length = key.bytes.checked_sub(u32::from(key.key_length));
        let length =
            length.ok_or_else(|| self.damaged(format!("the key of \"{}\" is shorter than itself", key.name)))?;
        let bytes = self.read(key.seek.saturating_add(u64::from(key.key_length)), length as usize)?;
        if length == key.uncompressed {
            return Ok(bytes);
        }
        decompress(&bytes, key.uncompressed as usize)
            .map_err(|problem| self.damaged(format!("{} \"{}\": {problem}", key.class, key.name)))
    }
}

/// Begin of the first record, end of the file, bytes of the name of the top directory.
fn header(head: &[u8]) -> Parse<(u64, u64, u64)> {
    let mut cursor = Cursor::new(head);
    cursor.take(4)?;
    let version = cursor.u32()?;
    let large = version >= LARGE_FILE;
    let begin = cursor.u32()?;
    let end = cursor.seek(large)?;
    cursor.seek(large)?;
    cursor.u32()?;
    cursor.u32()?;
    let name_bytes = cursor.u32()?;
    Ok((begin.into(), end, name_bytes.into()))
}

/// Where the list of keys of a directory lies, and its length; nothing in an empty directory.
fn directory_record(record: &[u8]) -> Parse<Option<(u64, usize)>> {
    let mut cursor = Cursor::new(record);
    let version = cursor.u16()?;
    cursor.take(8)?;
    let length = cursor.u32()?;
    cursor.u32()?;
    let large = version > LARGE;
    cursor.seek(large)?;
    cursor.seek(large)?;
    let at = cursor.seek(large)?;
    Ok((at != 0 && length != 0).then_some((at, length as usize)))
}

fn key_list(bytes: &[u8]) -> Parse<Vec<Key>> {
    let mut cursor = Cursor::new(bytes);
    let own = Key::parse(&mut cursor)?;
    let mut cursor = Cursor::new(bytes);
    cursor.take(usize::from(own.key_length))?;
    let count = cursor.u32()? as usize;
    if count > cursor.rest() / 26 {
        return Err(format!("{count} objects do not fit into {} bytes", cursor.rest()));
    }
    (0..count).map(|_| Key::parse(&mut cursor)).collect()
}
