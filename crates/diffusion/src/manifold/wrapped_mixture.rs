//! A mixture of wrapped normals on a circle: exact data for everything that diffuses on a torus.
//!
//! Heat flow adds variances: at noise `sigma` the mixture `sum_k w_k WN(m_k, s_k^2)` is `sum_k w_k WN(m_k, s_k^2 + sigma^2)`,
//! with circular moments `E[exp(2 pi i n x/L)] = sum_k w_k exp(2 pi i n m_k/L - 2 (pi n/L)^2 (s_k^2 + sigma^2))`.

use std::f64::consts::{PI, TAU};

use super::{Torus, WrappedNormal};
use crate::error::{Error, finite, positive};
use crate::vector::log_sum;

/// One term of a [`WrappedMixture`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrapped {
    /// Its weight, relative to the others.
    pub weight: f64,
    /// Its centre.
    pub mean: f64,
    /// Its standard deviation before wrapping.
    pub std: f64,
}

/// The exact model of a mixture of wrapped normals.
#[derive(Clone, Debug, PartialEq)]
pub struct WrappedMixture {
    period: f64,
    parts: Vec<Wrapped>,
}

impl WrappedMixture {
    /// The mixture on a circle of length `period`; weights are normalised.
    ///
    /// # Errors
    /// [`Error::Length`] for no part, [`Error::Parameter`] for a period, weight or standard deviation not above zero.
    pub fn new(period: f64, mut parts: Vec<Wrapped>) -> Result<WrappedMixture, Error> {
        if parts.is_empty() {
            return Err(Error::Length { what: "parts of a mixture (at least one)", expected: 1, got: 0 });
        }
        positive("period", period)?;
        for part in &parts {
            positive("weight", part.weight)?;
            positive("std", part.std)?;
            finite("mean", part.mean)?;
        }
        let total: f64 = parts.iter().map(|p| p.weight).sum();
        parts.iter_mut().for_each(|p| p.weight /= total);
        Ok(WrappedMixture { period, parts })
    }

    /// `ln p_sigma(x)` in nats.
    pub fn log_density(&self, x: f64, sigma: f64) -> f64 {
        log_sum(&self.terms(x, sigma).0)
    }

    /// The marginal score `d ln p_sigma/d x`.
    pub fn score(&self, x: f64, sigma: f64) -> f64 {
        let (logs, scores) = self.terms(x, sigma);
        let total = log_sum(&logs);
        logs.iter().zip(scores).map(|(log, score)| (log - total).exp() * score).sum()
    }

    /// The circular moment `E[exp(2 pi i order x/period)]` as `(real, imaginary)`.
    pub fn moment(&self, order: i32, sigma: f64) -> (f64, f64) {
        let wave = f64::from(order) / self.period;
        self.parts.iter().fold((0.0, 0.0), |(re, im), p| {
            let length = p.weight * (-2.0 * (PI * wave).powi(2) * (p.std * p.std + sigma * sigma)).exp();
            let (sin, cos) = (TAU * wave * p.mean).sin_cos();
            (re + length * cos, im + length * sin)
        })
    }

    /// `ln (w_k p_k)` and `score_k` of each part.
    fn terms(&self, x: f64, sigma: f64) -> (Vec<f64>, Vec<f64>) {
        let circle = Torus { dim: 1, period: self.period };
        let one = |p: &Wrapped| {
            let law = WrappedNormal { circle, sigma: p.std.hypot(sigma) };
            (p.weight.ln() + law.log_density(x - p.mean), law.score(x - p.mean))
        };
        self.parts.iter().map(one).unzip()
    }
}
