//! Scalars in TensorBoard's event-file format, without TensorFlow.
//!
//! A file is a sequence of TFRecords: length (u64), masked CRC-32C of the length, payload, masked CRC-32C of the payload, little endian.
//! A payload is a protobuf `Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }` with
//! `Summary { repeated Value { string tag = 1; float simple_value = 2; } value = 1; }` (tensorflow/core/util/event.proto, framework/summary.proto).

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Error, atomic};

/// A writer of one event file.
#[derive(Debug)]
pub struct EventFile {
    file: File,
    path: std::path::PathBuf,
}

impl EventFile {
    /// Opens `path`, keeping the whole records of an earlier run up to and including `resume` steps; without `resume` it starts afresh.
    ///
    /// A record cut off by a crash and those beyond the step that training goes on from are removed, so that no step appears twice.
    pub fn open(path: &Path, resume: Option<u64>) -> Result<EventFile, Error> {
        let old = match resume {
            Some(_) if path.exists() => std::fs::read(path).map_err(Error::io("read", path))?,
            _ => Vec::new(),
        };
        let mut kept: Vec<u8> = records(&old)
            .filter(|payload| step_of(payload).is_none_or(|s| Some(s) <= resume))
            .flat_map(frame)
            .collect();
        if kept.is_empty() {
            kept = frame(event(None, &[length_delimited(3, b"brain.Event:2")]));
        }
        atomic::write(path, &kept)?;
        let file = File::options().append(true).open(path).map_err(Error::io("write", path))?;
        Ok(EventFile { file, path: path.to_path_buf() })
    }

    /// Adds one event with all `scalars` (tag, value) of `step`.
    pub fn write(&mut self, step: u64, scalars: &[(&str, f64)]) -> Result<(), Error> {
        let values: Vec<u8> = scalars
            .iter()
            .flat_map(|&(tag, value)| {
                let mut body = length_delimited(1, tag.as_bytes());
                body.push(2 << 3 | 5);
                body.extend((value as f32).to_le_bytes());
                length_delimited(1, &body)
            })
            .collect();
        let record = frame(event(Some(step), &[length_delimited(5, &values)]));
        self.file.write_all(&record).map_err(Error::io("write", &self.path))
    }
}

fn event(step: Option<u64>, fields: &[Vec<u8>]) -> Vec<u8> {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
    let mut bytes = vec![1 << 3 | 1];
    bytes.extend(wall.to_le_bytes());
    if let Some(step) = step {
        bytes.push(2 << 3);
        varint(step, &mut bytes);
    }
    fields.iter().for_each(|f| bytes.extend(f));
    bytes
}

fn varint(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn length_delimited(field: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![field << 3 | 2];
    varint(body.len() as u64, &mut bytes);
    bytes.extend(body);
    bytes
}

/// Step of an event written by this module: wall time (9 bytes), then the step.
fn step_of(payload: &[u8]) -> Option<u64> {
    let rest = payload.get(9..)?.strip_prefix(&[2 << 3])?;
    let end = rest.iter().position(|b| b & 0x80 == 0)?;
    Some(rest[..=end].iter().rev().fold(0, |step, b| step << 7 | u64::from(b & 0x7f)))
}

fn frame(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = (payload.len() as u64).to_le_bytes();
    let mut bytes = Vec::with_capacity(payload.len() + 16);
    bytes.extend(length);
    bytes.extend(masked(crc32c(&length)).to_le_bytes());
    bytes.extend(payload);
    bytes.extend(masked(crc32c(payload)).to_le_bytes());
    bytes
}

/// The payloads of the whole, undamaged records at the beginning of `bytes`.
fn records(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
        let end = usize::try_from(length).ok()?.checked_add(12)?;
        let payload = bytes.get(12..end)?;
        let sum = u32::from_le_bytes(bytes.get(end..end.checked_add(4)?)?.try_into().ok()?);
        bytes = &bytes[end + 4..];
        (sum == masked(crc32c(payload))).then_some(payload)
    })
}

fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli polynomial, reflected 0x82f63b78).
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let (mut crc, mut bit) = (i as u32, 0);
            while bit < 8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, &b| TABLE[((crc ^ u32::from(b)) & 0xff) as usize] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_agrees_with_the_test_vectors_of_rfc_3720() {
        // RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and 0..31; and the usual check word.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_resumed_file_has_every_step_once_even_after_a_torn_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.out.tfevents.1.chamber");
        let mut log = EventFile::open(&path, None).unwrap();
        for step in [100, 200, 300] {
            log.write(step, &[("train/loss", step as f64), ("train/rate", 0.5)]).unwrap();
        }
        drop(log);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        let mut log = EventFile::open(&path, Some(100)).unwrap();
        log.write(200, &[("train/loss", 0.25)]).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let steps: Vec<_> = records(&bytes).map(step_of).collect();
        assert_eq!(steps, [None, Some(100), Some(200)]);
    }
}
