//! Explicit score matching, for models whose true score is known: `1/2 |s(x) - grad ln p(x)|^2`.
//!
//! Its mean over `p` is the Fisher divergence of the model, which all other losses reach up to a constant.
//! Hyvarinen, JMLR 6 (2005) 695, eq. 2.

use burn::tensor::Tensor;

use super::half_square;

/// `1/2 |score - exact|^2` of each sample, `[B]`, for scores `[B, ...]`.
pub fn explicit<const D: usize>(score: Tensor<D>, exact: Tensor<D>) -> Tensor<1> {
    half_square(score - exact)
}
