//! Sliced score matching: the trace of the Jacobian, or the whole score, seen along one random direction `v`:
//!
//! 1. `v^T J v + 1/2 (v^T s)^2`
//! 2. `v^T J v + 1/2 |s|^2`, of reduced variance
//!
//! For directions with `E v v^T = I` ([`Probe`](crate::Probe)) both have the mean of implicit score matching. Song, Garg, Shi & Ermon,
//! arXiv:1905.07088, eq. 7 and 8. Average the losses of several directions for less variance.

use burn::tensor::Tensor;

use super::half_square;
use crate::batch::per_sample;

/// `v^T J v + 1/2 (v^T s)^2` of each sample, `[B]`, for `x` and directions `v` `[B, ...]` and a closure
/// `(x, v) -> (s(x), J v)`.
pub fn sliced<const D: usize>(
    score: impl Fn(&Tensor<D>, &Tensor<D>) -> (Tensor<D>, Tensor<D>),
    x: &Tensor<D>,
    v: &Tensor<D>,
) -> Tensor<1> {
    let (s, change) = score(x, v);
    let along = per_sample(v.clone() * s);
    per_sample(v.clone() * change) + (along.clone() * along).mul_scalar(0.5)
}

/// `v^T J v + 1/2 |s|^2` of each sample, `[B]`: [`sliced()`] with reduced variance.
pub fn sliced_reduced<const D: usize>(
    score: impl Fn(&Tensor<D>, &Tensor<D>) -> (Tensor<D>, Tensor<D>),
    x: &Tensor<D>,
    v: &Tensor<D>,
) -> Tensor<1> {
    let (s, change) = score(x, v);
    per_sample(v.clone() * change) + half_square(s)
}
