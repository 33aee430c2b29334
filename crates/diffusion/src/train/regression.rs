//! From drawn times, data and noise to tensors that a network can be fitted to.

use burn::tensor::{Device, Tensor, TensorData};

use super::Drawn;

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
pub fn regression<const D: usize>(drawn: &[Drawn], data: Tensor<D>, noise: Tensor<D>) -> Regression<D> {
    assert_eq!(drawn.len(), data.dims()[0], "one draw per sample of the batch");
    let device = data.device();
    let combine = |a: &dyn Fn(&Drawn) -> f64, b: &dyn Fn(&Drawn) -> f64| {
        data.clone() * column(drawn, a, &device) + noise.clone() * column(drawn, b, &device)
    };
    let input = combine(&|d| d.row.input * d.coef.alpha, &|d| d.row.input * d.coef.sigma);
    let target = combine(&|d| d.mixture.0, &|d| d.mixture.1);
    let noise_level = column(drawn, &|d| d.row.noise, &device);
    let weight = column(drawn, &|d| d.weight, &device);
    Regression { input, noise_level, target, weight }
}

impl<const D: usize> Regression<D> {
    /// Weighted mean squared error of each sample, `[B]`: the mean over everything but the batch.
    pub fn losses(&self, output: Tensor<D>) -> Tensor<1> {
        let error = output - self.target.clone();
        (error.clone() * error).flatten_to_rows().mean_dim(1).squeeze_dim::<1>(1) * self.weight.clone()
    }
}

impl Regression<3> {
    /// [`Regression::losses`] of clouds: the mean over the real particles (`mask` = 1, `[B, P, 1]`) and their features.
    /// An empty cloud has loss zero.
    pub fn masked_losses(&self, output: Tensor<3>, mask: Tensor<3>) -> Tensor<1> {
        let features = output.dims()[2] as f64;
        let error = (output - self.target.clone()) * mask.clone();
        let particles = mask.flatten_to_rows().sum_dim(1).squeeze_dim::<1>(1).clamp_min(1.0);
        let total = (error.clone() * error).flatten_to_rows().sum_dim(1).squeeze_dim::<1>(1);
        total / particles.mul_scalar(features) * self.weight.clone()
    }
}

trait Rows {
    fn flatten_to_rows(self) -> Tensor<2>;
}

impl<const D: usize> Rows for Tensor<D> {
    fn flatten_to_rows(self) -> Tensor<2> {
        let shape = self.dims();
        self.reshape([shape[0], shape[1..].iter().product()])
    }
}

/// One number per sample, `[B, 1, ..., 1]`.
fn column<const D: usize>(drawn: &[Drawn], of: &dyn Fn(&Drawn) -> f64, device: &Device) -> Tensor<D> {
    let values: Vec<f32> = drawn.iter().map(|d| of(d) as f32).collect();
    let mut shape = [1; D];
    shape[0] = drawn.len();
    Tensor::from_data(TensorData::new(values, shape), device)
}
