//! Which times a network is trained at.
//!
//! Every law is a map of one uniform number per sample, and those numbers are stratified ([`Rng::stratified`]): a batch of
//! consecutive samples covers the law evenly, which takes most of the noise out of the loss, while each sample's time
//! still depends on nothing but its own number. Kingma et al., arXiv:2107.00630, appendix I.1 (low-discrepancy times).

use std::str::FromStr;

use crate::error::{Error, finite, positive, unknown};
use crate::{Path, Rng};

/// The law of the training times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    /// Uniform over the path's span.
    Uniform,
    /// `ln(sigma/alpha)` is normal: EDM's choice. On a path of finite span the tails end at its ends.
    LogNormal {
        /// Mean of `ln(sigma/alpha)`, -1.2 in EDM (for data of standard deviation 0.5).
        mean: f64,
        /// Its standard deviation, 1.2 in EDM.
        std: f64,
    },
    /// `logit` of the fraction of the span is normal: Esser et al., arXiv:2403.03206, eq. 19.
    LogitNormal {
        /// Mean of the logit, 0 in the paper.
        mean: f64,
        /// Its standard deviation, 1 in the paper.
        std: f64,
    },
}

impl Times {
    /// The names that parse, with their papers' constants.
    pub const NAMES: [&str; 3] = ["uniform", "lognormal", "logitnormal"];

    /// The time below which a fraction `u`, in (0, 1), of all training times lie.
    pub fn quantile(&self, path: &dyn Path, u: f64) -> f64 {
        let (start, end) = path.span();
        match *self {
            Times::Uniform => start + (end - start) * u,
            Times::LogNormal { mean, std } => path.time(-(mean + std * normal_quantile(u))),
            Times::LogitNormal { mean, std } => {
                start + (end - start) / (1.0 + (-mean - std * normal_quantile(u)).exp())
            }
        }
    }

    /// One time for each of the samples `rng.first ..`, using up one draw.
    pub fn draw(&self, path: &dyn Path, rng: &mut Rng, n: usize) -> Vec<f64> {
        rng.stratified(n).into_iter().map(|u| self.quantile(path, u)).collect()
    }

    /// Checks the constants.
    pub(super) fn validate(&self) -> Result<(), Error> {
        match *self {
            Times::Uniform => Ok(()),
            Times::LogNormal { mean, std } | Times::LogitNormal { mean, std } => {
                finite("mean of the times", mean)?;
                positive("std of the times", std).map(|_| ())
            }
        }
    }
}

impl FromStr for Times {
    type Err = Error;

    fn from_str(name: &str) -> Result<Times, Error> {
        Ok(match name {
            "uniform" => Times::Uniform,
            "lognormal" => Times::LogNormal { mean: -1.2, std: 1.2 },
            "logitnormal" => Times::LogitNormal { mean: 0.0, std: 1.0 },
            _ => return Err(unknown("law of times", name, &Times::NAMES)),
        })
    }
}

/// The inverse of the standard normal's distribution function, `0 < u < 1`: Abramowitz & Stegun 26.2.23 (error 4.5e-4), then Newton.
pub fn normal_quantile(u: f64) -> f64 {
    let tail = u.min(1.0 - u);
    let r = (-2.0 * tail.ln()).sqrt();
    let mut z =
        -(r - (2.515517 + r * (0.802853 + r * 0.010328)) / (1.0 + r * (1.432788 + r * (0.189269 + r * 0.001308))));
    for _ in 0..3 {
        let excess = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2) - tail;
        let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
        z -= excess / density;
    }
    if u < 0.5 { z } else { -z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edm, Linear, VpLinear};

    #[test]
    fn normal_quantiles_match_tabulated_values() {
        // Standard tables: the 97.5 %, 99.9 % points, the 1e-6 point, and symmetry.
        for (u, z) in [(0.975, 1.959963984540054), (0.999, 3.090232306167813), (1e-6, -4.753424308822899), (0.5, 0.0)] {
            assert!((normal_quantile(u) - z).abs() < 1e-9, "{u}: {}", normal_quantile(u));
        }
        assert!(normal_quantile(1e-16).is_finite() && normal_quantile(1.0 - 1e-16).is_finite());
    }

    #[test]
    fn a_log_normal_batch_has_its_mean_and_spread_on_any_path() {
        let (times, n) = (Times::LogNormal { mean: -1.2, std: 1.2 }, 4096);
        for path in [&Edm::default() as &dyn Path, &VpLinear::default(), &Linear] {
            let drawn = times.draw(path, &mut Rng::new(2), n);
            let logs: Vec<f64> = drawn.iter().map(|t| -path.at(*t).lambda()).collect();
            let mean = logs.iter().sum::<f64>() / n as f64;
            let variance = logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / n as f64;
            // Stratified: errors fall like 1/n, far below the 1.2/sqrt(n) = 0.019 of independent draws.
            assert!((mean + 1.2).abs() < 3e-3 && (variance.sqrt() - 1.2).abs() < 6e-3, "{mean} {variance}");
        }
    }

    #[test]
    fn the_median_time_is_the_median_of_its_law() {
        assert_eq!(Times::Uniform.quantile(&Linear, 0.5), 0.5);
        let logit = Times::LogitNormal { mean: 1.0, std: 2.0 }.quantile(&Linear, 0.5);
        assert!((logit - 1.0 / (1.0 + (-1.0f64).exp())).abs() < 1e-12);
        let edm = Times::LogNormal { mean: -1.2, std: 1.2 }.quantile(&Edm::default(), 0.5);
        assert!((edm.ln() + 1.2).abs() < 1e-12);
    }

    #[test]
    fn a_time_depends_on_its_own_sample_only() {
        let whole = Times::Uniform.draw(&Linear, &mut Rng::new(4), 10);
        let part = Times::Uniform.draw(&Linear, &mut Rng::new(4).at(6), 3);
        assert_eq!(part, whole[6..9]);
    }
}
