//! Pairs of atoms of the same sample, and what is done with each of them, element by element.

use pulp::{Simd, WithSimd};

use crate::cloud::NO_PAIR;
use crate::matrix::Matrix;
use crate::ragged::Ragged;
use crate::simd::{hard_swish, run};

/// Ordered pairs `i != j` within each sample; one row of a matrix of pairs each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    /// `(i, j)`, rows of the atoms.
    pub atoms: Vec<(u32, u32)>,
    /// Kind of each pair.
    pub kinds: Vec<u32>,
}

impl Pairs {
    /// The pairs of these samples. `kinds` has those of each sample's atoms with all of its atoms, one sample after the other, [`NO_PAIR`] for a pair to
    /// be left out; if it has none, all pairs are of kind 0.
    pub fn fill(&mut self, ragged: &Ragged, kinds: &[u8]) {
        self.atoms.clear();
        self.kinds.clear();
        let mut all = kinds.iter();
        for sample in 0..ragged.samples() {
            for i in ragged.of(sample) {
                for j in ragged.of(sample) {
                    let kind = all.next().copied().unwrap_or(0);
                    if i != j && kind != NO_PAIR {
                        self.atoms.push((i as u32, j as u32));
                        self.kinds.push(u32::from(kind));
                    }
                }
            }
        }
    }

    /// `|x_i - x_j|^2` of each pair.
    pub fn squares(&self, x: &[[f32; 3]], squares: &mut Vec<f32>) {
        squares.clear();
        squares.extend(self.atoms.iter().map(|&(i, j)| apart(x, i, j).iter().map(|d| d * d).sum::<f32>()));
    }
}

/// `x_i - x_j`.
pub(crate) fn apart(x: &[[f32; 3]], i: u32, j: u32) -> [f32; 3] {
    let (a, b) = (x[i as usize], x[j as usize]);
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// What a pair's first layer adds up besides its atoms' parts.
#[derive(Clone, Copy)]
pub(crate) struct Distances<'a> {
    /// `d_ij^2` and `d0_ij^2` of each pair.
    pub squares: [&'a [f32]; 2],
    /// Their rows of the weights.
    pub weights: [&'a [f32]; 2],
    /// The bias.
    pub bias: &'a [f32],
    /// Splines of each pair's distance, as many as there are pairs or none, and their rows of the weights.
    pub splines: &'a [Active],
    pub rows: &'a [&'a [f32]],
}

/// `before = from_i + to_j + d^2 w + d0^2 w0 + b`, if it is wanted, and its hard swish.
pub(crate) struct Join<'a> {
    pub pairs: &'a Pairs,
    pub from: &'a Matrix,
    pub to: &'a Matrix,
    pub distances: Distances<'a>,
    pub before: Option<&'a mut Matrix>,
    pub after: &'a mut Matrix,
}

impl Join<'_> {
    /// Computes it.
    pub fn run(mut self) {
        if let Some(before) = &mut self.before {
            before.reshape(self.pairs.atoms.len(), self.from.stride());
        }
        self.after.reshape(self.pairs.atoms.len(), self.from.stride());
        run(self);
    }
}

impl WithSimd for Join<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Distances { squares, weights, bias, splines, rows } = self.distances;
        let (w, _) = S::as_simd_f32s(weights[0]);
        let (w0, _) = S::as_simd_f32s(weights[1]);
        let (b, _) = S::as_simd_f32s(bias);
        for (p, &(i, j)) in self.pairs.atoms.iter().enumerate() {
            let (from, _) = S::as_simd_f32s(self.from.row(i as usize));
            let (to, _) = S::as_simd_f32s(self.to.row(j as usize));
            let (after, _) = S::as_mut_simd_f32s(self.after.row_mut(p));
            let (d, d0) = (simd.splat_f32s(squares[0][p]), simd.splat_f32s(squares[1][p]));
            for k in 0..after.len() {
                let sum = simd.add_f32s(simd.add_f32s(from[k], to[k]), b[k]);
                after[k] = simd.mul_add_e_f32s(d, w[k], simd.mul_add_e_f32s(d0, w0[k], sum));
            }
            if let Some(active) = splines.get(p) {
                let [a, b, c, d] = active.values.map(|value| simd.splat_f32s(value));
                let [wa, wb, wc, wd] = active.knots.map(|knot| S::as_simd_f32s(rows[knot as usize]).0);
                for (k, after) in after.iter_mut().enumerate() {
                    let first = simd.mul_add_e_f32s(a, wa[k], simd.mul_f32s(b, wb[k]));
                    let second = simd.mul_add_e_f32s(c, wc[k], simd.mul_f32s(d, wd[k]));
                    *after = simd.add_f32s(*after, simd.add_f32s(first, second));
                }
            }
            if let Some(before) = &mut self.before {
                S::as_mut_simd_f32s(before.row_mut(p)).0.copy_from_slice(after);
            }
            after.iter_mut().for_each(|x| *x = hard_swish(simd, *x));
        }
    }
}

