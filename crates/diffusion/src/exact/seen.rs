//! The components of a mixture seen from a noisy point: `D = sum_k r_k D_k`, `D_k = E[data | x, k]`.
//!
//! `d D = sum_k r_k (d ln r_k) D_k + sum_k r_k d D_k`, where the mean of `d ln r_k` vanishes.

use crate::vector::{combine, log_sum};

/// Posterior probabilities `r_k` and estimates `D_k`.
pub(super) struct Seen {
    pub shares: Vec<f64>,
    pub estimates: Vec<Vec<f64>>,
}

impl Seen {
    /// From the logarithms of `w_k N_k(x)`.
    pub fn new(log_terms: &[f64], estimates: Vec<Vec<f64>>) -> Seen {
        let total = log_sum(log_terms);
        Seen { shares: log_terms.iter().map(|l| (l - total).exp()).collect(), estimates }
    }

    /// `D`.
    pub fn mean(&self) -> Vec<f64> {
        combine(self.shares.iter().copied(), &self.estimates, self.estimates[0].len())
    }

    /// Adds `sum_k r_k (d ln r_k) D_k` for rates `d ln (w_k N_k)`.
    pub fn reweigh(&self, change: &mut [f64], rates: &[f64]) {
        let mean: f64 = self.shares.iter().zip(rates).map(|(s, r)| s * r).sum();
        let weights = self.shares.iter().zip(rates).map(|(s, r)| s * (r - mean));
        let moved = combine(weights, &self.estimates, change.len());
        change.iter_mut().zip(moved).for_each(|(c, m)| *c += m);
    }
}
