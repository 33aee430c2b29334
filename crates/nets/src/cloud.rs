//! What every network on particle clouds offers, and the choice among them at run time.

use burn::{
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};

use crate::{Dual, Epic, EpicConfig, ParticleTransformer, ParticleTransformerConfig};

/// Shape of a cloud network's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloudShape {
    /// Features per particle, F.
    pub features: usize,
    /// Condition columns per sample, C (class and jet-level quantities, already encoded).
    pub conditions: usize,
}

/// A permutation-equivariant network on masked particle clouds.
pub trait CloudNet {
    /// Raw output `F`.
    ///
    /// # Shapes
    /// - `x` `[B, P, F]` noised cloud, zero where the mask is zero
    /// - `mask` `[B, P, 1]`, 1 for a real particle, 0 for padding
    /// - `noise` `[B, 1]` noise level as an O(1) number
    /// - `condition` `[B, C]`
    /// - output `[B, P, F]`, zero where the mask is zero
    fn forward(&self, x: Tensor<3>, mask: Tensor<3>, noise: Tensor<2>, condition: Tensor<2>) -> Tensor<3> {
        self.jvp(x.into(), mask, noise.into(), condition.into()).primal
    }

    /// [`CloudNet::forward`] and its rate of change as state, noise level and conditions change.
    fn jvp(&self, x: Dual<3>, mask: Tensor<3>, noise: Dual<2>, condition: Dual<2>) -> Dual<3>;
}

/// A cloud network chosen at run time, from a recipe or from a weight file.
#[derive(Module, Debug)]
pub enum AnyCloudNet {
    /// Equivariant point cloud layers, linear in the number of particles.
    Epic(Epic),
    /// Self-attention among particles, quadratic in their number.
    Transformer(ParticleTransformer),
}

impl AnyCloudNet {
    /// EPiC network from its configuration.
    pub fn epic(config: &EpicConfig, device: &Device) -> Self {
        Self::Epic(config.init(device))
    }

    /// Shape of its inputs.
    pub fn shape(&self) -> CloudShape {
        match self {
            Self::Epic(net) => net.config().shape,
            Self::Transformer(net) => net.config().shape,
        }
    }

    /// Particle transformer from its configuration.
    pub fn transformer(config: &ParticleTransformerConfig, device: &Device) -> Self {
        Self::Transformer(config.init(device))
    }
}

impl CloudNet for AnyCloudNet {
    fn jvp(&self, x: Dual<3>, mask: Tensor<3>, noise: Dual<2>, condition: Dual<2>) -> Dual<3> {
        match self {
            Self::Epic(net) => net.jvp(x, mask, noise, condition),
            Self::Transformer(net) => net.jvp(x, mask, noise, condition),
        }
    }
}

/// A linear layer on every particle, `[B, P, I] -> [B, P, O]`.
///
/// As one product of `B P` rows: a batched product would accumulate the weights' gradient batch by batch.
pub(crate) fn per_particle(layer: &Linear, x: Dual<3>) -> Dual<3> {
    let [batch, particles, width] = x.dims();
    let y = x.reshape([batch * particles, width]).linear(layer);
    let [_, out] = y.dims();
    y.reshape([batch, particles, out])
}

/// Adds one row per sample to every particle: `[B, P, W] + [B, W]`.
pub(crate) fn add_per_sample(x: Dual<3>, row: Dual<2>) -> Dual<3> {
    let [batch, width] = row.dims();
    x + row.reshape([batch, 1, width])
}

/// `x * (1 + scale) + shift` with one row of scales and shifts per sample: `modulation` `[B, 2 W]`.
pub(crate) fn modulate(x: Dual<3>, modulation: Dual<2>) -> Dual<3> {
    let [batch, _, width] = x.dims();
    let scale = modulation.clone().slice([0..batch, 0..width]).add_scalar(1.0);
    let shift = modulation.slice([0..batch, width..2 * width]);
    add_per_sample(x * scale.reshape([batch, 1, width]), shift)
}