/// Of [`Join`], given the gradient of `before`: adds to those of the atoms' parts, of all weights and the bias, and of `d_ij^2`.
pub(crate) struct JoinBackward<'a> {
    pub pairs: &'a Pairs,
    pub d: &'a Matrix,
    pub distances: Distances<'a>,
    pub from: &'a mut Matrix,
    pub to: &'a mut Matrix,
    /// Of the weight of `d^2`, that of `d0^2` and the bias.
    pub sums: [&'a mut [f32]; 3],
    /// Of the splines' rows.
    pub rows: &'a mut [Vec<f32>],
    pub squares: &'a mut [f32],
}

impl JoinBackward<'_> {
    /// Computes it.
    pub fn run(self) {
        run(self);
    }
}

impl WithSimd for JoinBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (w, _) = S::as_simd_f32s(self.distances.weights[0]);
        let [near, first, bias] = self.sums;
        let (near, _) = S::as_mut_simd_f32s(near);
        let (first, _) = S::as_mut_simd_f32s(first);
        let (bias, _) = S::as_mut_simd_f32s(bias);
        for (p, &(i, j)) in self.pairs.atoms.iter().enumerate() {
            let (d, _) = S::as_simd_f32s(self.d.row(p));
            let (from, _) = S::as_mut_simd_f32s(self.from.row_mut(i as usize));
            let (to, _) = S::as_mut_simd_f32s(self.to.row_mut(j as usize));
            let square = simd.splat_f32s(self.distances.squares[0][p]);
            let square0 = simd.splat_f32s(self.distances.squares[1][p]);
            let mut along = simd.splat_f32s(0.0);
            for k in 0..d.len() {
                from[k] = simd.add_f32s(from[k], d[k]);
                to[k] = simd.add_f32s(to[k], d[k]);
                near[k] = simd.mul_add_e_f32s(square, d[k], near[k]);
                first[k] = simd.mul_add_e_f32s(square0, d[k], first[k]);
                bias[k] = simd.add_f32s(bias[k], d[k]);
                along = simd.mul_add_e_f32s(w[k], d[k], along);
            }
            if let Some(active) = self.distances.splines.get(p) {
                for m in 0..active.knots.len() {
                    let knot = active.knots[m] as usize;
                    let (row, _) = S::as_mut_simd_f32s(&mut self.rows[knot]);
                    let (w, _) = S::as_simd_f32s(self.distances.rows[knot]);
                    let (value, slope) = (simd.splat_f32s(active.values[m]), simd.splat_f32s(active.slopes[m]));
                    for k in 0..d.len() {
                        row[k] = simd.mul_add_e_f32s(value, d[k], row[k]);
                        along = simd.mul_add_e_f32s(simd.mul_f32s(slope, w[k]), d[k], along);
                    }
                }
            }
            self.squares[p] += simd.reduce_sum_f32s(along);
        }
    }
}

/// The cubic B-splines that are not zero at a pair's distance (`nets::Spline`), and their slopes with respect to its square.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Active {
    /// Numbers of the knots; a spline beyond the first or the last one has the number of that one, and the value zero.
    pub knots: [u32; 4],
    pub values: [f32; 4],
    pub slopes: [f32; 4],
}

impl Active {
    /// At the distance whose square, with `soft` against a root of zero, is `square`.
    pub fn at(square: f32, soft: f32, spacing: f32, knots: usize) -> Active {
        let distance = (square + soft).sqrt();
        let place = distance / spacing;
        let left = place.floor();
        let (f, rest) = (place - left, 1.0 - (place - left));
        // B at f + 1, f, f - 1, f - 2, and the derivatives there.
        let values = [
            rest * rest * rest / 6.0,
            2.0 / 3.0 - f * f * (1.0 - f / 2.0),
            2.0 / 3.0 - rest * rest * (1.0 - rest / 2.0),
            f * f * f / 6.0,
        ];
        let slopes = [-rest * rest / 2.0, f * (1.5 * f - 2.0), rest * (2.0 - 1.5 * rest), f * f / 2.0];
        let chain = 1.0 / (2.0 * distance * spacing);
        let mut active = Active::default();
        for m in 0..4 {
            let knot = left + m as f32 - 1.0;
            let last = (knots - 1) as f32;
            active.knots[m] = knot.clamp(0.0, last) as u32;
            if (0.0..=last).contains(&knot) {
                (active.values[m], active.slopes[m]) = (values[m], slopes[m] * chain);
            }
        }
        active
    }

