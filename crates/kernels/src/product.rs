//! Matrix products in register tiles, with what follows them done while the sums are still in registers.
//!
//! A tile is `M` rows by one block of 16 columns: for every step of the sum, 16 numbers of `B` are loaded once and `M` numbers of `A`
//! are broadcast (Goto and van de Geijn, doi:10.1145/1356052.1356053). The activations of a few jets fit the second cache,
//! so `A` is read where it lies; `B` is read in blocks of 16 columns: weights are packed that way once, activations block by block where a
//! block is used often enough, because 16 numbers of every row of a matrix collide in the first cache.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::aligned::Aligned;
use crate::matrix::Matrix;
use crate::simd::{BLOCK, lanes, run};

/// Steps of the sum, and rows of the result, from which on blocks of the right factor are packed: each is then read from several
/// tiles.
const PACKED_DEPTH: usize = 48;
const PACKED_ROWS: usize = 24;

thread_local! {
    /// A block of 16 columns.
    static PACKED: RefCell<Aligned> = RefCell::default();
}

#[cfg(test)]
thread_local! {
    /// Multiplications of all products of this thread.
    pub(crate) static MULTIPLICATIONS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// The left factor: element `(i, k)` is `base[i * row + k * step]`.
#[derive(Clone, Copy)]
pub(crate) struct Left<'a> {
    pub base: &'a [f32],
    pub row: usize,
    pub step: usize,
}

/// The right factor: element `(k, 16 j + c)` is `base[j * block + k * step + c]`.
#[derive(Clone, Copy)]
pub(crate) struct Right<'a> {
    pub base: &'a [f32],
    pub block: usize,
    pub step: usize,
}

