//! A table block by block: as many rows at once as fit a constant memory, and the rows before a mistake.

use tables::{Block, TableReader};

use crate::Error;

/// Memory of a block that is aimed at.
const BYTES: usize = 16 << 20;
/// Rows of the first block, before it is known how long rows are.
const FIRST: usize = 256;
/// Most rows of a block.
pub const MOST: usize = 1 << 14;

/// The rows of a table, in order.
pub struct Blocks {
    reader: TableReader,
    next: u64,
    end: u64,
    step: usize,
    broken: Option<Error>,
}

impl Blocks {
    /// All rows, or the first `limit`.
    pub fn new(reader: TableReader, limit: Option<u64>) -> Blocks {
        let end = reader.rows().min(limit.unwrap_or(u64::MAX));
        Blocks { reader, next: 0, end, step: FIRST, broken: None }
    }

    /// The table.
    pub fn reader(&self) -> &TableReader {
        &self.reader
    }

    /// Rows read so far, and all that will be.
    pub fn done(&self) -> (u64, u64) {
        (self.next, self.end)
    }

    /// The next block and the number of its first row; none after the last.
    ///
    /// # Errors
    /// What is wrong with a row, after all rows before it have been delivered.
    pub fn read(&mut self) -> Result<Option<(u64, Block)>, Error> {
        if let Some(error) = self.broken.take() {
            self.end = self.next;
            return Err(error);
        }
        let start = self.next;
        let end = self.end.min(start + self.step as u64);
        if start == end {
            return Ok(None);
        }
        let block = match self.reader.read(start..end) {
            Ok(block) => block,
            Err(error) => {
                let (block, error) = self.before(start, end, error)?;
                self.broken = Some(error);
                block
            }
        };
        self.next += block.rows() as u64;
        self.learn(&block);
        Ok(Some((start, block)))
    }

    /// The longest readable part of an unreadable block, by bisection, and why no more; the error alone if there is none.
    fn before(&mut self, start: u64, end: u64, mut error: tables::Error) -> Result<(Block, Error), Error> {
        let (mut good, mut bad) = (None, end);
        loop {
            let from = start + good.as_ref().map_or(0, |b: &Block| b.rows() as u64);
            if bad - from <= 1 {
                let error = Error::from(error);
                return match good {
                    Some(block) => Ok((block, error)),
                    None => Err(error),
                };
            }
            let middle = from + (bad - from) / 2;
            match self.reader.read(start..middle) {
                Ok(block) => good = Some(block),
                Err(e) => (bad, error) = (middle, e),
            }
        }
    }

    fn learn(&mut self, block: &Block) {
        let bytes: usize = block.data().iter().map(|d| d.values.len() * d.values.element().size()).sum();
        let fitting = (BYTES as u128 * block.rows() as u128 / bytes.max(1) as u128).min(MOST as u128) as usize;
        // The next rows may be longer than these.
        self.step = fitting.clamp(1, self.step.saturating_mul(8));
    }
}
