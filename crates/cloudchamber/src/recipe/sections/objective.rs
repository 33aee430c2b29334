//! `[objective]`: what the network learns.

use serde::{Deserialize, Serialize};

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
