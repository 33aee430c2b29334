//! The sections of a recipe as plain structs: one field per key, its default in `Default`, its meaning in its comment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use collider::JetClass;
use serde::{Deserialize, Serialize};

/// `[data]`: which jets to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSection {
    /// Kind of records; "jets" is the only domain so far.
    pub domain: Domain,
    /// Directory with any of g.hdf5, q.hdf5, t.hdf5, w.hdf5, z.hdf5, as an alternative to `files`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
    /// One JetNet file per class: `files = { g = "g.hdf5", t = "t150.hdf5" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<JetClass, PathBuf>,
    /// Particle slots per jet; jets with more keep their hardest ones.
    pub particles: usize,
    /// Part of the rows kept aside for the validation loss, 0 to 0.5; the last rows of each file.
    pub validation: f64,
    /// Most rows read per class; all of them if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// How often an epoch visits each jet of a class, once if absent: `repeat = { w = 2, z = 2 }` for small files.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repeat: BTreeMap<JetClass, usize>,
}

/// Kind of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// Jets as particle clouds in JetNet's layout.
    Jets,
}

impl Default for DataSection {
    fn default() -> Self {
        DataSection {
            domain: Domain::Jets,
            dir: None,
            files: BTreeMap::new(),
            particles: 30,
            validation: 0.05,
            limit: None,
            repeat: BTreeMap::new(),
        }
    }
}

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
        NetworkSection { kind: NetworkKind::Epic, width: 128, layers: 6, heads: 8, latent: 16 }
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

/// `[path]`: how data turns into noise, x_t = alpha(t) data + sigma(t) noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum PathSection {
    /// alpha = 1 - t, sigma = t (flow matching, rectified flow).
    Linear {},
    /// alpha = 1, sigma = t (Karras et al., arXiv:2206.00364).
    Edm {
        /// Least noise, in units of the standardised data.
        #[serde(default = "edm_sigma_min")]
        sigma_min: f64,
        /// Most noise.
        #[serde(default = "edm_sigma_max")]
        sigma_max: f64,
    },
    /// Variance preserving with linear beta (Ho et al., arXiv:2006.11239; Song et al., arXiv:2011.13456).
    Vp {
        /// beta at t = 0.
        #[serde(default = "vp_beta_min")]
        beta_min: f64,
        /// beta at t = 1.
        #[serde(default = "vp_beta_max")]
        beta_max: f64,
    },
    /// alpha = cos(pi t / 2), sigma = sin(pi t / 2) (Nichol and Dhariwal, arXiv:2102.09672).
    Cosine {},
    /// Variance exploding, sigma = sigma_min (sigma_max / sigma_min)^t (Song et al., arXiv:2011.13456).
    Ve {
        /// Least noise.
        #[serde(default = "ve_sigma_min")]
        sigma_min: f64,
        /// Most noise.
        #[serde(default = "ve_sigma_max")]
        sigma_max: f64,
    },
}

fn edm_sigma_min() -> f64 {
    0.002
}
fn edm_sigma_max() -> f64 {
    80.0
}
fn vp_beta_min() -> f64 {
    0.1
}
fn vp_beta_max() -> f64 {
    20.0
}
fn ve_sigma_min() -> f64 {
    0.01
}
fn ve_sigma_max() -> f64 {
    50.0
}

impl PathSection {
    /// The value of `kind`.
    pub fn name(&self) -> &'static str {
        match self {
            PathSection::Linear {} => "linear",
            PathSection::Edm { .. } => "edm",
            PathSection::Vp { .. } => "vp",
            PathSection::Cosine {} => "cosine",
            PathSection::Ve { .. } => "ve",
        }
    }
}

/// `[objective]`: what the network learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ObjectiveSection {
    /// Quantity that the network's raw output stands for.
    pub target: TargetKind,
    /// Weight of the loss.
    pub weight: WeightKind,
    /// Distribution of the training times.
    pub times: TimesKind,
    /// Mean of ln(sigma / alpha) (lognormal, -1.2 if absent) or of ln(t / (1 - t)) (logitnormal, 0 if absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Standard deviation of the same (1.2 or 1 if absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std: Option<f64>,
    /// Standard deviation of the standardised data, for target and weight "edm".
    pub sigma_data: f64,
    /// Part of the training jets whose class is hidden, so that guidance can be used in sampling; 0 to 1.
    pub label_dropout: f64,
}

