//! `[sample]`: how the trained model is sampled.

use serde::{Deserialize, Serialize};

/// `[sample]`: how the trained model is sampled unless the command line says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleSection {
    /// Name of the sampler, one of `diffusion::Sampler::NAMES`, some with their noise behind a colon (`diffusion::Sampler::with_noise`).
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
    /// The noise levels sigma / alpha of the grid "levels", decreasing; the last step goes from the least to the data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sigmas: Vec<f64>,
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
    /// The noise levels `sigmas`, as many as `steps`: those that a few-step network was distilled to.
    Levels,
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
            sigmas: Vec::new(),
            guidance: 1.0,
        }
    }
}