impl<'a> Left<'a> {
    /// A matrix as it is.
    pub fn of(matrix: &'a Matrix) -> Left<'a> {
        Left { base: matrix.all(), row: matrix.stride(), step: 1 }
    }

    /// Its transpose.
    pub fn transposed(matrix: &'a Matrix) -> Left<'a> {
        Left { base: matrix.all(), row: 1, step: matrix.stride() }
    }
}

impl<'a> Right<'a> {
    /// A matrix as it lies.
    pub fn of(matrix: &'a Matrix) -> Right<'a> {
        Right { base: matrix.all(), block: BLOCK, step: matrix.stride() }
    }

    /// Blocks of 16 columns and `depth` rows, one after the other.
    pub fn packed(base: &'a [f32], depth: usize) -> Right<'a> {
        Right { base, block: BLOCK * depth, step: BLOCK }
    }
}

/// What becomes of the sums.
pub(crate) trait Finish {
    /// Rows and columns (whole blocks) there must be room for.
    fn check(&self, rows: usize, columns: usize);

    /// Takes a vector of row `row`, from column `column` on.
    ///
    /// # Safety
    /// The row and the vector's columns are within what was checked.
    unsafe fn put<S: Simd>(&mut self, simd: S, row: usize, column: usize, sums: S::f32s);
}

/// `finish(A B + bias)` for `rows` rows and `columns` columns, the latter whole blocks.
pub(crate) struct Product<'a, F> {
    pub rows: usize,
    pub depth: usize,
    pub columns: usize,
    pub left: Left<'a>,
    pub right: Right<'a>,
    /// One number per column; none is zero.
    pub bias: Option<&'a [f32]>,
    pub finish: F,
}

impl<F: Finish> Product<'_, F> {
    /// Computes it.
    pub fn run(self) {
        // All that the unchecked loads and stores of the tiles rely on.
        assert!(self.columns.is_multiple_of(BLOCK) && self.bias.is_none_or(|b| b.len() >= self.columns));
        self.finish.check(self.rows, self.columns);
        #[cfg(test)]
        MULTIPLICATIONS.set(MULTIPLICATIONS.get() + (self.rows * self.depth * self.columns) as u64);
        if self.rows > 0 && self.depth > 0 && self.columns > 0 {
            let last = (self.rows - 1) * self.left.row + (self.depth - 1) * self.left.step;
            assert!(last < self.left.base.len(), "the left factor ends before its last element");
            let blocks = self.columns / BLOCK;
            let last = (blocks - 1) * self.right.block + (self.depth - 1) * self.right.step + BLOCK;
            assert!(last <= self.right.base.len(), "the right factor ends before its last element");
        }
        run(self);
    }

    /// Tiles of `M` rows and `C` blocks of columns, then what is left.
    #[inline(always)]
    fn all<S: Simd, const V: usize, const M: usize, const C: usize>(&mut self, simd: S) {
        let blocks = self.columns / BLOCK;
        if self.right.step == BLOCK || self.depth < PACKED_DEPTH || self.rows < PACKED_ROWS {
            // Few columns at a time stay in the first cache for all rows.
            for first in (0..blocks).step_by(C) {
                // Without steps the base may be empty: nothing is read from it.
                let base = self.right.base.get(first * self.right.block..).unwrap_or_default();
                let right = Right { base, ..self.right };
                self.blocks::<S, V, M, C>(simd, right, first..(first + C).min(blocks));
            }
            return;
        }
        // Not in a closure: what is not inlined here is not compiled for the instruction set.
        let mut packed = PACKED.take();
        packed.resize(C * self.depth * BLOCK);
        for first in (0..blocks).step_by(C) {
            let some = first..(first + C).min(blocks);
            for (number, packed) in packed.chunks_exact_mut(self.depth * BLOCK).enumerate().take(some.len()) {
                for (k, to) in packed.chunks_exact_mut(BLOCK).enumerate() {
                    let from = (first + number) * self.right.block + k * self.right.step;
                    to.copy_from_slice(&self.right.base[from..from + BLOCK]);
                }
            }
            self.blocks::<S, V, M, C>(simd, Right::packed(&packed, self.depth), some);
        }
        PACKED.set(packed);
    }

    /// Some blocks of columns; `right` starts with the first of them.
    #[inline(always)]
    fn blocks<S: Simd, const V: usize, const M: usize, const C: usize>(
        &mut self,
        simd: S,
        right: Right,
        blocks: Range<usize>,
    ) {
        let row = self.tiles::<S, V, M, C>(simd, right, &blocks, 0);
        let row = self.tiles::<S, V, 6, C>(simd, right, &blocks, row);
        let row = self.tiles::<S, V, 4, C>(simd, right, &blocks, row);
        let row = self.tiles::<S, V, 2, C>(simd, right, &blocks, row);
        self.tiles::<S, V, 1, C>(simd, right, &blocks, row);
    }

    /// All rows from `first` on that fill tiles of `M`; the first row that is left.
    #[inline(always)]
    fn tiles<S: Simd, const V: usize, const M: usize, const C: usize>(
        &mut self,
        simd: S,
        right: Right,
        blocks: &Range<usize>,
        first: usize,
    ) -> usize {
        let mut row = first;
        while row + M <= self.rows {
            let mut number = 0;
            while number + C <= blocks.len() {
                self.tile::<S, V, M, C>(simd, row, blocks.start + number, right, number);
                number += C;
            }
            while number < blocks.len() {
                self.tile::<S, V, M, 1>(simd, row, blocks.start + number, right, number);
                number += 1;
            }
            row += M;
        }
        row
    }

    /// `M` rows from `row` on and `C` blocks of columns from `block` on, which is number `number` of `right`.
    #[inline(always)]
    fn tile<S: Simd, const V: usize, const M: usize, const C: usize>(
        &mut self,
        simd: S,
        row: usize,
        block: usize,
        right: Right,
        number: usize,
    ) {
        // SAFETY: `run` has checked that the last element of both factors, and of the bias, lies within its slice; all others lie
        // before it. A packed block has `depth` rows of 16. Rows and columns lie within what `finish` had checked.
        unsafe {
            let mut sums = [[[simd.splat_f32s(0.0); V]; C]; M];
            if let Some(bias) = self.bias {
                for c in 0..C {
                    for v in 0..V {
                        let start = load::<S>(bias.as_ptr().add((block + c) * BLOCK + v * lanes::<S>()));
                        for sums in &mut sums {
                            sums[c][v] = start;
                        }
                    }
                }
            }
            let left = self.left.base.as_ptr().add(row * self.left.row);
            let right_base = right.base.as_ptr().add(number * right.block);
            for k in 0..self.depth {
                let mut b = [[simd.splat_f32s(0.0); V]; C];
                for (c, b) in b.iter_mut().enumerate() {
                    for (v, b) in b.iter_mut().enumerate() {
                        *b = load::<S>(right_base.add(c * right.block + k * right.step + v * lanes::<S>()));
                    }
                }
                for (m, sums) in sums.iter_mut().enumerate() {
                    let a = simd.splat_f32s(*left.add(m * self.left.row + k * self.left.step));
                    for (sums, b) in sums.iter_mut().zip(&b) {
                        for (sum, b) in sums.iter_mut().zip(b) {
                            *sum = simd.mul_add_e_f32s(a, *b, *sum);
                        }
                    }
                }
            }
            for (m, sums) in sums.into_iter().enumerate() {
                for (c, sums) in sums.into_iter().enumerate() {
                    for (v, sums) in sums.into_iter().enumerate() {
                        self.finish.put(simd, row + m, (block + c) * BLOCK + v * lanes::<S>(), sums);
                    }
                }
            }
        }
    }
}

impl<F: Finish> WithSimd for Product<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // As many sums as the registers of the instruction set hold beside a row of B and a broadcast number. AVX-512 takes two
        // blocks, so that a number of A is loaded for two multiplications: with one, loads would limit.
        match lanes::<S>() {
            16 => self.all::<S, 1, 12, 2>(simd),
            8 => self.all::<S, 2, 6, 1>(simd),
            4 => self.all::<S, 4, 6, 1>(simd),
            _ => self.all::<S, 16, 1, 1>(simd),
        }
    }
}

/// A vector from anywhere.
///
/// # Safety
/// A whole vector can be read there.
#[inline(always)]
pub(crate) unsafe fn load<S: Simd>(from: *const f32) -> S::f32s {
    // SAFETY: the caller's.
    unsafe { from.cast::<S::f32s>().read_unaligned() }
}

/// A vector to anywhere.
///
/// # Safety
/// A whole vector can be written there.
#[inline(always)]
pub(crate) unsafe fn store<S: Simd>(to: *mut f32, x: S::f32s) {
    // SAFETY: the caller's.
    unsafe { to.cast::<S::f32s>().write_unaligned(x) }
}
