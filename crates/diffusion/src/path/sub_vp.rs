//! The sub-variance-preserving path: `alpha = exp(-B/2)`, `sigma = 1 - alpha^2`, `B(t) = beta_min t + (beta_max - beta_min) t^2/2`.
//!
//! The noise of [`VpLinear`](super::VpLinear), squared: never more variance than it, and a cleaner start, linear in `t`.
//! Song et al., arXiv:2011.13456, eq. 8 (the SDE) and 29 (its marginals).

use super::{Coef, Path};
use crate::error::{Error, positive};

/// Song's sub-VP path, `t` in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubVp {
    /// `beta(0)`, 0.1 in the paper.
    pub beta_min: f64,
    /// `beta(1)`, 20 in the paper.
    pub beta_max: f64,
}

impl SubVp {
    /// A path with `0 < beta_min <= beta_max`.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside that range.
    pub fn new(beta_min: f64, beta_max: f64) -> Result<SubVp, Error> {
        positive("beta_min", beta_min)?;
        if !(beta_max.is_finite() && beta_max >= beta_min) {
            return Err(Error::Parameter { what: "beta_max", value: beta_max, allowed: "a finite number >= beta_min" });
        }
        Ok(SubVp { beta_min, beta_max })
    }
}

/// Beta from 0.1 to 20.
impl Default for SubVp {
    fn default() -> Self {
        SubVp { beta_min: 0.1, beta_max: 20.0 }
    }
}

impl Path for SubVp {
    fn at(&self, t: f64) -> Coef {
        let t = t.clamp(0.0, 1.0);
        let slope = self.beta_max - self.beta_min;
        let (beta, integral) = (self.beta_min + slope * t, self.beta_min * t + 0.5 * slope * t * t);
        let alpha = (-0.5 * integral).exp();
        Coef { alpha, sigma: -(-integral).exp_m1(), dalpha: -0.5 * beta * alpha, dsigma: beta * alpha * alpha }
    }

    fn time(&self, lambda: f64) -> f64 {
        // sigma/alpha = 1/alpha - alpha = 2 sinh(B/2)
        let integral = 2.0 * (0.5 * (-lambda).exp()).asinh();
        let root = (self.beta_min.powi(2) + 2.0 * (self.beta_max - self.beta_min) * integral).sqrt();
        if integral.is_infinite() { 1.0 } else { (2.0 * integral / (self.beta_min + root)).clamp(0.0, 1.0) }
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
