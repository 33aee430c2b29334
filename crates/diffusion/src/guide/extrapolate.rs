//! Extrapolation from a worse to a better estimate: `D = D_u + w (D_c - D_u)`.
//!
//! Classifier-free guidance (Ho & Salimans, arXiv:2207.12598, with their `1 + w` as our `w`) if `D_c` knows the condition
//! and `D_u` does not; a negative prompt if `D_u` knows another; autoguidance (Karras et al., arXiv:2406.02507) if `D_u`
//! is a worse model. The weight may act in an interval of lambda only (Kynkäänniemi et al., arXiv:2404.07724).

use crate::{Denoise, Path, Space};

/// Two models of the same data, extrapolated.
#[derive(Clone, Copy, Debug)]
pub struct Extrapolate<C, U> {
    /// The better model; its path is the path of both.
    pub conditional: C,
    /// The worse model.
    pub unconditional: U,
    /// How far, and when.
    pub weight: Interval,
}

/// A weight that is switched off outside an interval of `lambda = ln(alpha/sigma)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// 1 is the conditional model alone (no guidance), 0 the unconditional one, above 1 is guidance.
    pub weight: f64,
    /// The noisiest lambda at which the weight acts (`-inf` for no limit).
    pub lambda_min: f64,
    /// The cleanest lambda at which the weight acts (`inf` for no limit).
    pub lambda_max: f64,
}

impl Interval {
    /// The same weight at all noise levels.
    pub fn always(weight: f64) -> Interval {
        Interval { weight, lambda_min: f64::NEG_INFINITY, lambda_max: f64::INFINITY }
    }

    /// A weight that acts for `sigma_min <= sigma/alpha <= sigma_max`.
    pub fn between(weight: f64, sigma_min: f64, sigma_max: f64) -> Interval {
        Interval { weight, lambda_min: -sigma_max.ln(), lambda_max: -sigma_min.ln() }
    }

    /// The weight at `lambda`: 1 outside the interval.
    pub fn at(&self, lambda: f64) -> f64 {
        if (self.lambda_min..=self.lambda_max).contains(&lambda) { self.weight } else { 1.0 }
    }
}

/// Asks only the models it needs: one of the two at weights 0 and 1.
impl<X: Space, C: Denoise<X>, U: Denoise<X>> Denoise<X> for Extrapolate<C, U> {
    fn path(&self) -> &dyn Path {
        self.conditional.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        match self.weight.at(self.path().at(t).lambda()) {
            1.0 => self.conditional.denoise(x, t),
            0.0 => self.unconditional.denoise(x, t),
            w => self.conditional.denoise(x, t).axpby(w, 1.0 - w, &self.unconditional.denoise(x, t)),
        }
    }
}
