//! A ROOT file being written: keys one after the other, then the list of keys, the free segment, and the header last.
//!
//! Layout as in `root/file.rs`. Keys beyond 2 GiB have addresses of eight bytes, as their version says.

use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use super::compress::compress;
use super::put::Put;
use super::streamers;
use crate::{AtomicFile, Error, Result};

/// Where the first key lies.
const BEGIN: u64 = 100;
/// ROOT's own limit of addresses of four bytes.
pub(super) const LARGE: u64 = 2_000_000_000;
/// Version of ROOT whose layout of classes this is: 6.24.00.
const ROOT_VERSION: u32 = 62400;
/// 1995-01-01 00:00:00, the epoch of TDatime, at which all objects are dated so that equal tables give equal files.
const DATE: u32 = 1 << 22 | 1 << 17;

/// A key as it stands before its object and in the list of keys.
pub(super) struct NewKey {
    pub(super) class: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) seek: u64,
    pub(super) bytes: u32,
    pub(super) uncompressed: u32,
    /// Bytes of the key that belong to the object, as baskets have them.
    pub(super) extra: Vec<u8>,
}

impl NewKey {
    fn large(&self) -> bool {
        self.seek > LARGE
    }

    /// Bytes of the key.
    pub(super) fn length(&self) -> usize {
        let string = |s: &str| s.len() + if s.len() < 255 { 1 } else { 5 };
        let fixed = if self.large() { 34 } else { 26 };
        fixed + string(&self.class) + string(&self.name) + string(&self.title) + self.extra.len()
    }

    fn put(&self, out: &mut Put) {
        let large = self.large();
        out.u32(self.bytes).u16(if large { 1004 } else { 4 }).u32(self.uncompressed).u32(DATE);
        out.u16(self.length() as u16).u16(1);
        if large {
            out.u64(self.seek).u64(BEGIN);
        } else {
            out.u32(self.seek as u32).u32(BEGIN as u32);
        }
        out.string(&self.class).string(&self.name).string(&self.title).raw(&self.extra);
    }
}

/// What was written of an object: where, how many bytes, and how many before compression; both with the key.
pub(super) struct Written {
    pub(super) seek: u64,
    pub(super) bytes: u32,
    pub(super) uncompressed: u64,
}

pub(super) struct Container {
    out: BufWriter<AtomicFile>,
    name: String,
    level: u32,
    end: u64,
    listed: Vec<NewKey>,
}

impl Container {
    /// Starts a file whose objects are compressed with zlib at `level`; `skip` bytes are left out before the first of them.
    pub(super) fn create(path: &Path, level: u32, skip: u64) -> Result<Container> {
        let name = path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        let file = AtomicFile::create(path)?;
        let mut container =
            Container { out: BufWriter::with_capacity(1 << 20, file), name, level, end: 0, listed: Vec::new() };
        let head = container.head(0, 0);
        container.append(&head)?;
        if skip > 0 {
            container.end += skip;
            let end = container.end - 1;
            container.at(end, &[0])?;
        }
        Ok(container)
    }

    fn failed(&self, error: std::io::Error) -> Error {
        self.out.get_ref().failed(error).into()
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.end += bytes.len() as u64;
        self.out.write_all(bytes).map_err(|e| self.failed(e))
    }

    fn at(&mut self, place: u64, bytes: &[u8]) -> Result<()> {
        self.out.flush().map_err(|e| self.failed(e))?;
        Ok(self.out.get_mut().write_at(place, bytes)?)
    }

    /// The key that an object would get now; its length is needed inside some objects.
    pub(super) fn key(&self, class: &str, name: &str, title: &str, extra: Vec<u8>) -> NewKey {
        let (class, name, title) = (class.to_string(), name.to_string(), title.to_string());
        NewKey { class, name, title, seek: self.end, bytes: 0, uncompressed: 0, extra }
    }

    /// Appends an object under a key made for this place.
    pub(super) fn put(&mut self, mut key: NewKey, object: Vec<u8>, listed: bool) -> Result<Written> {
        let length = key.length();
        let total = length as u64 + object.len() as u64;
        if total >= 1 << 30 || length > usize::from(u16::MAX) {
            let path = self.out.get_ref().path().to_path_buf();
            let problem = format!("{} \"{}\" has {total} bytes, more than the format allows", key.class, key.name);
            return Err(Error::format("ROOT", &path, problem));
        }
        key.uncompressed = object.len() as u32;
        let packed = compress(object, self.level).map_err(|e| self.failed(e))?;
        key.bytes = (length + packed.len()) as u32;
        let mut head = Put::default();
        key.put(&mut head);
        self.append(&head.bytes)?;
        self.append(&packed)?;
        let written = Written { seek: key.seek, bytes: key.bytes, uncompressed: total };
        if listed {
            self.listed.push(key);
        }
        Ok(written)
    }

