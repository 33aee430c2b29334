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

/// A [`Regression`] as numbers on the host, for networks that are not made of tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRegression {
    /// What the network sees, row-major.
    pub input: Vec<f32>,
    /// The noise level of each sample.
    pub noise_level: Vec<f32>,
    target: Vec<f32>,
    weight: Vec<f32>,
}

impl<const D: usize> Regression<D> {
    /// The problem on the host.
    pub fn into_host(self) -> HostRegression {
        HostRegression {
            input: host(self.input),
            noise_level: host(self.noise_level),
            target: host(self.target),
            weight: host(self.weight),
        }
    }
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("regressions are in single precision")
}

impl HostRegression {
    /// The loss `w |m (F - F*)|² / n` of one sample, `n` the number of outputs with mask `m` = 1, and its derivative
    /// `2 w m (F - F*) / n` with respect to the `output`, written to `d_output`.
    ///
    /// `mask` has one number for `output.len()/mask.len()` outputs. It is [`Regression::losses`] with a mask of ones.
    pub fn loss(&self, sample: usize, output: &[f32], mask: &[f32], d_output: &mut [f32]) -> f64 {
        let size = output.len();
        let target = &self.target[sample * size..(sample + 1) * size];
        let weight = f64::from(self.weight[sample]);
        let features = size / mask.len().max(1);
        let real = mask.iter().filter(|m| **m != 0.0).count().max(1) * features;
        let mut sum = 0.0;
        for (i, (d, (output, target))) in d_output.iter_mut().zip(output.iter().zip(target)).enumerate() {
            let error = f64::from(mask[i / features]) * f64::from(output - target);
            sum += error * error;
            *d = (2.0 * weight * error / real as f64) as f32;
        }
        weight * sum / real as f64
    }
}
