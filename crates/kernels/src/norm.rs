//! Layer norm with modulation: `n = (h - mean h)/sqrt(var h + 1e-5)`, `y = n (1 + scale) + shift`.
//!
//! Backward, with `g = dy (1 + scale)` and means over the columns: `dh = (g - mean g - n mean(g n))/sqrt(var h + 1e-5)`
//! (arXiv:1607.06450).

use pulp::{Simd, WithSimd};

use crate::finish::PerSample;
use crate::matrix::Matrix;
use crate::simd::{padded, run};

/// As in `nets`.
const EPSILON: f32 = 1e-5;

/// Scale and shift of each sample.
#[derive(Clone, Copy)]
pub(crate) struct Modulation<'a> {
    pub scale: PerSample<'a>,
    pub shift: PerSample<'a>,
}

impl<'a> Modulation<'a> {
    /// Number `k` of a matrix of scales and shifts of rows of `width` columns, two parts each.
    pub fn of(rows: &'a Matrix, k: usize, width: usize, owner: &'a [u32]) -> Modulation<'a> {
        let part = |part: usize| PerSample { rows, column: part * padded(width), owner };
        Modulation { scale: part(2 * k), shift: part(2 * k + 1) }
    }
}

/// What the backward pass needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Normed {
    /// `n`.
    pub normal: Matrix,
    /// `1/sqrt(var h + 1e-5)` of each row.
    inverse: Vec<f32>,
    /// `y`; the same as `n` without a modulation, and then not stored.
    pub output: Matrix,
}

impl Normed {
    /// Normalises the rows of `h` over their first `width` columns (the others are zero).
    pub fn forward(&mut self, h: &Matrix, width: usize, modulation: Option<Modulation>) {
        self.normal.reshape(h.rows(), h.stride());
        self.inverse.resize(h.rows(), 0.0);
        if modulation.is_some() {
            self.output.reshape(h.rows(), h.stride());
        }
        run(Forward { h, width, modulation, to: self });
    }

    /// Adds `dh` of `dy`; adds the gradients of scales and shifts to the rows of `films` at the modulation's columns.
    pub fn backward(
        &self,
        dy: &mut Matrix,
        width: usize,
        modulation: Option<(Modulation, &mut Matrix)>,
        dh: &mut Matrix,
    ) {
        run(Backward { normed: self, dy, width, modulation, dh });
    }
}

struct Forward<'a> {
    h: &'a Matrix,
    width: usize,
    modulation: Option<Modulation<'a>>,
    to: &'a mut Normed,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Forward { h, width, modulation, to } = self;
        let padding = (h.stride() - width) as f32;
        for i in 0..h.rows() {
            let (row, _) = S::as_simd_f32s(h.row(i));
            let mut sum = simd.splat_f32s(0.0);
            for x in row {
                sum = simd.add_f32s(sum, *x);
            }
            let mean = simd.reduce_sum_f32s(sum) / width as f32;
            let centre = simd.splat_f32s(mean);
            let mut square = simd.splat_f32s(0.0);
            for x in row {
                let d = simd.sub_f32s(*x, centre);
                square = simd.mul_add_e_f32s(d, d, square);
            }
            // Each padding column has added mean².
            let variance = (simd.reduce_sum_f32s(square) - padding * mean * mean) / width as f32;
            let inverse = 1.0 / (variance + EPSILON).sqrt();
            to.inverse[i] = inverse;
            let factor = simd.splat_f32s(inverse);
            let (normal, _) = S::as_mut_simd_f32s(to.normal.row_mut(i));
            for (n, x) in normal.iter_mut().zip(row) {
                *n = simd.mul_f32s(simd.sub_f32s(*x, centre), factor);
            }
            if let Some(Modulation { scale, shift }) = modulation {
                let (scale, _) = S::as_simd_f32s(scale.of(i, h.stride()));
                let (shift, _) = S::as_simd_f32s(shift.of(i, h.stride()));
                let (output, _) = S::as_mut_simd_f32s(to.output.row_mut(i));
                for (((y, n), scale), shift) in output.iter_mut().zip(&*normal).zip(scale).zip(shift) {
                    *y = simd.mul_add_e_f32s(*n, *scale, simd.add_f32s(*n, *shift));
                }
            }
        }
    }
}

struct Backward<'a> {
    normed: &'a Normed,
    dy: &'a mut Matrix,
    width: usize,
    modulation: Option<(Modulation<'a>, &'a mut Matrix)>,
    dh: &'a mut Matrix,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Backward { normed, dy, width, mut modulation, dh } = self;
        let columns = dy.stride();
        for i in 0..dy.rows() {
            let (normal, _) = S::as_simd_f32s(normed.normal.row(i));
            let (g, _) = S::as_mut_simd_f32s(dy.row_mut(i));
            if let Some((Modulation { scale, shift }, films)) = &mut modulation {
                let films = films.row_mut(scale.owner[i] as usize);
                let (to, _) = S::as_mut_simd_f32s(&mut films[shift.column..shift.column + columns]);
                for (to, g) in to.iter_mut().zip(&*g) {
                    *to = simd.add_f32s(*to, *g);
                }
                let (to, _) = S::as_mut_simd_f32s(&mut films[scale.column..scale.column + columns]);
                let (scale, _) = S::as_simd_f32s(scale.of(i, columns));
                for (((to, g), n), scale) in to.iter_mut().zip(g.iter_mut()).zip(normal).zip(scale) {
                    *to = simd.mul_add_e_f32s(*g, *n, *to);
                    *g = simd.mul_add_e_f32s(*g, *scale, *g);
                }
            }
            let (mut sum, mut along) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
            for (g, n) in g.iter().zip(normal) {
                sum = simd.add_f32s(sum, *g);
                along = simd.mul_add_e_f32s(*g, *n, along);
            }
            let mean = simd.splat_f32s(-simd.reduce_sum_f32s(sum) / width as f32);
            let along = simd.splat_f32s(-simd.reduce_sum_f32s(along) / width as f32);
            let factor = simd.splat_f32s(normed.inverse[i]);
            let (dh, _) = S::as_mut_simd_f32s(dh.row_mut(i));
            for ((dh, g), n) in dh.iter_mut().zip(&*g).zip(normal) {
                let d = simd.mul_add_e_f32s(*n, along, simd.add_f32s(*g, mean));
                *dh = simd.mul_add_e_f32s(d, factor, *dh);
            }
        }
    }
}
