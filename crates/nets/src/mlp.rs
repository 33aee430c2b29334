//! Residual multilayer perceptron on rows of a table, modulated by noise level and conditions.
//!
//! Block: `h <- h + W2 act(film(W1 act(h); c))` (pre-activation residual, arXiv:1603.05027).

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{ConditionEmbedding, Dual, Spread, bayes::part};

/// Configuration of [`ResidualMlp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidualMlpConfig {
    /// Columns of the state, F.
    pub features: usize,
    /// Condition columns, C.
    pub conditions: usize,
    /// Width of the hidden layers.
    pub width: usize,
    /// Number of residual blocks.
    pub layers: usize,
}

impl ResidualMlpConfig {
    /// Freshly initialised network; its raw output is exactly zero (zero-initialised last layer).
    pub fn init(&self, device: &Device) -> ResidualMlp {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        ResidualMlp {
            embedding: ConditionEmbedding::new(self.conditions, self.width / 2, device),
            input: linear(self.features, self.width),
            blocks: (0..self.layers)
                .map(|_| MlpBlock {
                    first: linear(self.width, self.width),
                    modulation: linear(self.width / 2, 2 * self.width),
                    second: linear(self.width, self.width),
                })
                .collect(),
            output: LinearConfig::new(self.width, self.features).with_initializer(Initializer::Zeros).init(device),
        }
    }
}

/// Residual multilayer perceptron `[B, F] -> [B, F]`.
#[derive(Module, Debug)]
pub struct ResidualMlp {
    embedding: ConditionEmbedding,
    input: Linear,
    blocks: Vec<MlpBlock>,
    output: Linear,
}

#[derive(Module, Debug)]
struct MlpBlock {
    first: Linear,
    modulation: Linear,
    second: Linear,
}

impl MlpBlock {
    fn jvp(&self, h: Dual<2>, c: Dual<2>, spread: Spread<Self>) -> Dual<2> {
        let [batch, width] = h.dims();
        let film = c.linear_with(&self.modulation, part(spread, |s| &s.modulation));
        let scale = film.clone().slice([0..batch, 0..width]).add_scalar(1.0);
        let shift = film.slice([0..batch, width..2 * width]);
        let y = h.clone().hard_swish().linear_with(&self.first, part(spread, |s| &s.first)) * scale + shift;
        h + y.hard_swish().linear_with(&self.second, part(spread, |s| &s.second))
    }
}

impl ResidualMlp {
    /// The configuration that makes a network of this shape.
    pub fn config(&self) -> ResidualMlpConfig {
        let [features, width] = self.input.weight.dims();
        ResidualMlpConfig { features, conditions: self.embedding.conditions(), width, layers: self.blocks.len() }
    }

    /// Raw output `F`: `x` `[B, F]`, `noise` `[B, 1]`, `condition` `[B, C]` `-> [B, F]`.
    pub fn forward(&self, x: Tensor<2>, noise: Tensor<2>, condition: Tensor<2>) -> Tensor<2> {
        self.forward_with(x, noise, condition, None)
    }

    /// [`ResidualMlp::forward`] of the plain network, or with a spread of the Bayesian one (see [`Spread`]).
    pub fn forward_with(
        &self,
        x: Tensor<2>,
        noise: Tensor<2>,
        condition: Tensor<2>,
        spread: Spread<Self>,
    ) -> Tensor<2> {
        self.jvp_with(x.into(), noise.into(), condition.into(), spread).primal
    }

    /// [`ResidualMlp::forward`] and its rate of change as state, noise level and conditions change.
    pub fn jvp(&self, x: Dual<2>, noise: Dual<2>, condition: Dual<2>) -> Dual<2> {
        self.jvp_with(x, noise, condition, None)
    }

    /// [`ResidualMlp::forward_with`] and its rate of change, the posterior's noise being held fixed.
    pub fn jvp_with(&self, x: Dual<2>, noise: Dual<2>, condition: Dual<2>, spread: Spread<Self>) -> Dual<2> {
        let c = self.embedding.jvp_with(noise, condition, part(spread, |s| &s.embedding));
        let mut h = x.linear_with(&self.input, part(spread, |s| &s.input));
        for (l, block) in self.blocks.iter().enumerate() {
            h = block.jvp(h, c.clone(), part(spread, |s| &s.blocks[l]));
        }
        h.hard_swish().linear_with(&self.output, part(spread, |s| &s.output))
    }
}
