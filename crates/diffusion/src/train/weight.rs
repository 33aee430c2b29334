//! How much each time counts.
//!
//! Two spaces: the loss of the network's output, `|F - F*|^2` (F-space), and the loss of the estimate, `|D - data|^2`
//! (D-space). Since `D - data = out (F - F*)`, a D-space weight `w` is the F-space weight `w out^2`; [`Weight::of_output`]
//! returns the F-space weight whatever space the choice is named in. With `snr = alpha^2/sigma^2`.
//!
//! Karras et al., arXiv:2206.00364, table 1 and eq. 8; Hang et al., arXiv:2303.09556 (min-SNR).

use std::str::FromStr;

use crate::error::{Error, positive, unknown};
use crate::{Coef, Precond};

/// A weight as a function of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weight {
    /// 1 in F-space: DDPM's L_simple for the noise target, the flow-matching loss for the velocity target.
    Flat,
    /// 1 in D-space.
    Data,
    /// `snr` in D-space, i.e. 1 for the noise estimate.
    Snr,
    /// `min(snr, gamma)` in D-space.
    MinSnr {
        /// The largest weight, 5 in the paper.
        gamma: f64,
    },
    /// `1/s^2 + snr` in D-space, EDM's `(sigma^2 + s^2)/(sigma s)^2` in units `sigma/alpha`; `Flat` for the EDM target of equal `s`.
    Edm {
        /// Standard deviation of the data.
        sigma_data: f64,
    },
    /// `-(d snr/d t)/2` in D-space: with uniform times, the variational bound on the likelihood (arXiv:2107.00630, eq. 12).
    Likelihood,
}

impl Weight {
    /// The names that parse.
    pub const NAMES: [&str; 6] = ["flat", "data", "snr", "min-snr", "edm", "likelihood"];

    /// The weight of `|D - data|^2` (D-space) at coefficients `c`, for a network read by `row`.
    pub fn of_estimate(&self, c: Coef, row: &Precond) -> f64 {
        match *self {
            Weight::Flat => row.out.powi(-2),
            Weight::Data => 1.0,
            Weight::Snr => c.snr(),
            Weight::MinSnr { gamma } => c.snr().min(gamma),
            Weight::Edm { sigma_data } => sigma_data.powi(-2) + c.snr(),
            Weight::Likelihood => c.alpha * (c.alpha * c.dsigma - c.dalpha * c.sigma) / c.sigma.powi(3),
        }
    }

    /// The weight of `|F - F*|^2` (F-space) at coefficients `c`, for a network read by `row`.
    pub fn of_output(&self, c: Coef, row: &Precond) -> f64 {
        match *self {
            Weight::Flat => 1.0,
            _ => self.of_estimate(c, row) * row.out.powi(2),
        }
    }

    /// Checks the constants.
    pub(super) fn validate(&self) -> Result<(), Error> {
        match *self {
            Weight::MinSnr { gamma } => positive("gamma", gamma).map(|_| ()),
            Weight::Edm { sigma_data } => positive("sigma_data", sigma_data).map(|_| ()),
            _ => Ok(()),
        }
    }
}

/// `min-snr` has `gamma = 5`, `edm` has `sigma_data = 1`.
impl FromStr for Weight {
    type Err = Error;

    fn from_str(name: &str) -> Result<Weight, Error> {
        Ok(match name {
            "flat" => Weight::Flat,
            "data" => Weight::Data,
            "snr" => Weight::Snr,
            "min-snr" => Weight::MinSnr { gamma: 5.0 },
            "edm" => Weight::Edm { sigma_data: 1.0 },
            "likelihood" => Weight::Likelihood,
            _ => return Err(unknown("weight", name, &Weight::NAMES)),
        })
    }
}
