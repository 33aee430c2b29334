//! Training the variance: `L_t` of the variational bound with the mean's gradient stopped.
//!
//! With `d = share ln(beta/beta-tilde)` and the estimate held fixed:
//!
//! `loss = mean (e^-d - 1 + d + e^-d a^2 (data - D)^2/beta-tilde)/2` over the numbers of a sample
//!
//! Nichol & Dhariwal, arXiv:2102.09672, eq. 15 and 16: added to L_simple with a factor of 0.001, it teaches the share and
//! leaves the mean to L_simple.

use burn::tensor::Tensor;

use crate::Batch;
use crate::batch::{column, per_sample};
use crate::step::Posterior;

/// The loss of each sample in nats per number, `[B]`: `estimate`, `share` and `data` are `[B, ...]`, with one [`Posterior`]
/// per sample, of steps with `sigma(s) > 0`. Only `share` receives a gradient.
///
/// # Panics
/// As operations on tensors do: unless there are as many posteriors as samples and the tensors are of one shape.
pub fn range_losses<const D: usize>(
    posteriors: &[Posterior],
    estimate: Tensor<D>,
    share: Tensor<D>,
    data: Tensor<D>,
) -> Tensor<1> {
    assert_eq!(posteriors.len(), data.dims()[0], "one posterior per sample of the batch");
    let device = data.device();
    let of = |f: fn(&Posterior) -> f64| column(&posteriors.iter().map(f).collect::<Vec<_>>(), &device);
    let d = share * of(Posterior::range);
    // a/sqrt(beta-tilde) before squaring: the square alone overflows f32 sooner.
    let miss = (data - estimate.detach()) * of(|p| p.of_data / p.lower.sqrt());
    let shrink = d.clone().neg().exp();
    let terms = (shrink.clone() - 1.0 + d + shrink * miss.clone() * miss).mul_scalar(0.5);
    let size = terms.size() as f64;
    per_sample(terms).div_scalar(size)
}
