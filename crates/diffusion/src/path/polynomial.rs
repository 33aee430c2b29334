//! The polynomial path of molecules: `alpha^2 = (1 - 2 s)(1 - x^2)^2 + s`, `sigma^2 = 1 - alpha^2`, `x = t T/(T + 1)`.
//!
//! Hoogeboom et al., arXiv:2203.17003, appendix B, as their code has it ("polynomial_2", T = 1000, s = 1e-5): step `k` of it is time `t = k/T`.
//! `s` keeps a little noise in the data and a little of the data in the noise. That code also keeps the ratio of two neighbours'
//! `alpha^2` above 0.001, which no step of `(1 - x^2)^2` reaches.

use super::{Coef, Path, variance_preserving};
use crate::error::Error;

/// Steps of the published table, which decides where `x` ends.
const STEPS: f64 = 1000.0;

/// Hoogeboom et al.'s path, `t` in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polynomial {
    precision: f64,
}

impl Polynomial {
    /// With the precision `s`, in (0, 1/2).
    ///
    /// # Errors
    /// [`Error::Parameter`] for any other.
    pub fn new(precision: f64) -> Result<Polynomial, Error> {
        if !(precision > 0.0 && precision < 0.5) {
            return Err(Error::Parameter { what: "precision", value: precision, allowed: "numbers in (0, 1/2)" });
        }
        Ok(Polynomial { precision })
    }
}

/// The published precision, 1e-5.
impl Default for Polynomial {
    fn default() -> Self {
        Polynomial { precision: 1e-5 }
    }
}

const RATE: f64 = STEPS / (STEPS + 1.0);

impl Path for Polynomial {
    fn at(&self, t: f64) -> Coef {
        let (s, x) = (self.precision, RATE * t.clamp(0.0, 1.0));
        let rest = 1.0 - x * x;
        let signal = (1.0 - 2.0 * s) * rest * rest + s;
        // 1 - (1 - x^2)^2 = x^2 (2 - x^2): no cancellation at small t.
        let noise = s + (1.0 - 2.0 * s) * x * x * (2.0 - x * x);
        let (alpha, sigma) = (signal.sqrt(), noise.sqrt());
        // At the start nothing moves, and a velocity says nothing of the data: it is taken a hair beside it.
        let dalpha = -2.0 * (1.0 - 2.0 * s) * rest * x.max(1e-6) * RATE / alpha;
        Coef { alpha, sigma, dalpha, dsigma: -alpha * dalpha / sigma }
    }

    fn time(&self, lambda: f64) -> f64 {
        let Coef { sigma, .. } = variance_preserving(lambda, 0.0);
        // x^2 (2 - x^2) = u, and 1 - sqrt(1 - u) = u/(1 + sqrt(1 - u)).
        let u = ((sigma * sigma - self.precision) / (1.0 - 2.0 * self.precision)).clamp(0.0, 1.0);
        ((u / (1.0 + (1.0 - u).sqrt())).sqrt() / RATE).min(1.0)
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_table_of_gammas() {
        // alpha_i^2 by the published recipe: ratios clipped to [0.001, 1], multiplied up, then shrunk; gamma = -ln(alpha^2/sigma^2).
        let raw: Vec<f64> = (0..=1000).map(|i| (1.0 - (f64::from(i) / 1001.0).powi(2)).powi(2)).collect();
        let (mut before, mut product) = (1.0, 1.0);
        for (i, value) in raw.iter().enumerate() {
            product *= (value / before).clamp(0.001, 1.0);
            before = *value;
            let signal = (1.0 - 2e-5) * product + 1e-5;
            let gamma = -(signal / (1.0 - signal)).ln();
            let found = -2.0 * Polynomial::default().at(i as f64 / 1000.0).lambda();
            assert!((found - gamma).abs() < 1e-9, "step {i}: {found}, not {gamma}");
        }
        // Its ends: gamma_0 = -ln((1 - s)/s), and s + 4/1001^2 of the signal at the other.
        assert!((-2.0 * Polynomial::default().at(0.0).lambda() + (0.99999f64 / 1e-5).ln()).abs() < 1e-9);
    }

    #[test]
    fn a_precision_out_of_range_is_refused() {
        assert!(Polynomial::new(0.0).is_err() && Polynomial::new(0.5).is_err() && Polynomial::new(1e-4).is_ok());
    }
}
