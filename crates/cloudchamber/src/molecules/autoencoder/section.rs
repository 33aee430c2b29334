//! `[autoencoder]` of a recipe.

use nets::EgnnAutoencoderConfig;
use serde::{Deserialize, Serialize};

use crate::molecules::encoding::MoleculeEncoding;
use crate::molecules::recipe::MoleculeRecipe;

/// `[autoencoder]`: diffusion acts on the latents of this autoencoder; its networks have the sizes of `[network]` but for their layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoencoderSection {
    /// Whether the encoder learns.
    pub encoder: Encoder,
    /// Invariant features of an atom's latent.
    pub latent: usize,
    /// Layers of the encoder.
    pub encoder_layers: usize,
    /// Layers of the decoder.
    pub decoder_layers: usize,
    /// Optimiser steps of the autoencoder; everything else as in `[train]`.
    pub steps: u64,
    /// Weight of the divergence of latents from a standard normal law; a frozen encoder has none.
    pub kl: f64,
    /// Standard deviation of latents about the encoder's means, in units of positions, and of features.
    pub sigma_0: f64,
    /// Standard deviation that latent features have for diffusion: small ones are decided late, when the positions are known.
    pub spread: f64,
}

/// Whether the encoder learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoder {
    /// Together with the decoder, as arXiv:2305.01140 says.
    Trained,
    /// It stays as it was initialised, as in the paper's released code, whose joint training cuts the gradient of the latents.
    Frozen,
}

impl Default for AutoencoderSection {
    fn default() -> Self {
        AutoencoderSection {
            encoder: Encoder::Trained,
            latent: 2,
            encoder_layers: 1,
            decoder_layers: 3,
            steps: 20_000,
            kl: 1e-4,
            sigma_0: 0.0032,
            spread: 0.25,
        }
    }
}

impl AutoencoderSection {
    /// The first key whose value cannot be used, that value, and what would be.
    pub fn mistake(&self) -> Option<(&'static str, String, &'static str)> {
        let whole = [
            ("autoencoder.latent", self.latent, 1..=256, "1 to 256"),
            ("autoencoder.encoder_layers", self.encoder_layers, 1..=200, "1 to 200"),
            ("autoencoder.decoder_layers", self.decoder_layers, 1..=200, "1 to 200"),
        ];
        let wrong = whole.into_iter().find(|(_, value, range, _)| !range.contains(value));
        if let Some((key, value, _, expected)) = wrong {
            return Some((key, value.to_string(), expected));
        }
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let real = [
            ("autoencoder.kl", self.kl, self.kl == 0.0 || positive(self.kl), "at least 0"),
            ("autoencoder.sigma_0", self.sigma_0, positive(self.sigma_0), "more than 0"),
            ("autoencoder.spread", self.spread, positive(self.spread), "more than 0"),
        ];
        let wrong = real.into_iter().find(|(_, _, good, _)| !good);
        wrong.map(|(key, value, _, expected)| (key, value.to_string(), expected))
    }

    /// Whether the encoder learns.
    pub fn learns(&self) -> bool {
        self.encoder == Encoder::Trained
    }

    /// The networks' configuration in this recipe.
    pub fn config(&self, recipe: &MoleculeRecipe, encoding: &MoleculeEncoding) -> EgnnAutoencoderConfig {
        EgnnAutoencoderConfig {
            network: recipe.network.config(encoding.features(), 0),
            latent: self.latent,
            encoder_layers: self.encoder_layers,
            decoder_layers: self.decoder_layers,
        }
    }
}
