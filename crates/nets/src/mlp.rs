//! Residual multilayer perceptron on rows of a table, modulated by noise level and conditions.
//!
//! Block: `h <- h + W2 act(film(W1 act(h); c))` (pre-activation residual, arXiv:1603.05027).

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{ConditionEmbedding, hard_swish};

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

impl ResidualMlp {
    /// Raw output `F`: `x` `[B, F]`, `noise` `[B, 1]`, `condition` `[B, C]` `-> [B, F]`.
    pub fn forward(&self, x: Tensor<2>, noise: Tensor<2>, condition: Tensor<2>) -> Tensor<2> {
        let [batch, _] = x.dims();
        let c = self.embedding.forward(noise, condition);
        let mut h = self.input.forward(x);
        for block in &self.blocks {
            let [_, width] = h.dims();
            let film = block.modulation.forward(c.clone());
            let scale = film.clone().slice([0..batch, 0..width]).add_scalar(1.0);
            let shift = film.slice([0..batch, width..2 * width]);
            let y = block.first.forward(hard_swish(h.clone())) * scale + shift;
            h = h + block.second.forward(hard_swish(y));
        }
        self.output.forward(hard_swish(h))
    }
}
