//! The backward passes of gates, modulations and activations, element by element.

use pulp::{Simd, WithSimd};

use crate::finish::PerSample;
use crate::matrix::Matrix;
use crate::norm::Modulation;
use crate::simd::{hard_swish, hard_swish_slope, run};

/// Of `state + gate update`: `d update = gate d`, and `d gate` is added to the sample's row of `gates` at the gate's column.
pub(crate) struct GateBackward<'a> {
    pub d: &'a Matrix,
    pub update: &'a Matrix,
    pub gate: PerSample<'a>,
    pub d_update: &'a mut Matrix,
    pub gates: &'a mut Matrix,
}

impl GateBackward<'_> {
    /// Computes it.
    pub fn run(self) {
        self.d_update.reshape(self.d.rows(), self.d.stride());
        run(self);
    }
}

impl WithSimd for GateBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let columns = self.d.stride();
        for i in 0..self.d.rows() {
            let (d, _) = S::as_simd_f32s(self.d.row(i));
            let (update, _) = S::as_simd_f32s(self.update.row(i));
            let (gate, _) = S::as_simd_f32s(self.gate.of(i, columns));
            let (to, _) = S::as_mut_simd_f32s(self.d_update.row_mut(i));
            let gates = self.gates.row_mut(self.gate.owner[i] as usize);
            let (sums, _) = S::as_mut_simd_f32s(&mut gates[self.gate.column..self.gate.column + columns]);
            for ((((d, update), gate), to), sum) in d.iter().zip(update).zip(gate).zip(to).zip(sums) {
                *to = simd.mul_f32s(*d, *gate);
                *sum = simd.mul_add_e_f32s(*d, *update, *sum);
            }
        }
    }
}

/// Of `y = u (1 + scale) + shift`, or of its hard swish: `d` becomes `du`, and the gradients of scale and shift are added to the
/// sample's row of `films`.
pub(crate) struct FilmBackward<'a> {
    pub d: &'a mut Matrix,
    pub u: &'a Matrix,
    pub modulation: Modulation<'a>,
    pub activated: bool,
    pub films: &'a mut Matrix,
}

impl FilmBackward<'_> {
    /// Computes it.
    pub fn run(self) {
        run(self);
    }
}

impl WithSimd for FilmBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let columns = self.d.stride();
        let Modulation { scale, shift } = self.modulation;
        for i in 0..self.d.rows() {
            let films = self.films.row_mut(scale.owner[i] as usize);
            let (d, _) = S::as_mut_simd_f32s(self.d.row_mut(i));
            let (u, _) = S::as_simd_f32s(self.u.row(i));
            let (s, _) = S::as_simd_f32s(scale.of(i, columns));
            if self.activated {
                let (t, _) = S::as_simd_f32s(shift.of(i, columns));
                for (((d, u), s), t) in d.iter_mut().zip(u).zip(s).zip(t) {
                    let film = simd.mul_add_e_f32s(*u, *s, simd.add_f32s(*u, *t));
                    *d = simd.mul_f32s(*d, hard_swish_slope(simd, film));
                }
            }
            let (to, _) = S::as_mut_simd_f32s(&mut films[shift.column..shift.column + columns]);
            for (to, d) in to.iter_mut().zip(&*d) {
                *to = simd.add_f32s(*to, *d);
            }
            let (to, _) = S::as_mut_simd_f32s(&mut films[scale.column..scale.column + columns]);
            for (((to, d), u), s) in to.iter_mut().zip(d).zip(u).zip(s) {
                *to = simd.mul_add_e_f32s(*d, *u, *to);
                *d = simd.mul_add_e_f32s(*d, *s, *d);
            }
        }
    }
}

/// `d <- d hard_swish'(x)`.
pub(crate) fn swish_backward(d: &mut Matrix, x: &Matrix) {
    struct Op<'a>(&'a mut Matrix, &'a Matrix);
    impl WithSimd for Op<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (d, _) = S::as_mut_simd_f32s(self.0.all_mut());
            let (x, _) = S::as_simd_f32s(self.1.all());
            for (d, x) in d.iter_mut().zip(x) {
                *d = simd.mul_f32s(*d, hard_swish_slope(simd, *x));
            }
        }
    }
    run(Op(d, x));
}

/// `y = hard_swish(x)`.
pub(crate) fn swish(x: &Matrix, y: &mut Matrix) {
    struct Op<'a>(&'a Matrix, &'a mut Matrix);
    impl WithSimd for Op<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (x, _) = S::as_simd_f32s(self.0.all());
            let (y, _) = S::as_mut_simd_f32s(self.1.all_mut());
            for (y, x) in y.iter_mut().zip(x) {
                *y = hard_swish(simd, *x);
            }
        }
    }
    y.reshape(x.rows(), x.stride());
    run(Op(x, y));
}

/// `to <- to + from`.
pub(crate) fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}