    /// The same among the splines of this kind of pair, which follow those of the kinds before it.
    pub fn of_kind(mut self, kind: u32, knots: usize) -> Active {
        self.knots.iter_mut().for_each(|knot| *knot += kind * knots as u32);
        self
    }
}

/// What the rows of pairs are multiplied with.
#[derive(Clone, Copy)]
pub(crate) enum With<'a> {
    /// The same numbers for all.
    Weights(&'a [f32]),
    /// The row of a pair's first atom in a matrix of atoms, from a column on.
    First(&'a Pairs, &'a Matrix, usize),
}

impl<'a> With<'a> {
    /// `size` numbers for pair `p`.
    #[inline(always)]
    fn of(self, p: usize, size: usize) -> &'a [f32] {
        match self {
            With::Weights(w) => &w[..size],
            With::First(pairs, matrix, column) => &matrix.row(pairs.atoms[p].0 as usize)[column..column + size],
        }
    }
}

/// `values[p] = x_p . w_p`.
pub(crate) struct Dots<'a> {
    pub x: &'a Matrix,
    pub with: With<'a>,
    pub values: &'a mut Vec<f32>,
}

impl Dots<'_> {
    /// Computes it.
    pub fn run(self) {
        self.values.resize(self.x.rows(), 0.0);
        run(self);
    }
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for p in 0..self.x.rows() {
            let (x, _) = S::as_simd_f32s(self.x.row(p));
            let (w, _) = S::as_simd_f32s(self.with.of(p, self.x.stride()));
            let mut sum = simd.splat_f32s(0.0);
            for (x, w) in x.iter().zip(w) {
                sum = simd.mul_add_e_f32s(*x, *w, sum);
            }
            self.values[p] = simd.reduce_sum_f32s(sum);
        }
    }
}

/// `to_i <- to_i + sum_j share_ij x_ij` over columns of `to` from `column` on.
pub(crate) struct Gather<'a> {
    pub pairs: &'a Pairs,
    pub x: &'a Matrix,
    pub shares: &'a [f32],
    pub to: &'a mut Matrix,
    pub column: usize,
}

impl Gather<'_> {
    /// Computes it.
    pub fn run(self) {
        run(self);
    }
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let columns = self.column..self.column + self.x.stride();
        for (p, &(i, _)) in self.pairs.atoms.iter().enumerate() {
            let (x, _) = S::as_simd_f32s(self.x.row(p));
            let (to, _) = S::as_mut_simd_f32s(&mut self.to.row_mut(i as usize)[columns.clone()]);
            let share = simd.splat_f32s(self.shares[p]);
            for (to, x) in to.iter_mut().zip(x) {
                *to = simd.mul_add_e_f32s(share, *x, *to);
            }
        }
    }
}

/// Of `x . w`, given each row's gradient `slopes`: `d_x = slope w`, plus, where there are `shares`, `share d_to_i` of [`Gather`],
/// plus what was there, if that is to be kept; adds `sum_p slope_p x_p` to `d_w`.
pub(crate) struct DotsBackward<'a> {
    pub x: &'a Matrix,
    pub w: &'a [f32],
    pub slopes: &'a [f32],
    /// The shares of what was gathered, and the gradients of the sums.
    pub gathered: Option<(&'a [f32], With<'a>)>,
    /// Whether `d_x` holds the gradient of something else already.
    pub keep: bool,
    pub d_x: &'a mut Matrix,
    pub d_w: &'a mut [f32],
}

impl DotsBackward<'_> {
    /// Computes it.
    pub fn run(self) {
        if !self.keep {
            self.d_x.zero(self.x.rows(), self.x.stride());
        }
        run(self);
    }
}

impl WithSimd for DotsBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (w, _) = S::as_simd_f32s(self.w);
        let (d_w, _) = S::as_mut_simd_f32s(self.d_w);
        for p in 0..self.x.rows() {
            let (x, _) = S::as_simd_f32s(self.x.row(p));
            let (d_x, _) = S::as_mut_simd_f32s(self.d_x.row_mut(p));
            let slope = simd.splat_f32s(self.slopes[p]);
            for k in 0..d_x.len() {
                d_x[k] = simd.mul_add_e_f32s(slope, w[k], d_x[k]);
                d_w[k] = simd.mul_add_e_f32s(slope, x[k], d_w[k]);
            }
            if let Some((shares, d_to)) = self.gathered {
                let (d_to, _) = S::as_simd_f32s(d_to.of(p, self.x.stride()));
                let share = simd.splat_f32s(shares[p]);
                for (d_x, d_to) in d_x.iter_mut().zip(d_to) {
                    *d_x = simd.mul_add_e_f32s(share, *d_to, *d_x);
                }
            }
        }
    }
}
