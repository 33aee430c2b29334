//! Particle transformer: masked multi-head self-attention without positions, conditioned by adaptive layer norm.
//!
//! Block (pre-norm, arXiv:2002.04745): `h <- h + gate_a * Attention(film_a(LN h))`, `h <- h + gate_m * MLP(film_m(LN h))`,
//! where film and gate are linear in the embedded noise level and conditions and the gates start at zero (adaLN-Zero,
//! arXiv:2212.09748). No positional encoding, so the network is permutation equivariant.

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{
    CloudNet, CloudShape, ConditionEmbedding, Dual,
    cloud::{modulate, per_particle},
};

/// Added to the attention logits of padding; finite so that a cloud without particles gives numbers, not NaN.
const MASKED: f64 = -1e4;

/// Configuration of [`ParticleTransformer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParticleTransformerConfig {
    /// Features per particle and condition columns.
    pub shape: CloudShape,
    /// Width of a particle's vector; a multiple of `heads`.
    pub width: usize,
    /// Attention heads.
    pub heads: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Width of the condition embedding.
    pub global: usize,
}

impl ParticleTransformerConfig {
    /// Freshly initialised network; its raw output is exactly zero (zero-initialised last layer).
    pub fn init(&self, device: &Device) -> ParticleTransformer {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let zero = |i, o| LinearConfig::new(i, o).with_initializer(Initializer::Zeros).init(device);
        let width = self.width;
        ParticleTransformer {
            embedding: ConditionEmbedding::new(self.shape.conditions, self.global, device),
            input: linear(self.shape.features, width),
            start: linear(self.global, 2 * width),
            blocks: (0..self.layers)
                .map(|_| Block {
                    modulation: linear(self.global, 4 * width),
                    gates: zero(self.global, 2 * width),
                    qkv: linear(width, 3 * width),
                    projection: linear(width, width),
                    expand: linear(width, 2 * width),
                    contract: linear(2 * width, width),
                })
                .collect(),
            output: zero(width, self.shape.features),
            heads: self.heads,
        }
    }
}

/// Particle transformer; see the module's head for the block.
#[derive(Module, Debug)]
pub struct ParticleTransformer {
    embedding: ConditionEmbedding,
    input: Linear,
    start: Linear,
    blocks: Vec<Block>,
    output: Linear,
    heads: usize,
}

#[derive(Module, Debug)]
struct Block {
    modulation: Linear,
    gates: Linear,
    qkv: Linear,
    projection: Linear,
    expand: Linear,
    contract: Linear,
}

impl Block {
    /// `x` `[B, P, W]`, `bias` `[B, 1, 1, P]` with [`MASKED`] at padding.
    fn attention(&self, x: Dual<3>, heads: usize, bias: &Tensor<4>) -> Dual<3> {
        let [batch, particles, width] = x.dims();
        let size = width / heads;
        let qkv = per_particle(&self.qkv, x).reshape([batch, particles, 3, heads, size]);
        let part = |k: usize| -> Dual<4> {
            qkv.clone()
                .slice([0..batch, 0..particles, k..k + 1, 0..heads, 0..size])
                .reshape([batch, particles, heads, size])
                .swap_dims(1, 2)
        };
        let (q, k, v) = (part(0), part(1), part(2));
        let logits = q.matmul(k.swap_dims(2, 3)).mul_scalar(1.0 / (size as f64).sqrt()) + bias.clone();
        let mixed = logits.softmax(3).matmul(v).swap_dims(1, 2).reshape([batch, particles, width]);
        per_particle(&self.projection, mixed)
    }

    fn jvp(&self, h: Dual<3>, c: &Dual<2>, heads: usize, bias: &Tensor<4>) -> Dual<3> {
        let [batch, _, width] = h.dims();
        let film = c.clone().linear(&self.modulation);
        let gates = c.clone().linear(&self.gates);
        let gate = |k: usize| gates.clone().slice([0..batch, k * width..(k + 1) * width]).reshape([batch, 1, width]);
        let rows = |k: usize| film.clone().slice([0..batch, 2 * k * width..2 * (k + 1) * width]);
        let h = h.clone() + self.attention(modulate(h.layer_norm(), rows(0)), heads, bias) * gate(0);
        let y = per_particle(&self.expand, modulate(h.clone().layer_norm(), rows(1))).hard_swish();
        h + per_particle(&self.contract, y) * gate(1)
    }
}

impl ParticleTransformer {
    /// The configuration that makes a network of this shape.
    pub fn config(&self) -> ParticleTransformerConfig {
        let [features, width] = self.input.weight.dims();
        ParticleTransformerConfig {
            shape: CloudShape { features, conditions: self.embedding.conditions() },
            width,
            heads: self.heads,
            layers: self.blocks.len(),
            global: self.start.weight.dims()[0],
        }
    }
}

impl CloudNet for ParticleTransformer {
    fn jvp(&self, x: Dual<3>, mask: Tensor<3>, noise: Dual<2>, condition: Dual<2>) -> Dual<3> {
        let [batch, particles, _] = x.dims();
        let c = self.embedding.jvp(noise, condition);
        let bias = mask.clone().sub_scalar(1.0).mul_scalar(-MASKED).reshape([batch, 1, 1, particles]);
        let mut h = modulate(per_particle(&self.input, x), c.clone().linear(&self.start));
        for block in &self.blocks {
            h = block.jvp(h, &c, self.heads, &bias);
        }
        per_particle(&self.output, h.layer_norm()) * mask
    }
}
