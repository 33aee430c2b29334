//! Interpolants between two normal laws, coordinate by coordinate, with everything known.
//!
//! With `data ~ N(m_0, s_0²)`, `source ~ N(m_1, s_1²)` of covariance `c`:
//!
//! 1. `x_t ~ N(mu, V)`, `mu = alpha m_0 + beta m_1`, `V = alpha² s_0² + beta² s_1² + 2 alpha beta c + gamma²`
//! 2. velocity `dmu + dV/(2V) (x - mu)`, score `-(x - mu)/V`
//! 3. the Schrödinger bridge of diffusion `sigma` has `c = (sqrt(4 s_0² s_1² + sigma⁴) - sigma²)/2`
//!
//! (3) is the root of `c² + sigma² c = s_0² s_1²`, the condition for the mixture of Brownian bridges to be Markov; for general
//! covariances see Bunne, Hsieh, Cuturi & Krause, arXiv:2202.05722.

use super::Interpolant;
use crate::Path;
use crate::error::{Error, finite, positive};

/// The exact fields of an interpolant between two normal laws.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianInterpolant<P> {
    interpolant: Interpolant<P>,
    data: (f64, f64),
    source: (f64, f64),
    covariance: f64,
}

impl<P: Path> GaussianInterpolant<P> {
    /// The model of `data` and `source`, each `(mean, std)` of every coordinate, with a `covariance` between them.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a standard deviation not above zero, or a covariance beyond their product, plus or minus.
    pub fn new(
        interpolant: Interpolant<P>,
        data: (f64, f64),
        source: (f64, f64),
        covariance: f64,
    ) -> Result<GaussianInterpolant<P>, Error> {
        for (mean, std) in [data, source] {
            finite("mean", mean)?;
            positive("std", std)?;
        }
        let most = data.1 * source.1;
        // At minus the product all lines may meet in one point, where no velocity is defined.
        if !(covariance > -most && covariance <= most) {
            let allowed = "a covariance up to the product of the standard deviations and above minus it";
            return Err(Error::Parameter { what: "covariance", value: covariance, allowed });
        }
        Ok(GaussianInterpolant { interpolant, data, source, covariance })
    }

    /// Mean and variance of `x_t`.
    pub fn moments(&self, t: f64) -> (f64, f64) {
        let (c, gamma) = (self.interpolant.path.at(t), self.interpolant.gamma.at(t).0);
        let variance = (c.alpha * self.data.1).powi(2)
            + (c.sigma * self.source.1).powi(2)
            + 2.0 * c.alpha * c.sigma * self.covariance
            + gamma * gamma;
        (c.alpha * self.data.0 + c.sigma * self.source.0, variance)
    }

    /// The velocity `b(x, t)`.
    pub fn velocity(&self, x: &[f64], t: f64) -> Vec<f64> {
        let (c, (mean, variance)) = (self.interpolant.path.at(t), self.moments(t));
        let drift = c.dalpha * self.data.0 + c.dsigma * self.source.0;
        let half_rate = c.alpha * c.dalpha * self.data.1.powi(2)
            + c.sigma * c.dsigma * self.source.1.powi(2)
            + (c.alpha * c.dsigma + c.dalpha * c.sigma) * self.covariance
            + self.interpolant.gamma.product(t);
        x.iter().map(|x| drift + half_rate / variance * (x - mean)).collect()
    }

    /// The score `d ln p_t/d x`.
    pub fn score(&self, x: &[f64], t: f64) -> Vec<f64> {
        let (mean, variance) = self.moments(t);
        x.iter().map(|x| (mean - x) / variance).collect()
    }
}

/// The covariance of data and source, of standard deviations `data` and `source`, under the Schrödinger bridge of diffusion
/// `sigma`: their product for `sigma = 0`, zero for infinite `sigma`.
pub fn schroedinger_covariance(data: f64, source: f64, sigma: f64) -> f64 {
    let (product, square) = (2.0 * data * source, sigma * sigma);
    // (sqrt(p² + q²) - q)/2 without cancellation.
    0.5 * product * product / (product.hypot(square) + square).max(f64::MIN_POSITIVE)
}
