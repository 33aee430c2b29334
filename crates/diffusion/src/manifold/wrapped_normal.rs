//! The normal law on a circle of length `L`: `p(x) = sum_k N(x + k L; 0, sigma^2)`, the heat kernel.
//!
//! Two series, each with a handful of terms where it is used:
//!
//! 1. images, `sigma < 0.3 L`: the sum above, over the nearest seven
//! 2. waves, otherwise: `p(x) = (1 + 2 sum_n exp(-2 (pi n sigma/L)^2) cos(2 pi n x/L))/L`, its dual by Poisson summation
//!
//! `E[score^2]`, by which torsional diffusion and DiffCSP divide their losses, is a trapezoidal sum, which converges
//! exponentially on a circle. Jing et al., arXiv:2206.01729; Jiao et al., arXiv:2309.04475.

use std::f64::consts::{PI, TAU};

use super::Torus;
use crate::error::{Error, positive};

/// The wrapped normal about zero; it is even, and shifts to any mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrappedNormal {
    pub(super) circle: Torus,
    pub(super) sigma: f64,
}

/// `sigma/L` at which the series change places.
const CROSSOVER: f64 = 0.3;

/// Density and its derivative, both times the same positive factor `exp(-shift)`.
struct Sums {
    density: f64,
    slope: f64,
    shift: f64,
}

impl WrappedNormal {
    /// The law of `sigma z` modulo `period`, both above zero.
    ///
    /// # Errors
    /// [`Error::Parameter`] otherwise.
    pub fn new(period: f64, sigma: f64) -> Result<WrappedNormal, Error> {
        Ok(WrappedNormal { circle: Torus::new(1, period)?, sigma: positive("sigma", sigma)? })
    }

    /// `ln p(x)` in nats.
    pub fn log_density(&self, x: f64) -> f64 {
        let sums = self.sums(x);
        sums.density.ln() + sums.shift
    }

    /// `d ln p/d x`.
    pub fn score(&self, x: f64) -> f64 {
        let sums = self.sums(x);
        sums.slope / sums.density
    }

    /// `E[score^2]`: `1/sigma^2` for small sigma, exponentially small for large.
    pub fn mean_square_score(&self) -> f64 {
        // Below, images matter less than rounding, and the sum would need many points.
        if self.sigma < 0.05 * self.circle.period {
            return self.sigma.powi(-2);
        }
        let points = 256;
        let step = self.circle.period / f64::from(points);
        let term = |i| {
            let x = f64::from(i) * step;
            self.score(x).powi(2) * self.log_density(x).exp() * step
        };
        (0..points).map(term).sum()
    }

    fn sums(&self, x: f64) -> Sums {
        let x = self.circle.near(x);
        if self.sigma < CROSSOVER * self.circle.period { self.images(x) } else { self.waves(x) }
    }

    fn images(&self, x: f64) -> Sums {
        let variance = self.sigma * self.sigma;
        let shift = -0.5 * (x * x / variance + (TAU * variance).ln());
        let (mut density, mut slope) = (0.0, 0.0);
        for k in -3..=3 {
            let image = x + f64::from(k) * self.circle.period;
            let term = (0.5 * (x * x - image * image) / variance).exp();
            density += term;
            slope -= term * image / variance;
        }
        Sums { density, slope, shift }
    }

    fn waves(&self, x: f64) -> Sums {
        let (mut density, mut slope) = (1.0, 0.0);
        for n in 1..=5 {
            let wave = f64::from(n) * TAU / self.circle.period;
            let amplitude = 2.0 * (-2.0 * (PI * f64::from(n) * self.sigma / self.circle.period).powi(2)).exp();
            let (sin, cos) = (wave * x).sin_cos();
            density += amplitude * cos;
            slope -= amplitude * wave * sin;
        }
        Sums { density, slope, shift: -self.circle.period.ln() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_series_agree_where_they_meet() {
        for period in [1.0, TAU] {
            for share in [0.25, 0.3, 0.35] {
                let law = WrappedNormal::new(period, share * period).unwrap();
                for i in -8..=8 {
                    let x = f64::from(i) / 16.0 * period;
                    let (a, b) = (law.images(x), law.waves(x));
                    assert!((a.density.ln() + a.shift - b.density.ln() - b.shift).abs() < 1e-12, "{share} {x}");
                    assert!((a.slope / a.density - b.slope / b.density).abs() * period < 1e-10, "{share} {x}");
                }
            }
        }
    }
}
