//! Implicit score matching: `1/2 |s(x)|^2 + tr J(x)` with `J = ds/dx`.
//!
//! Integration by parts turns the unknown true score into a trace: the mean over `p` is that of explicit score matching
//! minus `1/2 E |grad ln p|^2`, if `p s` vanishes at infinity and `s` is continuous. Hyvarinen, JMLR 6 (2005) 695,
//! eq. 4. The trace is exact and costs one directional derivative per coordinate; see [`sliced()`](super::sliced()) for one
//! in all.

use burn::tensor::Tensor;

use super::half_square;
use crate::batch::per_sample;
use crate::{Batch, Rows};

/// `1/2 |s|^2 + tr J` of each sample, `[B]`, for `x` `[B, ...]` and a closure `(x, v) -> (s(x), J v)`.
pub fn implicit<const D: usize>(
    score: impl Fn(&Tensor<D>, &Tensor<D>) -> (Tensor<D>, Tensor<D>),
    x: &Tensor<D>,
) -> Tensor<1> {
    let mut total: Option<Tensor<1>> = None;
    for i in 0..x.size() {
        let unit = x.unit(i);
        let (s, change) = score(x, &unit);
        let diagonal = per_sample(unit * change);
        total = Some(total.unwrap_or_else(|| half_square(s)) + diagonal);
    }
    total.unwrap_or_else(|| half_square(x.clone()))
}
