//! `[path]`: how data turns into noise.

use serde::{Deserialize, Serialize};

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
    /// As "vp" with the smaller sigma = 1 - alpha^2 (Song et al., arXiv:2011.13456, eq. 34).
    #[serde(rename = "sub-vp")]
    SubVp {
        /// beta at t = 0.
        #[serde(default = "vp_beta_min")]
        beta_min: f64,
        /// beta at t = 1.
        #[serde(default = "vp_beta_max")]
        beta_max: f64,
    },
    /// alpha = cos(phi) / cos(phi_0), phi from 0.0125 to pi / 2 in equal steps (Nichol and Dhariwal, arXiv:2102.09672, eq. 17).
    Cosine {},
    /// alpha^2 = (1 - 2 s)(1 - x^2)^2 + s, x = 1000 t / 1001 (Hoogeboom et al., arXiv:2203.17003).
    Polynomial {
        /// s, what is left of the noise in the data and of the data in the noise.
        #[serde(default = "polynomial_precision")]
        precision: f64,
    },
    /// alpha = cos(pi t / 2), sigma = sin(pi t / 2) (Albergo and Vanden-Eijnden, arXiv:2209.15571).
    Trig {},
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
fn polynomial_precision() -> f64 {
    1e-5
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
            PathSection::SubVp { .. } => "sub-vp",
            PathSection::Cosine {} => "cosine",
            PathSection::Polynomial { .. } => "polynomial",
            PathSection::Trig {} => "trig",
            PathSection::Ve { .. } => "ve",
        }
    }
}
