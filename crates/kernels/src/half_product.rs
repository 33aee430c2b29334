//! Matrix products of numbers rounded to bfloat16 with single-precision sums, on the best unit that the processor has.

use std::sync::OnceLock;

use pulp::{Simd, WithSimd};

#[cfg(target_arch = "x86_64")]
use crate::amx::{self, Tiles};
use crate::bf16::{Line, Packed, Panel, Precision, ROWS, number};
#[cfg(target_arch = "x86_64")]
use crate::dot;
use crate::product::{Finish, Left, load};
use crate::simd::{BLOCK, lanes, run};

/// What computes sums of products of bfloat16 numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// x86's matrix unit.
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// AVX-512's products of pairs.
    #[cfg(target_arch = "x86_64")]
    Dot,
    /// Single-precision arithmetic on rounded numbers: the same up to the order of sums, and no faster than without rounding.
    Plain,
}

impl Unit {
    /// All that are here, the best first.
    pub fn all() -> Vec<Unit> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if dot::available() {
            if amx::available() {
                all.push(Unit::Amx);
            }
            all.push(Unit::Dot);
        }
        all.push(Unit::Plain);
        all
    }

    /// The best here.
    pub fn best() -> Unit {
        static BEST: OnceLock<Unit> = OnceLock::new();
        #[cfg(test)]
        if let Some(unit) = tests::UNIT.get() {
            return unit;
        }
        *BEST.get_or_init(|| Unit::all()[0])
    }
}

/// What computes products of bfloat16 numbers here, `AMX` or `AVX-512 BF16`; none where they are emulated, which is slower than single precision.
pub fn bf16_unit() -> Option<&'static str> {
    match Unit::best() {
        #[cfg(target_arch = "x86_64")]
        Unit::Amx => Some("AMX"),
        #[cfg(target_arch = "x86_64")]
        Unit::Dot => Some("AVX-512 BF16"),
        Unit::Plain => None,
    }
}

/// Keeps the unit ready on this thread while many products run.
pub(crate) struct Ready {
    #[cfg(target_arch = "x86_64")]
    tiles: Option<Tiles>,
}

impl Ready {
    /// From now on.
    pub fn new(unit: Unit) -> Ready {
        #[cfg(target_arch = "x86_64")]
        return Ready {
            // SAFETY: the unit is there.
            tiles: (unit == Unit::Amx).then(|| unsafe { Tiles::new() }),
        };
        #[cfg(not(target_arch = "x86_64"))]
        Ready {}
    }

    /// For what a precision needs.
    pub fn of(precision: Precision) -> Option<Ready> {
        (precision == Precision::Bf16).then(|| Ready::new(Unit::best()))
    }

    /// Sums of `rows` rows of a panel with two blocks of columns (the same twice if there is one), in rows of 32.
    #[inline(always)]
    fn sums(&self, unit: Unit, left: &[Line], right: [&[Line]; 2], steps: usize, rows: usize, to: &mut [f32; 1024]) {
        match unit {
            #[cfg(target_arch = "x86_64")]
            Unit::Amx => {
                if let Some(tiles) = &self.tiles {
                    // SAFETY: a panel has 32 lines a step, a block 16.
                    unsafe { tiles.sums(left, right, steps, rows > ROWS, to) }
                }
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the unit is there; a panel has 32 lines a step, a block 16.
            Unit::Dot => unsafe { dot::sums(left, right, steps, rows, to) },
            Unit::Plain => plain(left, right, steps, rows, to),
        }
    }
}

fn plain(left: &[Line], right: [&[Line]; 2], steps: usize, rows: usize, to: &mut [f32; 1024]) {
    for (i, to) in to.chunks_exact_mut(2 * BLOCK).enumerate().take(rows) {
        to.fill(0.0);
        for step in 0..steps {
            let a = &left[step * Panel::ROWS + i].0;
            for pair in 0..ROWS {
                let (even, odd) = (number(a[2 * pair]), number(a[2 * pair + 1]));
                for (right, to) in right.iter().zip(to.chunks_exact_mut(BLOCK)) {
                    let b = &right[step * ROWS + pair].0;
                    for (c, to) in to.iter_mut().enumerate() {
                        *to += even * number(b[2 * c]) + odd * number(b[2 * c + 1]);
                    }
                }
            }
        }
    }
}

/// `finish(A B + bias)` as in [`Product`](crate::product::Product), with the factors rounded.
pub(crate) struct HalfProduct<'a, F> {
    pub rows: usize,
    pub depth: usize,
    pub columns: usize,
    pub left: Left<'a>,
    pub right: &'a Packed,
    pub bias: Option<&'a [f32]>,
    pub finish: F,
}

