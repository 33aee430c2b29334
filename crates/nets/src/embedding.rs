//! Embedding of the noise level and of the conditions into one vector per sample.
//!
//! The noise level is an O(1) number (for instance ln(sigma/alpha)/4); its Fourier features
//! `sin(2^k u), cos(2^k u)` resolve it at every scale (arXiv:2006.10739, with fixed frequencies).

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{Dual, Spread, bayes::part};

/// Fixed Fourier features of a scalar per sample: `[B, 1] -> [B, 2 * frequencies + 1]`, the number itself included.
#[derive(Module, Debug)]
pub struct FourierEmbedding {
    frequencies: usize,
}

impl FourierEmbedding {
    /// Features at `frequencies` octaves 1, 2, 4, ...
    pub fn new(frequencies: usize) -> Self {
        Self { frequencies }
    }

    /// Number of output columns.
    pub fn width(&self) -> usize {
        2 * self.frequencies + 1
    }

    /// `[B, 1] -> [B, width]`.
    pub fn forward(&self, level: Tensor<2>) -> Tensor<2> {
        self.jvp(level.into()).primal
    }

    /// [`FourierEmbedding::forward`] with rates of change.
    pub fn jvp(&self, level: Dual<2>) -> Dual<2> {
        if self.frequencies == 0 {
            return level;
        }
        let octaves: Vec<f32> = (0..self.frequencies).map(|k| (k as f32).exp2()).collect();
        let octaves =
            Tensor::<1>::from_floats(octaves.as_slice(), &level.primal.device()).reshape([1, self.frequencies]);
        let phase = level.clone() * octaves;
        Dual::cat(vec![level, phase.clone().sin(), phase.cos()], 1)
    }
}

/// Two-layer perceptron from (noise level, conditions) to one context vector per sample.
#[derive(Module, Debug)]
pub struct ConditionEmbedding {
    fourier: FourierEmbedding,
    first: Linear,
    second: Linear,
}

impl ConditionEmbedding {
    /// `conditions` input columns besides the noise level, `width` output columns.
    pub fn new(conditions: usize, width: usize, device: &Device) -> Self {
        let fourier = FourierEmbedding::new(6);
        Self {
            first: LinearConfig::new(fourier.width() + conditions, 2 * width).init(device),
            second: LinearConfig::new(2 * width, width).init(device),
            fourier,
        }
    }

    /// Condition columns besides the noise level.
    pub fn conditions(&self) -> usize {
        self.first.weight.dims()[0] - self.fourier.width()
    }

    /// `noise` `[B, 1]`, `condition` `[B, C]` `-> [B, width]`.
    pub fn forward(&self, noise: Tensor<2>, condition: Tensor<2>) -> Tensor<2> {
        self.jvp(noise.into(), condition.into()).primal
    }

    /// [`ConditionEmbedding::forward`] with rates of change.
    pub fn jvp(&self, noise: Dual<2>, condition: Dual<2>) -> Dual<2> {
        self.jvp_with(noise, condition, None)
    }

    /// [`ConditionEmbedding::jvp`] of the plain network, or with a spread of the Bayesian one (see [`Spread`]).
    pub fn jvp_with(&self, noise: Dual<2>, condition: Dual<2>, spread: Spread<Self>) -> Dual<2> {
        let x = Dual::cat(vec![self.fourier.jvp(noise), condition], 1);
        let h = x.linear_with(&self.first, part(spread, |s| &s.first)).hard_swish();
        h.linear_with(&self.second, part(spread, |s| &s.second)).hard_swish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourier_features_are_the_level_its_sines_and_its_cosines() {
        let device = Device::flex();
        let y = FourierEmbedding::new(3).forward(Tensor::from_floats([[0.3f32]], &device));
        let y = y.into_data().try_to_vec::<f32>().unwrap();
        let exact = [0.3f64, 0.3f64.sin(), 0.6f64.sin(), 1.2f64.sin(), 0.3f64.cos(), 0.6f64.cos(), 1.2f64.cos()];
        for (a, b) in y.iter().zip(exact) {
            assert!((f64::from(*a) - b).abs() < 1e-6);
        }
    }
}
