//! Score matching: fitting `s(x) = grad ln p(x)` to samples of `p`. Every loss returns one number per sample.
//! Sampling by a score: [`Langevin`] and [`AnnealedLangevin`] dynamics.
//! [`gradient`] makes a score of a log density.
//!
//! | loss | per sample | asks of the model | minimum |
//! |---|---|---|---|
//! | [`explicit()`] | `1/2 \|s - grad ln p\|^2` | the true score | 0 |
//! | [`implicit()`] | `1/2 \|s\|^2 + tr J` | `s` and `F` products `J v` | `-1/2 E\|grad ln p\|^2` |
//! | [`sliced()`] | `1/2 (v^T s)^2 + v^T J v` | `s` and one product | the same |
//! | [`sliced_reduced`] | `1/2 \|s\|^2 + v^T J v` | `s` and one product | the same |
//! | [`denoising()`] | `1/2 \|s(x + sigma z) + z/sigma\|^2` | `s` | that of the noisy data, not 0 |
//! | [`Ncsn`] | `sigma^2` times it, many `sigma` | `s(x, sigma)` | |
//!
//! `J = ds/dx`. Its products with directions `v` come from a closure `(x, v) -> (s(x), J v)`: a tangent carried forward
//! through the network, so that the loss can be differentiated with respect to the weights by first-order reverse mode.

mod annealed;
mod denoising;
mod energy;
mod explicit;
mod implicit;
mod langevin;
mod ncsn;
mod sliced;

pub use annealed::AnnealedLangevin;
pub use denoising::denoising;
pub use energy::gradient;
pub use explicit::explicit;
pub use implicit::implicit;
pub use langevin::Langevin;
pub use ncsn::Ncsn;
pub use sliced::{sliced, sliced_reduced};

use burn::tensor::Tensor;

use crate::batch::per_sample;

/// `1/2 |a|^2` of each sample, `[B]`.
fn half_square<const D: usize>(a: Tensor<D>) -> Tensor<1> {
    per_sample(a.clone() * a).mul_scalar(0.5)
}