/// Quantity that the network's raw output stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// alpha' data + sigma' noise.
    Velocity,
    /// The noise.
    Noise,
    /// The data.
    Data,
    /// alpha noise - sigma data (Salimans and Ho, arXiv:2202.00512).
    V,
    /// -noise / sigma.
    Score,
    /// EDM's mixture of unit variance (Karras et al., arXiv:2206.00364).
    Edm,
}

/// Weight of the loss; F is the network's output, D its estimate of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightKind {
    /// 1 for |F - target|^2.
    Flat,
    /// 1 for |D - data|^2.
    Data,
    /// snr = alpha^2 / sigma^2 for |D - data|^2.
    Snr,
    /// min(snr, 5) for |D - data|^2 (Hang et al., arXiv:2303.09556).
    MinSnr,
    /// 1 / sigma_data^2 + snr for |D - data|^2.
    Edm,
    /// The variational bound on the likelihood (Kingma et al., arXiv:2107.00630).
    Likelihood,
}

/// Distribution of the training times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimesKind {
    /// Uniform in t.
    Uniform,
    /// ln(sigma / alpha) is normal (EDM).
    Lognormal,
    /// ln(t / (1 - t)) is normal (Esser et al., arXiv:2403.03206).
    Logitnormal,
}

impl Default for ObjectiveSection {
    fn default() -> Self {
        ObjectiveSection {
            target: TargetKind::Velocity,
            weight: WeightKind::Flat,
            times: TimesKind::Uniform,
            mean: None,
            std: None,
            sigma_data: 1.0,
            label_dropout: 0.1,
        }
    }
}

/// `[train]`: how long and how fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainSection {
    /// Optimiser steps of the cloud network.
    pub steps: u64,
    /// Optimiser steps of the jet-level network.
    pub jet_steps: u64,
    /// Jets per step of the cloud network.
    pub batch: usize,
    /// Jets per step of the jet-level network.
    pub jet_batch: usize,
    /// Peak learning rate of AdamW; reached after `warmup` steps, then a cosine to zero.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises linearly from zero.
    pub warmup: u64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Largest gradient norm; larger gradients are scaled down to it.
    pub clip: f64,
    /// Decay per step of the exponential moving average of the weights, 0 to 1; the average is the model.
    pub ema: f64,
    /// Pieces of a batch whose gradients are computed in parallel.
    pub shards: usize,
    /// Seed of the initial weights, the order of the data, the times and the noise.
    pub seed: u64,
    /// Steps between two validation losses.
    pub validate_every: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// Validations without improvement after which training stops; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u64>,
}

impl Default for TrainSection {
    fn default() -> Self {
        TrainSection {
            steps: 50_000,
            jet_steps: 20_000,
            batch: 256,
            jet_batch: 256,
            learning_rate: 1e-3,
            warmup: 1000,
            weight_decay: 1e-4,
            clip: 1.0,
            ema: 0.999,
            shards: 2,
            seed: 1,
            validate_every: 1000,
            checkpoint_every: 1000,
            patience: None,
        }
    }
}

/// `[sample]`: how the trained model is sampled unless the command line says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleSection {
    /// Name of the sampler: ddim, ddpm, ddpm-beta, euler, heun, dpmpp2m.
    pub sampler: String,
    /// Steps of the sampler.
    pub steps: usize,
    /// Where the steps lie.
    pub grid: GridKind,
    /// Exponent of the Karras grid.
    pub rho: f64,
    /// Least noise level sigma / alpha of the Karras and lambda grids; the path's own end (at least 0.002, at most 80) if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma_min: Option<f64>,
    /// Largest noise level sigma / alpha of the Karras and lambda grids; the path's own end (at least 0.002, at most 80) if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma_max: Option<f64>,
    /// Strength of classifier-free guidance; 1 is none.
    pub guidance: f64,
}

/// Where the steps of a sampler lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridKind {
    /// Equal steps in t.
    UniformT,
    /// Equal steps in lambda = ln(alpha / sigma).
    UniformLambda,
    /// Equal steps in (sigma / alpha)^(1 / rho) (Karras et al., arXiv:2206.00364, eq. 5).
    Karras,
}

impl Default for SampleSection {
    fn default() -> Self {
        SampleSection {
            sampler: "heun".into(),
            steps: 20,
            grid: GridKind::UniformT,
            rho: 7.0,
            sigma_min: None,
            sigma_max: None,
            guidance: 1.0,
        }
    }
}
