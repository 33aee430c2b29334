//! Equivariant point cloud (EPiC) network: per-particle perceptrons that talk through pooled global vectors.
//!
//! Layer `l`, particle `i`, with `g` the global vector and `c` the embedded noise level and conditions:
//! ```text
//! y_i = act(film(W1 h_i; g, c))      g <- g + V2 act(V1 [mean y, s sum y, g, c])      h_i <- h_i + W2 y_i + U g
//! ```
//! Cost is linear in the number of particles. After EPiC-GAN (arXiv:2301.08128, eq. 1) and EPiC-FM (arXiv:2310.00049);
//! ours pools the hidden activations and conditions by feature-wise modulation instead of concatenation.

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{
    CloudNet, CloudShape, ConditionEmbedding, Dual,
    cloud::{add_per_sample, modulate, per_particle},
};

/// The sum over particles enters at this scale so that clouds of 30 to 150 particles give O(1) numbers (EPiC-FM uses 1e-2).
const SUM_SCALE: f64 = 1e-2;

/// Configuration of [`Epic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpicConfig {
    /// Features per particle and condition columns.
    pub shape: CloudShape,
    /// Width of the per-particle hidden layers.
    pub width: usize,
    /// Width of the global vector and of the condition embedding.
    pub global: usize,
    /// Number of EPiC layers.
    pub layers: usize,
}

impl EpicConfig {
    /// Width 128, global width 64, six layers.
    pub fn new(shape: CloudShape) -> Self {
        Self { shape, width: 128, global: 64, layers: 6 }
    }

    /// Sets the width of the per-particle hidden layers.
    pub fn with_width(self, width: usize) -> Self {
        Self { width, ..self }
    }

    /// Sets the width of the global vector.
    pub fn with_global(self, global: usize) -> Self {
        Self { global, ..self }
    }

    /// Sets the number of layers.
    pub fn with_layers(self, layers: usize) -> Self {
        Self { layers, ..self }
    }

    /// Freshly initialised network; its raw output is exactly zero (zero-initialised last layer).
    pub fn init(&self, device: &Device) -> Epic {
        let zero = |i, o| LinearConfig::new(i, o).with_initializer(Initializer::Zeros).init(device);
        Epic {
            embedding: ConditionEmbedding::new(self.shape.conditions, self.global, device),
            input: LinearConfig::new(self.shape.features, self.width).init(device),
            start: LinearConfig::new(self.global, 2 * self.width).init(device),
            layers: (0..self.layers).map(|_| EpicLayer::new(self.width, self.global, device)).collect(),
            output: zero(self.width, self.shape.features),
        }
    }
}

/// EPiC network; see the module's head for the layer.
#[derive(Module, Debug)]
pub struct Epic {
    embedding: ConditionEmbedding,
    input: Linear,
    start: Linear,
    layers: Vec<EpicLayer>,
    output: Linear,
}

#[derive(Module, Debug)]
struct EpicLayer {
    local_in: Linear,
    modulation: Linear,
    pool: Linear,
    update: Linear,
    local_out: Linear,
    broadcast: Linear,
}

impl EpicLayer {
    fn new(width: usize, global: usize, device: &Device) -> Self {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        Self {
            local_in: linear(width, width),
            modulation: linear(2 * global, 2 * width),
            pool: linear(2 * width + 2 * global, width),
            update: linear(width, global),
            local_out: linear(width, width),
            broadcast: linear(global, width),
        }
    }

    /// `h` `[B, P, W]`, `g` and `c` `[B, G]`, `count` `[B, 1]`.
    fn jvp(&self, h: Dual<3>, g: Dual<2>, c: &Dual<2>, mask: &Tensor<3>, count: &Tensor<2>) -> (Dual<3>, Dual<2>) {
        let [batch, _, width] = h.dims();
        let film = Dual::cat(vec![g.clone(), c.clone()], 1).linear(&self.modulation);
        let y = modulate(per_particle(&self.local_in, h.clone()), film).hard_swish() * mask.clone();
        let sum = y.clone().sum_dim(1).reshape([batch, width]);
        let mean = sum.clone() / count.clone();
        let pooled = Dual::cat(vec![mean, sum.mul_scalar(SUM_SCALE), g.clone(), c.clone()], 1);
        let g = g + pooled.linear(&self.pool).hard_swish().linear(&self.update);
        let h = add_per_sample(h + per_particle(&self.local_out, y), g.clone().linear(&self.broadcast));
        (h, g)
    }
}

impl Epic {
    /// The configuration that makes a network of this shape.
    pub fn config(&self) -> EpicConfig {
        let [features, width] = self.input.weight.dims();
        let shape = CloudShape { features, conditions: self.embedding.conditions() };
        EpicConfig { shape, width, global: self.start.weight.dims()[0], layers: self.layers.len() }
    }
}

impl CloudNet for Epic {
    fn jvp(&self, x: Dual<3>, mask: Tensor<3>, noise: Dual<2>, condition: Dual<2>) -> Dual<3> {
        let [batch, _, _] = x.dims();
        let c = self.embedding.jvp(noise, condition);
        let count = mask.clone().sum_dim(1).reshape([batch, 1]).clamp_min(1.0);
        let mut h = modulate(per_particle(&self.input, x), c.clone().linear(&self.start)).hard_swish();
        let mut g = c.clone();
        for layer in &self.layers {
            (h, g) = layer.jvp(h, g, &c, &mask, &count);
        }
        per_particle(&self.output, h.hard_swish()) * mask
    }
}
