//! The variance-preserving path with linear beta: `alpha = exp(-B/2)`, `sigma^2 = 1 - alpha^2`,
//! `B(t) = beta_min t + (beta_max - beta_min) t^2 / 2`.
//!
//! Ho, Jain & Abbeel, arXiv:2006.11239 (as a table, [`DdpmTable`](super::DdpmTable)); Song et al., arXiv:2011.13456, eq. 33.

use super::{Coef, Path};
use crate::error::{Error, positive};

/// DDPM's noise in continuous time, `t` in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VpLinear {
    /// `beta(0)`, 0.1 in the paper.
    pub beta_min: f64,
    /// `beta(1)`, 20 in the paper.
    pub beta_max: f64,
}

/// Below this time `sigma` (about 1e-3 at the default) stops shrinking, because `d sigma / d t` diverges at `t = 0`.
const FIRST: f64 = 1e-5;

impl VpLinear {
    /// A path with `0 < beta_min <= beta_max`.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside that range.
    pub fn new(beta_min: f64, beta_max: f64) -> Result<VpLinear, Error> {
        positive("beta_min", beta_min)?;
        if !(beta_max.is_finite() && beta_max >= beta_min) {
            return Err(Error::Parameter { what: "beta_max", value: beta_max, allowed: "a finite number >= beta_min" });
        }
        Ok(VpLinear { beta_min, beta_max })
    }
}

/// Beta from 0.1 to 20.
impl Default for VpLinear {
    fn default() -> Self {
        VpLinear { beta_min: 0.1, beta_max: 20.0 }
    }
}

impl VpLinear {
    /// `beta(t)` and `B(t)`.
    pub(super) fn beta(&self, t: f64) -> (f64, f64) {
        let slope = self.beta_max - self.beta_min;
        (self.beta_min + slope * t, self.beta_min * t + 0.5 * slope * t * t)
    }

    /// The time at which `B` is `integral`, not before `first`.
    pub(super) fn time_of(&self, integral: f64, first: f64) -> f64 {
        let root = (self.beta_min.powi(2) + 2.0 * (self.beta_max - self.beta_min) * integral).sqrt();
        if integral.is_infinite() { 1.0 } else { (2.0 * integral / (self.beta_min + root)).clamp(first, 1.0) }
    }
}

impl Path for VpLinear {
    fn at(&self, t: f64) -> Coef {
        let (beta, integral) = self.beta(t.clamp(FIRST, 1.0));
        let alpha = (-0.5 * integral).exp();
        let sigma = (-(-integral).exp_m1()).sqrt();
        Coef { alpha, sigma, dalpha: -0.5 * beta * alpha, dsigma: 0.5 * beta * alpha * alpha / sigma }
    }

    fn time(&self, lambda: f64) -> f64 {
        self.time_of((-2.0 * lambda).exp().ln_1p(), FIRST)
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
