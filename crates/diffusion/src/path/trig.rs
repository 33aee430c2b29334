//! The trigonometric path: `alpha = cos(pi t/2)`, `sigma = sin(pi t/2)`, the variance-preserving flow at constant speed.
//!
//! Albergo & Vanden-Eijnden, arXiv:2209.15571, eq. 7; "GVP" of Ma et al., arXiv:2401.08740, section 2.4; the path of v-prediction,
//! Salimans & Ho, arXiv:2202.00512, appendix D, where the angle is the time.

use std::f64::consts::FRAC_PI_2;

use super::{Coef, Path};

/// A quarter of a circle from data to noise, `t` in [0, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trig;

impl Path for Trig {
    fn at(&self, t: f64) -> Coef {
        let t = t.clamp(0.0, 1.0);
        // The sine of the complement is 0 at t = 1, where a cosine would leave 6e-17.
        let (alpha, sigma) = ((FRAC_PI_2 * (1.0 - t)).sin(), (FRAC_PI_2 * t).sin());
        Coef { alpha, sigma, dalpha: -FRAC_PI_2 * sigma, dsigma: FRAC_PI_2 * alpha }
    }

    fn time(&self, lambda: f64) -> f64 {
        (-lambda).exp().atan() / FRAC_PI_2
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
