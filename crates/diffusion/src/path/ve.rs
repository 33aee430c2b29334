//! The variance-exploding path: `alpha = 1`, `sigma = sigma_min (sigma_max/sigma_min)^t`.
//!
//! Song et al., Score-based generative modeling through SDEs, arXiv:2011.13456, eq. 31.

use super::{Coef, Path};
use crate::error::{Error, positive};

/// Geometrically growing noise, `t` in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ve {
    /// Noise at `t = 0`, in units of the data.
    pub sigma_min: f64,
    /// Noise at `t = 1`, in units of the data; much larger than the data's spread.
    pub sigma_max: f64,
}

impl Ve {
    /// A path with `0 < sigma_min < sigma_max`.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside that range.
    pub fn new(sigma_min: f64, sigma_max: f64) -> Result<Ve, Error> {
        positive("sigma_min", sigma_min)?;
        if !(sigma_max.is_finite() && sigma_max > sigma_min) {
            return Err(Error::Parameter {
                what: "sigma_max",
                value: sigma_max,
                allowed: "a finite number > sigma_min",
            });
        }
        Ok(Ve { sigma_min, sigma_max })
    }
}

/// From 0.01 to 50.
impl Default for Ve {
    fn default() -> Self {
        Ve { sigma_min: 0.01, sigma_max: 50.0 }
    }
}

impl Path for Ve {
    fn at(&self, t: f64) -> Coef {
        let growth = (self.sigma_max / self.sigma_min).ln();
        let sigma = self.sigma_min * (growth * t).exp();
        Coef { alpha: 1.0, sigma, dalpha: 0.0, dsigma: growth * sigma }
    }

    fn time(&self, lambda: f64) -> f64 {
        (-lambda - self.sigma_min.ln()) / (self.sigma_max / self.sigma_min).ln()
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
