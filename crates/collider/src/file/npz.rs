//! NumPy archives: `numpy.load(path)` gives `particle_features`, `jet_features` and `jet_type` as in JetNet's layout.
//!
//! An `.npz` is a ZIP archive of `.npy` arrays. They are stored uncompressed, so that every array has its place from the
//! start and all can be written in a stream; checksums are filled in at the end. Archives beyond 4 GiB use ZIP64.
//! References: PKWARE APPNOTE 6.3.10 sections 4.3 and 4.5.3; NumPy enhancement proposal 1 (version 1.0 headers).

use std::path::Path;

use flate2::Crc;

use super::{AtomicFile, Contents, class_bytes, jet_bytes, particle_bytes};
use crate::{Error, JetClass, Jets};

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

/// An archive being written.
pub struct Writer {
    out: AtomicFile,
    contents: Contents,
    members: Vec<Member>,
    end: u64,
    zip64: bool,
    written: usize,
}

impl Writer {
    /// Starts an archive; it appears under `path` when [`Writer::finish`] succeeds.
    pub fn create(path: impl AsRef<Path>, contents: Contents) -> Result<Writer, Error> {
        let per_jet = 16 * contents.capacity as u64 + 17;
        // Everything but the arrays' data stays far below 1 MiB, save for the attributes.
        let text: usize = contents.attributes.iter().map(|(k, v)| 8 * (k.len() + v.len())).sum();
        let zip64 = contents.jets as u64 * per_jet + text as u64 + (1 << 20) > u64::from(u32::MAX);
        Writer::create_as(path.as_ref(), contents, zip64)
    }

    fn create_as(path: &Path, contents: Contents, zip64: bool) -> Result<Writer, Error> {
        contents.check(path)?;
        let (n, p) = (contents.jets as u64, contents.capacity as u64);
        let out = AtomicFile::create(path)?;
        let mut writer = Writer { out, contents, members: Vec::new(), end: 0, zip64, written: 0 };
        writer.member("particle_features", "<f4", &[n, p, 4], 4)?;
        writer.member("jet_features", "<f4", &[n, 4], 4)?;
        if writer.contents.mixed {
            writer.member("jet_type", "|i1", &[n], 1)?;
        }
        if !writer.contents.attributes.is_empty() {
            let pairs =
                writer.contents.attributes.iter().map(|(k, v)| (k.clone(), serde_json::Value::from(v.as_str())));
            let text = serde_json::Value::Object(pairs.collect()).to_string();
            let characters: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
            writer.member("attributes", &format!("<U{}", characters.len() / 4), &[], characters.len() as u64)?;
            let last = writer.members.len() - 1;
            writer.append(last, &characters)?;
        }
        Ok(writer)
    }

    /// Reserves the place of an array and writes its headers.
    fn member(&mut self, name: &str, kind: &str, shape: &[u64], element: u64) -> Result<(), Error> {
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
        self.append(self.members.len() - 1, &npy)
    }

    fn append(&mut self, index: usize, bytes: &[u8]) -> Result<(), Error> {
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

    /// Appends jets; `classes` has one entry per jet if the contents are mixed, and none otherwise.
    pub fn write(&mut self, jets: &Jets, classes: &[JetClass]) -> Result<(), Error> {
        self.contents.check_block(jets, classes, self.written)?;
        self.append(0, &particle_bytes(jets))?;
        self.append(1, &jet_bytes(jets))?;
        if self.contents.mixed {
            self.append(2, &class_bytes(classes))?;
        }
        self.written += jets.len();
        Ok(())
    }

    /// Completes the archive and gives it its name; [`Error::Length`] if fewer jets came than announced.
    pub fn finish(mut self) -> Result<(), Error> {
        self.contents.check_complete(self.written)?;
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
        self.out.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_archives_are_valid_zip64() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.npz");
        let mut jets = Jets::new(2);
        jets.push([1000.0, 0.5, 80.0, 1.0], &[[0.1, 0.2, 0.3]]).unwrap();
        let contents = Contents { jets: 1, capacity: 2, ..Contents::default() };
        // The same structure as beyond 4 GiB, without the gigabytes.
        let mut writer = Writer::create_as(&path, contents, true).unwrap();
        writer.write(&jets, &[]).unwrap();
        writer.finish().unwrap();
        let script = "import numpy, sys, zipfile\nassert zipfile.ZipFile(sys.argv[1]).testzip() is None\n\
                      f = numpy.load(sys.argv[1])\nassert f['jet_features'].tolist() == [[1000, 0.5, 80, 1]]\n\
                      assert f['particle_features'].shape == (1, 2, 4)";
        if !std::process::Command::new("python3")
            .args(["-c", "import numpy"])
            .output()
            .is_ok_and(|o| o.status.success())
        {
            println!("skipped: python3 has no numpy");
            return;
        }
        let output = std::process::Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
