//! From drawn times, data and noise to tensors that a network can be fitted to.

use burn::tensor::Tensor;

use super::Drawn;
use crate::Batch;
use crate::batch::{column, per_sample};

/// A regression problem: fit `F(input, noise_level)` to `target` with squared errors weighted by `weight`.
#[derive(Clone, Debug)]
pub struct Regression<const D: usize> {
    /// What the network sees, the noisy data times the row's input factor, `[B, ...]`.
    pub input: Tensor<D>,
    /// The noise level it is told, `[B, 1]`.
    pub noise_level: Tensor<2>,
    /// What it should return, `[B, ...]`.
    pub target: Tensor<D>,
    /// Weight of each sample's squared error (F-space), `[B]`.
    pub weight: Tensor<1>,
}

/// The regression problem of a batch: `data` and `noise` are `[B, ...]`, with one [`Drawn`] per sample.
///
/// Padding of masked data stays zero in `input` and `target` if it is zero in `data` and `noise` (see [`Cloud`](crate::Cloud)).
///
/// # Panics
/// As operations on tensors do: unless data, noise and draws are equally many and data and noise of one shape.
pub fn regression<const D: usize>(drawn: &[Drawn], data: Tensor<D>, noise: Tensor<D>) -> Regression<D> {
    assert_eq!(drawn.len(), data.dims()[0], "one draw per sample of the batch");
    let device = data.device();
    let of = |number: fn(&Drawn) -> f64| drawn.iter().map(number).collect::<Vec<f64>>();
    let combine = |a: fn(&Drawn) -> f64, b: fn(&Drawn) -> f64| data.clone().axpby_rows(&of(a), &of(b), &noise);
    let input = combine(|d| d.row.input * d.coef.alpha, |d| d.row.input * d.coef.sigma);
    let target = combine(|d| d.mixture.0, |d| d.mixture.1);
    let noise_level = column(&of(|d| d.row.noise), &device);
    let weight = column(&of(|d| d.weight), &device);
    Regression { input, noise_level, target, weight }
}

impl<const D: usize> Regression<D> {
    /// Weighted mean squared error of each sample, `[B]`: the mean over everything but the batch.
    pub fn losses(&self, output: Tensor<D>) -> Tensor<1> {
        let error = output - self.target.clone();
        let size = self.input.size() as f64;
        per_sample(error.clone() * error).div_scalar(size) * self.weight.clone()
    }
}

impl Regression<3> {
    /// [`Regression::losses`] of clouds: the mean over the real particles (`mask` = 1, `[B, P, 1]`) and their features.
    /// An empty cloud has loss zero.
    pub fn masked_losses(&self, output: Tensor<3>, mask: Tensor<3>) -> Tensor<1> {
        let features = output.dims()[2] as f64;
        let error = (output - self.target.clone()) * mask.clone();
        let particles = per_sample(mask).clamp_min(1.0);
        per_sample(error.clone() * error) / particles.mul_scalar(features) * self.weight.clone()
    }
}
