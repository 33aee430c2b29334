//! The straight line of flow matching and rectified flow: `alpha = 1 - t`, `sigma = t`.
//!
//! Lipman et al., arXiv:2210.02747 (OT path, eq. 20 with sigma_min = 0); Liu, Gong & Liu, arXiv:2209.03003, eq. 1.
//! Both write time the other way round; here, as everywhere, `t = 0` is data and `t = 1` is noise.

use super::{Coef, Path};

/// `x_t = (1 - t) data + t noise`, `t` in [0, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Linear;

impl Path for Linear {
    fn at(&self, t: f64) -> Coef {
        Coef { alpha: 1.0 - t, sigma: t, dalpha: -1.0, dsigma: 1.0 }
    }

    fn time(&self, lambda: f64) -> f64 {
        1.0 / (1.0 + lambda.exp())
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
