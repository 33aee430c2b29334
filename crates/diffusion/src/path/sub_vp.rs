//! The sub-variance-preserving path: `alpha = exp(-B/2)`, `sigma = 1 - alpha^2`, `B(t) = beta_min t + (beta_max - beta_min) t^2/2`.
//!
//! The noise of [`VpLinear`](super::VpLinear), squared: never more variance than it, and a cleaner start, linear in `t`.
//! Song et al., arXiv:2011.13456, eq. 8 (the SDE) and 29 (its marginals).

use super::{Coef, Path, VpLinear};
use crate::Error;

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
        VpLinear::new(beta_min, beta_max).map(SubVp::from)
    }

    fn vp(&self) -> VpLinear {
        VpLinear { beta_min: self.beta_min, beta_max: self.beta_max }
    }
}

/// The same beta.
impl From<VpLinear> for SubVp {
    fn from(VpLinear { beta_min, beta_max }: VpLinear) -> SubVp {
        SubVp { beta_min, beta_max }
    }
}

/// Beta from 0.1 to 20.
impl Default for SubVp {
    fn default() -> Self {
        VpLinear::default().into()
    }
}

impl Path for SubVp {
    fn at(&self, t: f64) -> Coef {
        let (beta, integral) = self.vp().beta(t.clamp(0.0, 1.0));
        let alpha = (-0.5 * integral).exp();
        Coef { alpha, sigma: -(-integral).exp_m1(), dalpha: -0.5 * beta * alpha, dsigma: beta * alpha * alpha }
    }

    fn time(&self, lambda: f64) -> f64 {
        // sigma/alpha = 1/alpha - alpha = 2 sinh(B/2)
        self.vp().time_of(2.0 * (0.5 * (-lambda).exp()).asinh(), 0.0)
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
