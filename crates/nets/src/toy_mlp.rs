//! Plain networks for low-dimensional toys: a score (or any field) directly, or as the gradient of a log density.
//!
//! [`ToyMlp`] is `F(x, noise)`. [`EnergyMlp`] is `s(x, noise) = grad_x f(x, noise)` with a scalar network `f`, i.e. a
//! model of `ln p_t(x)` up to a constant: its Jacobian is symmetric and it can be compared between points (Hyvarinen
//! 2005; Salimans & Ho, "Should EBMs model the energy or the score?", 2021). The gradient is written out in
//! tensor operations, so losses on `s`, and on its directional derivative, train on a first-order tape.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{Dual, FourierEmbedding, Smooth, perceptron::Perceptron};

/// Configuration of [`ToyMlp`] and of [`EnergyMlp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToyMlpConfig {
    /// Columns of the state, F.
    pub features: usize,
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of hidden layers.
    pub layers: usize,
    /// Octaves of Fourier features of the noise level; 0 for the bare number.
    pub frequencies: usize,
    /// The activation.
    pub activation: Smooth,
}

impl ToyMlpConfig {
    /// Two hidden layers of 64, SiLU, the bare noise level.
    pub fn new(features: usize) -> ToyMlpConfig {
        ToyMlpConfig { features, width: 64, layers: 2, frequencies: 0, activation: Smooth::Silu }
    }

    /// Sets width and number of the hidden layers.
    pub fn with_hidden(self, width: usize, layers: usize) -> ToyMlpConfig {
        ToyMlpConfig { width, layers, ..self }
    }

    /// Sets the octaves of Fourier features of the noise level.
    pub fn with_frequencies(self, frequencies: usize) -> ToyMlpConfig {
        ToyMlpConfig { frequencies, ..self }
    }

    /// Sets the activation.
    pub fn with_activation(self, activation: Smooth) -> ToyMlpConfig {
        ToyMlpConfig { activation, ..self }
    }

    /// Freshly initialised network with as many outputs as inputs.
    pub fn init(&self, device: &Device) -> ToyMlp {
        let level = FourierEmbedding::new(self.frequencies);
        ToyMlp { perceptron: self.perceptron(&level, self.features, device), level }
    }

    /// Freshly initialised network that is the gradient of a scalar.
    pub fn init_energy(&self, device: &Device) -> EnergyMlp {
        let level = FourierEmbedding::new(self.frequencies);
        EnergyMlp { perceptron: self.perceptron(&level, 1, device), level }
    }

    fn perceptron(&self, level: &FourierEmbedding, outputs: usize, device: &Device) -> Perceptron {
        Perceptron::new(self.features + level.width(), self.width, self.layers, outputs, self.activation, device)
    }
}

/// Multilayer perceptron `[B, F] -> [B, F]`, told the noise level.
#[derive(Module, Debug)]
pub struct ToyMlp {
    level: FourierEmbedding,
    perceptron: Perceptron,
}

impl ToyMlp {
    /// Output for `x` `[B, F]` and `noise` `[B, 1]`.
    pub fn forward(&self, x: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        self.jvp(x.into(), noise.into()).primal
    }

    /// [`ToyMlp::forward`] and its rate of change as state and noise level change.
    pub fn jvp(&self, x: Dual<2>, noise: Dual<2>) -> Dual<2> {
        self.perceptron.jvp(Dual::cat(vec![x, self.level.jvp(noise)], 1))
    }

    /// Output and `cotangent^T J`, `[B, F]`, with `J` the Jacobian with respect to the state; both differentiable.
    pub fn vjp(&self, x: Dual<2>, noise: Dual<2>, cotangent: Tensor<2>) -> (Dual<2>, Dual<2>) {
        state_gradient(&self.perceptron, &self.level, x, noise, cotangent)
    }
}

/// The gradient of a scalar multilayer perceptron, told the noise level.
#[derive(Module, Debug)]
pub struct EnergyMlp {
    level: FourierEmbedding,
    perceptron: Perceptron,
}

impl EnergyMlp {
    /// The log density `f` up to a constant, `[B, 1]`, for `x` `[B, F]` and `noise` `[B, 1]`; minus the energy.
    pub fn log_density(&self, x: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        let input = Dual::cat(vec![x.into(), self.level.jvp(noise.into())], 1);
        self.perceptron.jvp(input).primal
    }

    /// The score `grad_x f`, `[B, F]`.
    pub fn forward(&self, x: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        self.jvp(x.into(), noise.into()).primal
    }

    /// The score and its rate of change as state and noise level change: for a moving state, `v -> (Hessian of f) v`.
    pub fn jvp(&self, x: Dual<2>, noise: Dual<2>) -> Dual<2> {
        let [batch, _] = x.dims();
        let one = Tensor::ones([batch, 1], &x.primal.device());
        state_gradient(&self.perceptron, &self.level, x, noise, one).1
    }
}

fn state_gradient(
    perceptron: &Perceptron,
    level: &FourierEmbedding,
    x: Dual<2>,
    noise: Dual<2>,
    cotangent: Tensor<2>,
) -> (Dual<2>, Dual<2>) {
    let [batch, features] = x.dims();
    let (output, gradient) = perceptron.pullback(Dual::cat(vec![x, level.jvp(noise)], 1), cotangent);
    (output, gradient.slice([0..batch, 0..features]))
}
