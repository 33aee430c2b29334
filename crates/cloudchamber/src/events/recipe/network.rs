//! `[network]` and `[bayes]`: the networks of the chain.

use serde::{Deserialize, Serialize};

/// `[network]`: the networks of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventNetwork {
    /// Architecture: "residual" learns the recipe's `[objective]`; "flow" and "gpt" learn the likelihood.
    pub kind: EventNetworkKind,
    /// Features in the hidden layers.
    pub width: usize,
    /// Residual blocks, coupling layers, or transformer blocks.
    pub layers: usize,
    /// Hidden layers of each coupling's perceptron (flow only).
    pub hidden: usize,
    /// Bins of each spline (flow only).
    pub bins: usize,
    /// Attention heads; must divide `width` (gpt only).
    pub heads: usize,
    /// Components of each number's mixture (gpt only).
    pub components: usize,
    /// The mixtures of azimuths: "gaussian", or "vonmises" for scaling = "normal" (gpt only).
    pub angles: Angles,
    /// The order in which numbers are written: "given", or "angles" for pseudorapidities and azimuths first (gpt only).
    pub order: Order,
}

/// Architecture of the networks of the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventNetworkKind {
    /// Residual perceptron told the noise level ([`nets::ResidualMlp`]).
    #[default]
    Residual,
    /// Spline coupling flow, an invertible network ([`nets::CouplingFlow`]).
    Flow,
    /// Causal transformer with mixture heads, JetGPT ([`nets::EventGpt`]).
    Gpt,
}

/// The mixtures of azimuths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Angles {
    /// As of all other numbers.
    #[default]
    Gaussian,
    /// Periodic.
    Vonmises,
}

/// The order in which the numbers of a stage are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// As the coordinates have them.
    #[default]
    Given,
    /// Directions first, as in arXiv:2305.10475: their correlations are the hard part.
    Angles,
}

impl Default for EventNetwork {
    fn default() -> Self {
        EventNetwork {
            kind: EventNetworkKind::Residual,
            width: 256,
            layers: 6,
            hidden: 2,
            bins: 10,
            heads: 4,
            components: 16,
            angles: Angles::Gaussian,
            order: Order::Given,
        }
    }
}

impl EventNetwork {
    /// Whether these networks learn the likelihood, and have no noise and no sampler.
    pub fn has_likelihood(&self) -> bool {
        self.kind != EventNetworkKind::Residual
    }
}

/// `[bayes]`: normal weights instead of numbers, and thereby error bars (arXiv:2305.10475, section 2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BayesSection {
    /// One over the variance of every weight's prior.
    pub prior_precision: f64,
    /// Draws of the weights among which generated events are shared out.
    pub draws: u32,
}

impl Default for BayesSection {
    fn default() -> Self {
        BayesSection { prior_precision: 1.0, draws: 10 }
    }
}
