//! Matrices whose rows are padded to whole blocks, and the columns of a concatenation.

use crate::aligned::Aligned;
use crate::simd::{BLOCK, padded};

/// A row-major matrix that is used again and again: its memory only grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    data: Aligned,
    rows: usize,
    stride: usize,
}

impl Matrix {
    /// Takes `rows` of `stride` numbers (whole blocks); their values are whatever was there.
    pub fn reshape(&mut self, rows: usize, stride: usize) {
        debug_assert!(stride.is_multiple_of(BLOCK));
        (self.rows, self.stride) = (rows, stride);
        if self.data.len() < rows * stride {
            self.data.resize(rows * stride);
        }
    }

    /// The same, all zero.
    pub fn zero(&mut self, rows: usize, stride: usize) {
        self.reshape(rows, stride);
        self.data[..rows * stride].fill(0.0);
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn stride(&self) -> usize {
        self.stride
    }

    pub fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.stride..(i + 1) * self.stride]
    }

    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[i * self.stride..(i + 1) * self.stride]
    }

    pub fn all(&self) -> &[f32] {
        &self.data[..self.rows * self.stride]
    }

    pub fn all_mut(&mut self) -> &mut [f32] {
        &mut self.data[..self.rows * self.stride]
    }
}

/// The columns of several parts side by side, each padded by itself, so that every part starts at a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns(Vec<usize>);

impl Columns {
    /// One part of `n` columns.
    pub fn one(n: usize) -> Columns {
        Columns(vec![n])
    }

    /// `count` parts of `n` columns.
    pub fn equal(count: usize, n: usize) -> Columns {
        Columns(vec![n; count])
    }

    /// Parts of these sizes.
    pub fn of(parts: &[usize]) -> Columns {
        Columns(parts.to_vec())
    }

    /// Columns with padding.
    pub fn padded(&self) -> usize {
        self.0.iter().map(|n| padded(*n)).sum()
    }

    /// Where each used column lies in the padded row.
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let starts = self.0.iter().scan(0, |start, n| {
            let first = *start;
            *start += padded(*n);
            Some((first, *n))
        });
        starts.flat_map(|(first, n)| first..first + n)
    }

    /// One past the last used column.
    pub fn depth(&self) -> usize {
        self.places().last().map_or(0, |last| last + 1)
    }
}
