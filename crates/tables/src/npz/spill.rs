//! Sequences of bytes that grow side by side, kept in one file until their lengths are known.

use std::path::Path;

use crate::{AtomicFile, Result};

/// Bytes of the buffers of all sequences together at most, and of one.
const BUFFERS: usize = 1 << 26;
const BUFFER: usize = 1 << 18;

#[derive(Default)]
struct Sequence {
    buffer: Vec<u8>,
    /// Place and length of what is in the file.
    parts: Vec<(u64, usize)>,
}

/// A temporary file beside the final one, removed when it is dropped.
pub(super) struct Spill {
    file: AtomicFile,
    end: u64,
    limit: usize,
    sequences: Vec<Sequence>,
}

impl Spill {
    pub(super) fn create(path: &Path, sequences: usize) -> Result<Spill> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".columns");
        let file = AtomicFile::create(&path.with_file_name(name))?;
        let limit = (BUFFERS / sequences.max(1)).min(BUFFER);
        let sequences = (0..sequences).map(|_| Sequence::default()).collect();
        Ok(Spill { file, end: 0, limit, sequences })
    }

    pub(super) fn append(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        let sequence = &mut self.sequences[index];
        sequence.buffer.extend_from_slice(bytes);
        if sequence.buffer.len() >= self.limit {
            self.file.write_at(self.end, &sequence.buffer)?;
            sequence.parts.push((self.end, sequence.buffer.len()));
            self.end += sequence.buffer.len() as u64;
            sequence.buffer.clear();
        }
        Ok(())
    }

    pub(super) fn length(&self, index: usize) -> u64 {
        let Sequence { buffer, parts } = &self.sequences[index];
        parts.iter().map(|part| part.1 as u64).sum::<u64>() + buffer.len() as u64
    }

    /// Gives a sequence part by part to `take`.
    pub(super) fn replay(&mut self, index: usize, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Sequence { buffer, parts } = &self.sequences[index];
        let mut bytes = Vec::new();
        for &(place, length) in parts {
            bytes.resize(length, 0);
            self.file.read_at(place, &mut bytes)?;
            take(&bytes)?;
        }
        take(buffer)
    }
}
