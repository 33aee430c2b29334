//! bfloat16, and matrices in the layout that the processors' products of pairs want.
//!
//! A [`Line`] is 64 bytes, 32 numbers. Of a left factor it holds 32 steps of the sum of one row; of a right factor two steps of 16 columns, the
//! two of a column side by side, as `vdpbf16ps` and `tdpbf16ps` take them. Sixteen lines are a tile. Sums are single precision.

use std::cell::RefCell;

use crate::product::Left;
use crate::simd::BLOCK;

/// Steps of the sum in a tile.
pub(crate) const STEP: usize = 32;
/// Rows of a tile, and lines.
pub(crate) const ROWS: usize = 16;

/// How numbers enter the products of a forward pass; everything else, sums included, is single precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 24 bits: equal to the tensor library's up to rounding.
    #[default]
    Single,
    /// 8 bits, bfloat16: several times as fast where the processor has instructions for it.
    Bf16,
}

/// Numbers that are loaded at once.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line(pub [u16; STEP]);

impl Line {
    pub const ZERO: Line = Line([0; STEP]);
}

/// The nearest bfloat16, ties to even; what is too small for a normal number becomes zero, as the instructions have it.
pub(crate) fn round(x: f32) -> u16 {
    if x.is_nan() {
        return 0x7fc0;
    }
    if x.abs() < f32::MIN_POSITIVE {
        return 0;
    }
    let bits = x.to_bits();
    ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// The number of these bits.
pub(crate) fn number(x: u16) -> f32 {
    f32::from_bits(u32::from(x) << 16)
}

/// Tiles that a sum of this depth takes.
pub(crate) fn steps(depth: usize) -> usize {
    depth.div_ceil(STEP)
}

/// A right factor: for each block of 16 columns one tile per step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packed {
    lines: Vec<Line>,
    steps: usize,
}

impl Packed {
    /// All zero.
    pub fn zero(depth: usize, columns: usize) -> Packed {
        let steps = steps(depth);
        Packed { lines: vec![Line::ZERO; columns / BLOCK * steps * ROWS], steps }
    }

    /// Element `(k, j)`.
    pub fn set(&mut self, k: usize, j: usize, x: f32) {
        let tile = j / BLOCK * self.steps + k / STEP;
        self.lines[tile * ROWS + k % STEP / 2].0[2 * (j % BLOCK) + k % 2] = round(x);
    }

    /// The tiles of a block of columns.
    pub fn block(&self, block: usize) -> &[Line] {
        let size = self.steps * ROWS;
        &self.lines[block * size..(block + 1) * size]
    }

    /// Tiles of a sum.
    pub fn steps(&self) -> usize {
        self.steps
    }
}

thread_local! {
    /// Two tiles' rows of a left factor.
    static PANEL: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Rows of a left factor in tiles: for each step two, of 16 rows each.
pub(crate) struct Panel(Vec<Line>);

impl Panel {
    /// Rows of a panel.
    pub const ROWS: usize = 2 * ROWS;

    /// This thread's room, for sums of so many steps.
    pub fn take(steps: usize) -> Panel {
        let mut lines = PANEL.take();
        lines.resize(steps * Panel::ROWS, Line::ZERO);
        Panel(lines)
    }

    /// Gives the room back.
    pub fn keep(self) {
        PANEL.set(self.0);
    }

    /// Rounds rows `first` to `first + rows` of a matrix; what lies beyond the depth, and after the last row of a tile that has any, is zero.
    ///
    /// # Safety
    /// `left` has these rows and this depth, and its steps are adjacent; `wide` only where the processor has the instructions.
    pub unsafe fn fill(&mut self, left: &Left, first: usize, rows: usize, depth: usize, wide: bool) {
        debug_assert!(left.step == 1 && rows <= Panel::ROWS && self.0.len() >= steps(depth) * Panel::ROWS);
        for i in 0..rows.next_multiple_of(ROWS) {
            let lines = self.0[i..].iter_mut().step_by(Panel::ROWS).take(steps(depth));
            if i >= rows {
                lines.for_each(|line| *line = Line::ZERO);
                continue;
            }
            // SAFETY: the caller's: this row and its `depth` numbers exist.
            let row = unsafe { std::slice::from_raw_parts(left.base.as_ptr().add((first + i) * left.row), depth) };
            #[cfg(target_arch = "x86_64")]
            if wide {
                // SAFETY: the caller's.
                unsafe { crate::dot::round_row(row, lines) };
                continue;
            }
            for (line, numbers) in lines.zip(row.chunks(STEP)) {
                *line = Line::ZERO;
                line.0.iter_mut().zip(numbers).for_each(|(to, x)| *to = round(*x));
            }
        }
    }

    /// The lines: for each step 32.
    pub fn lines(&self) -> &[Line] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_to_the_nearest_and_ties_to_even() {
        // 1 + 2^-8 lies half-way between 1 and 1 + 2^-7; 1 + 3 2^-8 between the next two.
        for (x, expected) in [
            (1.0, 1.0),
            (1.0 + 0.003_906_25, 1.0),
            (1.0 + 0.011_718_75, 1.015_625),
            (1.003_906_4, 1.007_812_5),
            (-0.0, 0.0),
            (-3.3, -3.296_875),
            (1e-39, 0.0),
            (f32::INFINITY, f32::INFINITY),
        ] {
            assert_eq!(number(round(x)), expected, "{x}");
        }
        assert!(number(round(f32::NAN)).is_nan());
    }
}