    /// Writes the list of classes, of keys and of free segments, and the header; the file has no name yet.
    pub(super) fn close(mut self) -> Result<AtomicFile> {
        let classes = streamers::list().map_err(|e| self.failed(e))?;
        let mut key = self.key("TList", "StreamerInfo", "Doubly linked list", Vec::new());
        // An address of eight bytes makes the key longer, which the title makes up for.
        while key.length() > streamers::KEY_LENGTH && key.title.pop().is_some() {}
        let info = self.put(key, classes, false)?;
        let level = std::mem::take(&mut self.level);

        let mut list = Put::default();
        list.u32(self.listed.len() as u32);
        for key in &self.listed {
            key.put(&mut list);
        }
        let name = self.name.clone();
        let keys = self.put(self.key("TFile", &name, "", Vec::new()), list.bytes, false)?;

        // One free segment: from the end to as far as addresses reach.
        let large = self.end > LARGE;
        let key = self.key("TFile", &name, "", Vec::new());
        let end = self.end + key.length() as u64 + if large { 18 } else { 10 };
        let mut free = Put::default();
        if large {
            free.u16(1001).u64(end).u64((end / 1_000_000_000 + 1) * 1_000_000_000);
        } else {
            free.u16(1).u32(end as u32).u32(LARGE as u32);
        }
        let free = self.put(key, free.bytes, false)?;
        self.level = level;

        let head = self.head(keys.seek, keys.bytes);
        let header = self.header(&free, &info);
        self.at(0, &header)?;
        self.at(BEGIN, &head[BEGIN as usize..])?;
        self.out.into_inner().map_err(|e| {
            let error = e.error().kind().into();
            Error::io("write", Path::new(&name), error)
        })
    }

    /// The file's header of 100 bytes.
    fn header(&self, free: &Written, info: &Written) -> Vec<u8> {
        let large = self.end > LARGE;
        let mut out = Put::default();
        out.raw(b"root").u32(ROOT_VERSION + if large { 1_000_000 } else { 0 }).u32(BEGIN as u32);
        let address = |out: &mut Put, x: u64| {
            if large {
                out.u64(x)
            } else {
                out.u32(x as u32)
            };
        };
        address(&mut out, self.end);
        address(&mut out, free.seek);
        out.u32(free.bytes).u32(1).u32(self.name_bytes() as u32).u8(if large { 8 } else { 4 }).u32(100 + self.level);
        address(&mut out, info.seek);
        out.u32(info.bytes).u16(1).raw(&[0; 16]);
        out.bytes.resize(BEGIN as usize, 0);
        out.bytes
    }

    fn own_key(&self) -> NewKey {
        NewKey {
            class: "TFile".to_string(),
            name: self.name.clone(),
            title: String::new(),
            seek: BEGIN,
            bytes: 0,
            uncompressed: 0,
            extra: Vec::new(),
        }
    }

    /// Bytes of the first key with name and title, after which the directory follows.
    fn name_bytes(&self) -> usize {
        let string = self.name.len() + if self.name.len() < 255 { 1 } else { 5 };
        self.own_key().length() + string + 1
    }

    /// Room for the header, then the first record: the file's key, name, title and directory.
    fn head(&self, keys: u64, key_bytes: u32) -> Vec<u8> {
        let large = keys > LARGE;
        let mut object = Put::default();
        object.string(&self.name).string("");
        object.u16(if large { 1005 } else { 5 }).u32(DATE).u32(DATE).u32(key_bytes).u32(self.name_bytes() as u32);
        if large {
            object.u64(BEGIN).u64(0).u64(keys);
        } else {
            object.u32(BEGIN as u32).u32(0).u32(keys as u32);
        }
        // A unique identifier, none here, and room for addresses of eight bytes.
        object.u16(1).raw(&[0; 16]);
        if !large {
            object.raw(&[0; 12]);
        }
        let mut key = self.own_key();
        key.uncompressed = object.bytes.len() as u32;
        key.bytes = (key.length() + object.bytes.len()) as u32;
        let mut out = Put::default();
        out.bytes.resize(BEGIN as usize, 0);
        key.put(&mut out);
        out.raw(&object.bytes);
        out.bytes
    }
}
