//! A table of betas as a continuous path: `alpha^2(k/T) = prod_{i<=k} (1 - beta_i)`, linear in `lambda` between entries.
//!
//! Step `k = 1..=T` of the paper is time `t = k/T`; before `1/T` the path stays at its first entry.
//! Ho, Jain & Abbeel, arXiv:2006.11239, eq. 4 (linear betas); Nichol & Dhariwal, arXiv:2102.09672, eq. 17 (cosine betas);
//! interpolation in lambda as in Lu et al., arXiv:2206.00927, appendix D.

use super::{Coef, Path, variance_preserving};
use crate::error::Error;

/// A discrete-time diffusion model's path, `t` in [0, 1].
#[derive(Clone, Debug, PartialEq)]
pub struct DdpmTable {
    /// `lambda` at `t = 1/T, 2/T, ..., 1`, strictly decreasing.
    lambda: Vec<f64>,
}

impl DdpmTable {
    /// The path of `betas`, in the order of growing noise.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a beta outside (0, 1) or too small to raise the noise before it, [`Error::Length`] for fewer than two.
    pub fn new(betas: &[f64]) -> Result<DdpmTable, Error> {
        if betas.len() < 2 {
            return Err(Error::Length { what: "betas (at least two)", expected: 2, got: betas.len() });
        }
        let mut log_signal = 0.0; // ln of alpha^2
        let mut lambda = Vec::with_capacity(betas.len());
        for &value in betas {
            if !(value > 0.0 && value < 1.0) {
                return Err(Error::Parameter { what: "beta", value, allowed: "numbers in (0, 1)" });
            }
            log_signal += (-value).ln_1p();
            let next = 0.5 * (log_signal - (-log_signal.exp_m1()).ln());
            // Beside the noise before it a beta can be lost to rounding, and the path would have no inverse.
            if lambda.last().is_some_and(|last| next >= *last) {
                return Err(Error::Parameter {
                    what: "beta",
                    value,
                    allowed: "numbers in (0, 1) that raise the noise",
                });
            }
            lambda.push(next);
        }
        Ok(DdpmTable { lambda })
    }

    /// DDPM's table: `steps` betas evenly spaced from `first` to `last` (1e-4, 0.02 and 1000 in the paper).
    ///
    /// # Errors
    /// As [`DdpmTable::new`].
    pub fn linear(first: f64, last: f64, steps: usize) -> Result<DdpmTable, Error> {
        let slope = (last - first) / (steps.max(2) - 1) as f64;
        DdpmTable::new(&(0..steps).map(|i| first + slope * i as f64).collect::<Vec<_>>())
    }

    /// The cosine table: `beta_i = 1 - a((i+1)/T)/a(i/T)` clipped at 0.999, `a(t) = cos^2((pi/2)(t + 0.008)/1.008)`.
    ///
    /// # Errors
    /// As [`DdpmTable::new`].
    pub fn cosine(steps: usize) -> Result<DdpmTable, Error> {
        let signal = |i: usize| {
            let t = i as f64 / steps as f64;
            (std::f64::consts::FRAC_PI_2 * (t + 0.008) / 1.008).cos().powi(2)
        };
        DdpmTable::new(&(0..steps).map(|i| (1.0 - signal(i + 1) / signal(i)).min(0.999)).collect::<Vec<_>>())
    }

    /// Number of entries, the paper's T.
    pub fn steps(&self) -> usize {
        self.lambda.len()
    }
}

/// Ho, Jain & Abbeel's thousand betas from 1e-4 to 0.02.
impl Default for DdpmTable {
    fn default() -> Self {
        DdpmTable::linear(1e-4, 0.02, 1000).expect("the paper's betas lie in (0, 1)")
    }
}

impl Path for DdpmTable {
    fn at(&self, t: f64) -> Coef {
        let steps = self.lambda.len();
        let place = (t * steps as f64 - 1.0).clamp(0.0, (steps - 1) as f64);
        let left = (place as usize).min(steps - 2);
        let rise = self.lambda[left + 1] - self.lambda[left];
        variance_preserving(self.lambda[left] + rise * (place - left as f64), rise * steps as f64)
    }

    fn time(&self, lambda: f64) -> f64 {
        let steps = self.lambda.len();
        let left = self.lambda.partition_point(|l| *l > lambda).clamp(1, steps - 1) - 1;
        let rise = self.lambda[left + 1] - self.lambda[left];
        let place = left as f64 + ((lambda - self.lambda[left]) / rise).clamp(0.0, 1.0);
        (place + 1.0) / steps as f64
    }

    fn span(&self) -> (f64, f64) {
        (0.0, 1.0)
    }
}
