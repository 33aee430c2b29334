//! A ZIP archive of `.npy` arrays being written.
//!
//! Arrays are stored uncompressed and their sizes are known when they begin, so that every array has its place from the
//! start and all can be written in a stream; checksums are filled in at the end. Archives beyond 4 GiB use ZIP64.
//! References: PKWARE APPNOTE 6.3.10 sections 4.3 and 4.5.3; NumPy enhancement proposal 1 (version 1.0 headers).

use std::path::Path;

use flate2::Crc;

use super::ATTRIBUTES;
use crate::{AtomicFile, Result};

/// One array of the archive.
struct Member {
    name: String,
    /// Where the local header begins.
    offset: u64,
    /// Where the next bytes go.
    position: u64,
    /// Bytes of the `.npy` file, header included.
    size: u64,
    crc: Crc,
}

/// An archive being written; it appears under its name when [`Archive::finish`] succeeds.
pub struct Archive {
    out: AtomicFile,
    members: Vec<Member>,
    end: u64,
    zip64: bool,
}

impl Archive {
    /// Starts an archive that will have `bytes` bytes of elements and names; beyond 4 GiB it is a ZIP64 archive.
    pub fn create(path: &Path, bytes: u64) -> Result<Archive> {
        // Headers stay far below 1 MiB, for arrays by the thousand too.
        let zip64 = bytes.saturating_add(1 << 24) > u64::from(u32::MAX);
        Ok(Archive { out: AtomicFile::create(path)?, members: Vec::new(), end: 0, zip64 })
    }

    /// Adds the attributes as one JSON text, if there are any.
    pub fn attributes(&mut self, attributes: &[(String, String)]) -> Result<()> {
        if attributes.is_empty() {
            return Ok(());
        }
        let pairs = attributes.iter().map(|(k, v)| (k.clone(), serde_json::Value::from(v.as_str())));
        let text = serde_json::Value::Object(pairs.collect()).to_string();
        let characters: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        let kind = format!("<U{}", characters.len() / 4);
        let index = self.member(ATTRIBUTES, &kind, &[], characters.len() as u64)?;
        self.append(index, &characters)
    }

    /// Reserves the place of an array of NumPy type `kind` (`<f4`), whose elements have `element` bytes, and returns its number.
    ///
    /// All of its `shape` must be appended before the archive is finished.
    pub fn member(&mut self, name: &str, kind: &str, shape: &[u64], element: u64) -> Result<usize> {
        let axes: String = shape.iter().map(|length| format!("{length},")).collect();
        let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({axes}), }}");
        let padding = 63 - (10 + header.len()) % 64;
        header.push_str(&" ".repeat(padding));
        header.push('\n');
        let npy = [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
        let size = npy.len() as u64 + shape.iter().product::<u64>() * element;
        let name = format!("{name}.npy");
        let mut member = Member { name, offset: self.end, position: 0, size, crc: Crc::new() };
        let local = self.local_header(&member);
        self.out.write_at(self.end, &local)?;
        member.position = self.end + local.len() as u64;
        self.end = member.position + size;
        self.members.push(member);
        let index = self.members.len() - 1;
        self.append(index, &npy)?;
        Ok(index)
    }

    /// Appends little-endian elements to array number `index`.
    pub fn append(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        let member = &mut self.members[index];
        self.out.write_at(member.position, bytes)?;
        member.position += bytes.len() as u64;
        member.crc.update(bytes);
        Ok(())
    }

    /// Version needed to extract, flags, method, time, date (1 January 1980), checksum and sizes: common to both headers.
    fn common(&self, member: &Member) -> Vec<u8> {
        let version: u16 = if self.zip64 { 45 } else { 20 };
        let size = if self.zip64 { u32::MAX } else { member.size as u32 };
        let mut common: Vec<u8> = [version, 0, 0, 0, 0x21].iter().flat_map(|v| v.to_le_bytes()).collect();
        for value in [member.crc.sum(), size, size] {
            common.extend_from_slice(&value.to_le_bytes());
        }
        common.extend_from_slice(&(member.name.len() as u16).to_le_bytes());
        common
    }

    /// ZIP64 extra field with these 8-byte values, or nothing in a small archive.
    fn extra(&self, values: &[u64]) -> Vec<u8> {
        if !self.zip64 {
            return Vec::new();
        }
        let mut extra = [[1, 0], (8 * values.len() as u16).to_le_bytes()].concat();
        extra.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        extra
    }

    fn local_header(&self, member: &Member) -> Vec<u8> {
        let extra = self.extra(&[member.size, member.size]);
        let length = (extra.len() as u16).to_le_bytes();
        [b"PK\x03\x04", self.common(member).as_slice(), &length, member.name.as_bytes(), &extra].concat()
    }

    fn central_header(&self, member: &Member) -> Vec<u8> {
        let extra = self.extra(&[member.size, member.size, member.offset]);
        let offset = if self.zip64 { u32::MAX } else { member.offset as u32 };
        let mut header = [b"PK\x01\x02\x2d\0".as_slice(), &self.common(member)].concat();
        header.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        // No comment, first disk, no internal or external attributes.
        header.extend_from_slice(&[0; 10]);
        header.extend_from_slice(&offset.to_le_bytes());
        [&header, member.name.as_bytes(), &extra].concat()
    }

    /// Completes the archive and gives it its name.
    pub fn finish(self) -> Result<()> {
        Ok(self.close()?.commit()?)
    }

    /// Completes the archive, which has no name yet.
    pub fn close(mut self) -> Result<AtomicFile> {
        let mut directory = Vec::new();
        for member in &self.members {
            let local = self.local_header(member);
            self.out.write_at(member.offset, &local)?;
        }
        for member in &self.members {
            directory.extend(self.central_header(member));
        }
        let (count, size) = (self.members.len() as u64, directory.len() as u64);
        if self.zip64 {
            // End of central directory record and its locator (4.3.14, 4.3.15).
            directory.extend_from_slice(b"PK\x06\x06");
            directory.extend_from_slice(&44u64.to_le_bytes());
            directory.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for value in [count, count, size, self.end] {
                directory.extend_from_slice(&value.to_le_bytes());
            }
            directory.extend_from_slice(b"PK\x06\x07\0\0\0\0");
            directory.extend_from_slice(&(self.end + size).to_le_bytes());
            directory.extend_from_slice(&1u32.to_le_bytes());
        }
        let start = if self.zip64 { u32::MAX } else { self.end as u32 };
        directory.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        directory.extend_from_slice(&(count as u16).to_le_bytes());
        directory.extend_from_slice(&(count as u16).to_le_bytes());
        directory.extend_from_slice(&(size as u32).to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(&[0; 2]);
        self.out.write_at(self.end, &directory)?;
        Ok(self.out)
    }
}
