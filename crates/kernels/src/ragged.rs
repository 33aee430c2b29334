//! Samples of different sizes one after the other: row `i` belongs to sample `owner[i]`; padding has no rows and costs nothing.

/// Which rows belong to which sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ragged {
    /// The sample of each row.
    pub owner: Vec<u32>,
    /// First row of each sample, and the number of rows.
    starts: Vec<usize>,
}

impl Ragged {
    /// No samples.
    pub fn clear(&mut self) {
        self.owner.clear();
        self.starts.clear();
        self.starts.push(0);
    }

    /// One more sample.
    pub fn push(&mut self, rows: usize) {
        let sample = self.samples() as u32;
        self.owner.extend(std::iter::repeat_n(sample, rows));
        self.starts.push(self.owner.len());
    }

    pub fn samples(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of a sample.
    pub fn of(&self, sample: usize) -> std::ops::Range<usize> {
        self.starts[sample]..self.starts[sample + 1]
    }
}
