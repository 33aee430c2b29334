//! `[network]` and `[jet_network]`: the two networks of a run.

use serde::{Deserialize, Serialize};

/// `[network]`: the network of the particle cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSection {
    /// Architecture: "epic" (linear in the number of particles) or "transformer".
    pub kind: NetworkKind,
    /// Features per particle in the hidden layers.
    pub width: usize,
    /// Number of layers (EPiC blocks or transformer blocks).
    pub layers: usize,
    /// Attention heads; must divide `width` (transformer only).
    pub heads: usize,
    /// Features of the cloud's global vector (EPiC only).
    pub latent: usize,
    /// Whether it is told the length of the step that it answers for, as a student by `[distil]` that takes steps of several lengths is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub step_length: bool,
}

/// Architecture of the cloud network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkKind {
    /// Equivariant point cloud layers with a global vector (Buhmann et al., arXiv:2301.08128).
    Epic,
    /// Masked self-attention over the particles.
    Transformer,
}

impl Default for NetworkSection {
    fn default() -> Self {
        NetworkSection { kind: NetworkKind::Epic, width: 128, layers: 6, heads: 8, latent: 16, step_length: false }
    }
}

/// `[jet_network]`: the residual network of the jet-level model, (pT, mass, multiplicity, ...) given the class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JetNetworkSection {
    /// Features in the hidden layers.
    pub width: usize,
    /// Residual blocks.
    pub layers: usize,
}

impl Default for JetNetworkSection {
    fn default() -> Self {
        JetNetworkSection { width: 128, layers: 4 }
    }
}
