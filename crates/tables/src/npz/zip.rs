//! The members of a ZIP archive, stored or deflated (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3).

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Take};
use std::path::Path;

use flate2::read::DeflateDecoder;

use crate::{Error, Result};

/// One file of the archive.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    deflated: bool,
    /// Bytes in the archive, and where its header begins.
    packed: u64,
    offset: u64,
}

/// Bytes of the end of central directory record, without its comment.
const END: u64 = 22;

fn damaged(path: &Path, problem: impl Into<String>) -> Error {
    Error::format("npz", path, problem)
}

fn number(bytes: &[u8], at: usize, size: usize) -> u64 {
    bytes.get(at..at + size).map_or(0, |b| b.iter().rev().fold(0, |sum, &b| sum << 8 | u64::from(b)))
}

fn read_at(file: &mut File, path: &Path, at: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.take(length).read_to_end(&mut bytes));
    read.map_err(|e| Error::io("read", path, e))?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(damaged(path, format!("it ends within {length} bytes at {at}")))
    }
}

/// The members that the directory at the end of the archive lists.
pub(super) fn members(path: &Path) -> Result<Vec<Member>> {
    let mut file = File::open(path).map_err(|e| Error::io("open", path, e))?;
    let length = file.metadata().map_err(|e| Error::io("open", path, e))?.len();
    let tail = length.min(END + 0xffff);
    let bytes = read_at(&mut file, path, length - tail, tail)?;
    let end = bytes.windows(4).rposition(|w| w == b"PK\x05\x06");
    let end = end.ok_or_else(|| damaged(path, "its end is missing; copy or download it again"))?;
    let (mut size, mut start) = (number(&bytes, end + 12, 4), number(&bytes, end + 16, 4));
    let mut count = number(&bytes, end + 10, 2);
    let locator = end.checked_sub(20).filter(|&at| bytes[at..].starts_with(b"PK\x06\x07"));
    if let Some(locator) = locator {
        let record = read_at(&mut file, path, number(&bytes, locator + 8, 8), 56)?;
        (count, size, start) = (number(&record, 32, 8), number(&record, 40, 8), number(&record, 48, 8));
    }
    if start.checked_add(size).is_none_or(|end| end > length) || count > size / 46 {
        return Err(damaged(path, format!("{count} members in {size} bytes at {start} of {length}")));
    }
    let directory = read_at(&mut file, path, start, size)?;
    let mut members = Vec::new();
    let mut rest = directory.as_slice();
    for _ in 0..count {
        let (name, extra, comment) = (number(rest, 28, 2), number(rest, 30, 2), number(rest, 32, 2));
        let total = 46 + (name + extra + comment) as usize;
        if !rest.starts_with(b"PK\x01\x02") || rest.len() < total {
            return Err(damaged(path, "its directory is cut off"));
        }
        let text = String::from_utf8_lossy(&rest[46..46 + name as usize]).into_owned();
        let extra = &rest[46 + name as usize..46 + (name + extra) as usize];
        let mut wide = zip64(extra).chunks_exact(8).map(|b| number(b, 0, 8));
        let mut field = |at: usize| match number(rest, at, 4) {
            0xffff_ffff => wide.next().unwrap_or(0xffff_ffff),
            small => small,
        };
        // In the extra field the uncompressed size comes first.
        let _ = field(24);
        let (packed, offset) = (field(20), field(42));
        let deflated = match number(rest, 10, 2) {
            0 => false,
            8 => true,
            method => return Err(damaged(path, format!("\"{text}\" is packed by method {method}; 0 and 8 are read"))),
        };
        members.push(Member { name: text, deflated, packed, offset });
        rest = &rest[total..];
    }
    Ok(members)
}

/// The ZIP64 part of a member's extra fields.
fn zip64(mut extra: &[u8]) -> &[u8] {
    while extra.len() >= 4 {
        let size = number(extra, 2, 2) as usize;
        let Some(body) = extra.get(4..4 + size) else { break };
        if extra.starts_with(&[1, 0]) {
            return body;
        }
        extra = &extra[4 + size..];
    }
    &[]
}

/// The uncompressed bytes of a member, read forward; going back means to begin again.
pub(super) struct Stream {
    member: Member,
    file: Option<Unpacking>,
    at: u64,
}

enum Unpacking {
    Stored(Take<BufReader<File>>),
    Deflated(Box<DeflateDecoder<Take<BufReader<File>>>>),
}

impl Read for Unpacking {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Unpacking::Stored(file) => file.read(bytes),
            Unpacking::Deflated(file) => file.read(bytes),
        }
    }
}

impl Stream {
    pub(super) fn new(member: Member) -> Stream {
        Stream { member, file: None, at: 0 }
    }

    /// A reader that stands at this uncompressed byte.
    pub(super) fn seek(&mut self, path: &Path, to: u64) -> Result<&mut dyn Read> {
        if self.member.deflated {
            let mut file = match self.file.take() {
                Some(file) if self.at <= to => file,
                _ => {
                    self.at = 0;
                    self.open(path, 0)?
                }
            };
            let skipped = std::io::copy(&mut (&mut file).take(to - self.at), &mut std::io::sink());
            skipped.map_err(|e| damaged(path, format!("\"{}\" cannot be unpacked: {e}", self.member.name)))?;
            self.at = to;
            return Ok(self.file.insert(file));
        }
        let file = match self.file.take() {
            Some(file) if self.at == to => file,
            _ => self.open(path, to)?,
        };
        self.at = to;
        Ok(self.file.insert(file))
    }

    /// Says that so many bytes were read.
    pub(super) fn advance(&mut self, bytes: u64) {
        self.at += bytes;
    }

    fn open(&self, path: &Path, skip: u64) -> Result<Unpacking> {
        let mut file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        let header = read_at(&mut file, path, self.member.offset, 30)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(damaged(path, format!("\"{}\" does not lie where the directory says", self.member.name)));
        }
        let start = self.member.offset + 30 + number(&header, 26, 2) + number(&header, 28, 2);
        file.seek(SeekFrom::Start(start.saturating_add(skip))).map_err(|e| Error::io("read", path, e))?;
        let packed = BufReader::with_capacity(1 << 16, file).take(self.member.packed.saturating_sub(skip));
        Ok(if self.member.deflated {
            Unpacking::Deflated(Box::new(DeflateDecoder::new(packed)))
        } else {
            Unpacking::Stored(packed)
        })
    }
}
