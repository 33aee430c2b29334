//! What a network's output means: `D = skip x + out F(input x, noise)`, a row of four numbers.
//!
//! | target | what F learns | skip | out | input |
//! |---|---|---|---|---|
//! | data | data | 0 | 1 | 1 |
//! | noise | noise (DDPM) | 1/alpha | -sigma/alpha | 1 |
//! | v | alpha noise - sigma data | alpha/(alpha²+sigma²) | -sigma/(alpha²+sigma²) | 1 |
//! | velocity | dalpha data + dsigma noise | -dsigma/w | sigma/w | 1 |
//! | score | -noise/sigma | 1/alpha | sigma²/alpha | 1 |
//! | edm | unit variance in and out | alpha s²/q² | sigma s/q | 1/q |
//!
//! with `w = dalpha sigma - alpha dsigma`, `q² = sigma² + alpha² s²` and `s` the data's standard deviation.
//! Salimans & Ho, arXiv:2202.00512 (v); Karras et al., arXiv:2206.00364, table 1 (edm, here on any path).

use std::str::FromStr;

use crate::Coef;
use crate::error::{Error, unknown};

/// `D = skip x + out F(input x, noise)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precond {
    /// Factor of the noisy input in the estimate.
    pub skip: f64,
    /// Factor of the network's output in the estimate.
    pub out: f64,
    /// Factor of the network's input.
    pub input: f64,
    /// The network's noise level, see [`Coef::noise_level`].
    pub noise: f64,
}

/// Which quantity a network's raw output is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The data itself.
    Data,
    /// The noise (DDPM's epsilon). Does not determine the data where `alpha` is 0; see [`Target::row`].
    Noise,
    /// `alpha noise - sigma data`.
    V,
    /// `dalpha data + dsigma noise`, flow matching's field.
    Velocity,
    /// `-noise/sigma`. Does not determine the data where `alpha` is 0; see [`Target::row`].
    Score,
    /// EDM's unit-variance mixture of data and noise.
    Edm {
        /// Standard deviation of the data, about 1 after standardisation (0.5 for EDM's images).
        sigma_data: f64,
    },
}

/// Noise and score divide by `alpha`, here never taken below this.
const ALPHA_FLOOR: f64 = 1e-4;

impl Target {
    /// The names that parse.
    pub const NAMES: [&str; 6] = ["data", "noise", "v", "velocity", "score", "edm"];

    /// How to read the network at coefficients `c`. Finite on the whole span of every path: for `Noise` and `Score`,
    /// which know nothing of the data where `alpha` vanishes, `alpha` is not taken below 1e-4.
    pub fn row(&self, c: Coef) -> Precond {
        let Coef { alpha, sigma, dalpha, dsigma } = c;
        let noise = c.noise_level();
        let divisor = alpha.max(ALPHA_FLOOR);
        let plain = |skip: f64, out: f64| Precond { skip, out, input: 1.0, noise };
        match *self {
            Target::Data => plain(0.0, 1.0),
            Target::Noise => plain(1.0 / divisor, -sigma / divisor),
            Target::V => {
                let norm = alpha * alpha + sigma * sigma;
                plain(alpha / norm, -sigma / norm)
            }
            Target::Velocity => {
                let w = dalpha * sigma - alpha * dsigma;
                plain(-dsigma / w, sigma / w)
            }
            Target::Score => plain(1.0 / divisor, sigma * sigma / divisor),
            Target::Edm { sigma_data: s } => {
                let q = sigma.hypot(alpha * s);
                Precond { skip: alpha * s * s / (q * q), out: sigma * s / q, input: 1.0 / q, noise }
            }
        }
    }

    /// The regression target as `(a, b)`: F learns `a data + b noise`.
    pub fn mixture(&self, c: Coef) -> (f64, f64) {
        match *self {
            Target::Data => (1.0, 0.0),
            Target::Noise => (0.0, 1.0),
            Target::V => (-c.sigma, c.alpha),
            Target::Velocity => (c.dalpha, c.dsigma),
            Target::Score => (0.0, -1.0 / c.sigma),
            Target::Edm { sigma_data: s } => {
                let q = c.sigma.hypot(c.alpha * s);
                (c.sigma / (q * s), -c.alpha * s / q)
            }
        }
    }
}

/// `edm` assumes standardised data, `sigma_data = 1`.
impl FromStr for Target {
    type Err = Error;

    fn from_str(name: &str) -> Result<Target, Error> {
        Ok(match name {
            "data" => Target::Data,
            "noise" => Target::Noise,
            "v" => Target::V,
            "velocity" => Target::Velocity,
            "score" => Target::Score,
            "edm" => Target::Edm { sigma_data: 1.0 },
            _ => return Err(unknown("target", name, &Target::NAMES)),
        })
    }
}
