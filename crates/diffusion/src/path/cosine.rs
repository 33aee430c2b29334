//! The cosine path: `alpha = cos(phi)/cos(phi_0)`, `sigma^2 = 1 - alpha^2`, `phi(t) = (pi/2)(t + 0.008)/1.008`.
//!
//! Nichol & Dhariwal, arXiv:2102.09672, eq. 17. The time is clamped to [1e-5, 1 - 1e-4], the continuous counterpart of
//! the paper's clipped betas: sigma stays above 6e-4 and alpha above 1.5e-4, so both ends are finite in f32.

use super::{Coef, Path};

/// Nichol and Dhariwal's cosine path, `t` in [0, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cosine;

const OFFSET: f64 = 0.008;
const RATE: f64 = std::f64::consts::FRAC_PI_2 / (1.0 + OFFSET);
const START: f64 = RATE * OFFSET;
const FIRST: f64 = 1e-5;
const LAST: f64 = 1.0 - 1e-4;

impl Path for Cosine {
    fn at(&self, t: f64) -> Coef {
        let turn = RATE * t.clamp(FIRST, LAST);
        let phi = START + turn;
        let alpha = phi.cos() / START.cos();
        // cos^2 a - cos^2 b = sin(b - a) sin(b + a): no cancellation at small t.
        let sigma = (turn.sin() * (phi + START).sin()).sqrt() / START.cos();
        let dalpha = -RATE * phi.sin() / START.cos();
        Coef { alpha, sigma, dalpha, dsigma: -alpha * dalpha / sigma }
    }

    fn time(&self, lambda: f64) -> f64 {
        let Coef { alpha, sigma, .. } = super::variance_preserving(lambda, 0.0);
        let (sin, cos) = START.sin_cos();
        let phi = sin.hypot(cos * sigma).atan2(cos * alpha);
        ((phi - START) / RATE).clamp(FIRST, LAST)
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