impl<F: Finish> HalfProduct<'_, F> {
    /// Computes it.
    pub fn run(self) {
        // All that the unchecked loads and stores rely on.
        assert!(self.columns.is_multiple_of(BLOCK) && self.bias.is_none_or(|b| b.len() >= self.columns));
        self.finish.check(self.rows, self.columns);
        assert!(self.left.step == 1 && self.right.steps() == crate::bf16::steps(self.depth));
        if self.rows == 0 || self.depth == 0 {
            return;
        }
        let last = (self.rows - 1) * self.left.row + self.depth - 1;
        assert!(last < self.left.base.len(), "the left factor ends before its last element");
        run(self);
    }
}

impl<F: Finish> WithSimd for HalfProduct<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let unit = Unit::best();
        let ready = Ready::new(unit);
        let (blocks, steps) = (self.columns / BLOCK, self.right.steps());
        let mut panel = Panel::take(steps);
        let mut sums = [0.0; 1024];
        for first in (0..self.rows).step_by(Panel::ROWS) {
            let rows = Panel::ROWS.min(self.rows - first);
            // SAFETY: `run` has checked that the last of these rows lies within its slice.
            unsafe { panel.fill(&self.left, first, rows, self.depth, unit != Unit::Plain) };
            for block in (0..blocks).step_by(2) {
                let count = (blocks - block).min(2);
                let right = [self.right.block(block), self.right.block(block + count - 1)];
                ready.sums(unit, panel.lines(), right, steps, rows, &mut sums);
                for i in 0..rows {
                    for v in 0..count * BLOCK / lanes::<S>() {
                        let column = block * BLOCK + v * lanes::<S>();
                        // SAFETY: row and columns lie within what `run` had checked, of the bias too.
                        unsafe {
                            let mut sum = load::<S>(sums.as_ptr().add(2 * BLOCK * i + v * lanes::<S>()));
                            if let Some(bias) = self.bias {
                                sum = simd.add_f32s(sum, load::<S>(bias.as_ptr().add(column)));
                            }
                            self.finish.put(simd, first + i, column, sum);
                        }
                    }
                }
            }
        }
        panel.keep();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::bf16::round;
    use crate::finish::{Out, Store};
    use crate::matrix::Matrix;
    use crate::simd::padded;

    thread_local! {
        /// The unit of this thread's products, if not the best.
        pub static UNIT: Cell<Option<Unit>> = const { Cell::new(None) };
    }

    fn wave(i: usize) -> f32 {
        (0.37 * i as f32).sin() * (1.0 + 0.1 * (i % 7) as f32)
    }

    #[test]
    fn every_unit_computes_the_product_of_the_rounded_factors() {
        let exact = |x: f32| f64::from(number(round(x)));
        for (rows, depth, outputs) in [(1, 1, 1), (16, 32, 16), (33, 70, 40), (64, 64, 64), (7, 130, 48), (20, 24, 200)]
        {
            let columns = padded(outputs);
            let mut a = Matrix::default();
            a.reshape(rows, padded(depth));
            // What lies behind the depth is anything.
            (0..rows).for_each(|i| (0..padded(depth)).for_each(|k| a.row_mut(i)[k] = wave(i * 1000 + k)));
            let mut packed = Packed::zero(depth, columns);
            (0..depth).for_each(|k| (0..outputs).for_each(|j| packed.set(k, j, wave(7 * k + 31 * j))));
            let bias: Vec<f32> = (0..columns).map(|j| wave(j + 5)).collect();
            for unit in Unit::all() {
                UNIT.set(Some(unit));
                let mut c = Matrix::default();
                c.zero(rows, columns);
                let (left, finish) = (Left::of(&a), Store(Out::of(&mut c)));
                HalfProduct { rows, depth, columns, left, right: &packed, bias: Some(&bias), finish }.run();
                UNIT.set(None);
                for i in 0..rows {
                    for (j, bias) in bias.iter().enumerate().take(outputs) {
                        let terms = (0..depth).map(|k| exact(a.row(i)[k]) * exact(wave(7 * k + 31 * j)));
                        let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), t| (sum + t, size + t.abs()));
                        let (found, expected) = (f64::from(c.row(i)[j]), sum + f64::from(*bias));
                        assert!(
                            (found - expected).abs() < 1e-6 * (1.0 + size),
                            "{unit:?} ({i}, {j}): {found} not {expected}"
                        );
                    }
                }
            }
        }
    }
}
