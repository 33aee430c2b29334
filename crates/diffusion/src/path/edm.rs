//! The EDM path: `alpha = 1`, `sigma = t`. Time is the noise itself.
//!
//! Karras, Aittala, Aila & Laine, Elucidating the design space of diffusion-based generative models, arXiv:2206.00364, table 1.

use super::{Coef, Path};
use crate::error::{Error, positive};

/// Time is noise: `x_t = data + t noise`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edm {
    /// Where default grids end, 0.002 for data of standard deviation 0.5. Not a limit of the path.
    pub sigma_min: f64,
    /// Where sampling starts, 80. Not a limit of the path.
    pub sigma_max: f64,
}

impl Edm {
    /// A path with `0 < sigma_min < sigma_max`.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside that range.
    pub fn new(sigma_min: f64, sigma_max: f64) -> Result<Edm, Error> {
        positive("sigma_min", sigma_min)?;
        if !(sigma_max.is_finite() && sigma_max > sigma_min) {
            return Err(Error::Parameter {
                what: "sigma_max",
                value: sigma_max,
                allowed: "a finite number > sigma_min",
            });
        }
        Ok(Edm { sigma_min, sigma_max })
    }
}

/// From 0.002 to 80.
impl Default for Edm {
    fn default() -> Self {
        Edm { sigma_min: 0.002, sigma_max: 80.0 }
    }
}

impl Path for Edm {
    fn at(&self, t: f64) -> Coef {
        Coef { alpha: 1.0, sigma: t, dalpha: 0.0, dsigma: 1.0 }
    }

    fn time(&self, lambda: f64) -> f64 {
        (-lambda).exp()
    }

    fn span(&self) -> (f64, f64) {
        (self.sigma_min, self.sigma_max)
    }
}
