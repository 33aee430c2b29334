//! Autoencoder of molecules by two E(n)-equivariant networks: a latent point for each atom, with a few invariant features.
//!
//! 1. encoder: `z_x = x + dx`, `z_h` the first `k` columns of the features, `(dx, .) = Egnn(x, h)`
//! 2. decoder: `x' = z_x + dx'`, `h'` the features, `(dx', h') = Egnn(z_x, z_h)`
//!
//! Movements have no mean, so latent points have the molecule's centre, and turn, mirror and shift with it. Xu et al., arXiv:2305.01140, section 3.1 and
//! appendix C.
//!
//! Both networks have `max(F, k)` columns of features, where `F` is the number of the molecule's own: what an input has not is zero, what an output has
//! besides is not read.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{Atoms, CloudShape, Egnn, EgnnConfig};

/// Configuration of [`EgnnAutoencoder`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EgnnAutoencoderConfig {
    /// Sizes of both networks but for their layers; `features` are those of the molecule, `F`.
    pub network: EgnnConfig,
    /// Invariant features of a latent point, `k`.
    pub latent: usize,
    /// Layers of the encoder.
    pub encoder_layers: usize,
    /// Layers of the decoder.
    pub decoder_layers: usize,
}

impl EgnnAutoencoderConfig {
    /// Columns of features of both networks.
    pub fn columns(&self) -> usize {
        self.network.shape.features.max(self.latent)
    }

    /// Freshly initialised networks, which leave positions nearly where they are.
    pub fn init(&self, device: &Device) -> EgnnAutoencoder {
        let shape = CloudShape { features: self.columns(), conditions: 0 };
        let network = |layers| EgnnConfig { shape, layers, ..self.network }.init(device);
        EgnnAutoencoder {
            encoder: network(self.encoder_layers),
            decoder: network(self.decoder_layers),
            features: self.network.shape.features,
            latent: self.latent,
        }
    }
}

/// Encoder and decoder; see the module's head.
#[derive(Module, Debug)]
pub struct EgnnAutoencoder {
    /// From atoms to latent points; its parameters come first in [`crate::values`].
    pub encoder: Egnn,
    /// From latent points to atoms.
    pub decoder: Egnn,
    features: usize,
    latent: usize,
}

impl EgnnAutoencoder {
    /// Latent points and their features: `x` `[B, P, 3]`, `h` `[B, P, F]` to `z_x` `[B, P, 3]`, `z_h` `[B, P, k]`.
    ///
    /// `mask` `[B, P, 1]` is 1 for an atom and 0 for padding, where positions stay and features are zero.
    pub fn encode(&self, atoms: Atoms, mask: Tensor<3>) -> Atoms {
        moved(&self.encoder, atoms, mask, self.latent)
    }

    /// Atoms of latent points: `z_x` `[B, P, 3]`, `z_h` `[B, P, k]` to `x'` `[B, P, 3]`, `h'` `[B, P, F]`.
    pub fn decode(&self, latent: Atoms, mask: Tensor<3>) -> Atoms {
        moved(&self.decoder, latent, mask, self.features)
    }
}

/// The atoms where the network moves them, with the first `columns` of its features.
fn moved(net: &Egnn, atoms: Atoms, mask: Tensor<3>, columns: usize) -> Atoms {
    let device = mask.device();
    let [batch, count, given] = atoms.features.dims();
    let missing = net.config().shape.features.saturating_sub(given);
    let features = match missing {
        0 => atoms.features,
        _ => Tensor::cat(vec![atoms.features, Tensor::zeros([batch, count, missing], &device)], 2),
    };
    let positions = atoms.positions.clone();
    let still = (Tensor::zeros([batch, 1], &device), Tensor::zeros([batch, 0], &device));
    let out = net.forward(Atoms { positions: atoms.positions, features }, mask, still.0, still.1);
    Atoms { positions: positions + out.positions, features: out.features.slice([0..batch, 0..count, 0..columns]) }
}
