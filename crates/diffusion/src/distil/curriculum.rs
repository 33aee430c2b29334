//! How finely consistency training divides time, and how often it visits each division.
//!
//! 1. `N(k) = min(s0 2^floor(k/K'), s1) + 1` levels at optimiser step `k` of `K`, `K' = floor(K/(floor(log2(s1/s0)) + 1))`
//! 2. `p(i) ~ erf((ln sigma_(i+1) - mean)/(sqrt2 std)) - erf((ln sigma_i - mean)/(sqrt2 std))`
//!
//! Song & Dhariwal, arXiv:2310.14189, table 1.

use crate::Error;
use crate::error::{finite, positive};

/// Number of noise levels at `step` of `total`: from `start + 1` doubling to `end + 1` (10 and 1280 in the paper).
pub fn levels(step: u64, total: u64, start: u64, end: u64) -> u64 {
    let doublings = (end.max(start) as f64 / start.max(1) as f64).log2().floor() as u64;
    let length = (total / (doublings + 1)).max(1);
    let factor = 1u64.checked_shl((step / length).min(63) as u32).unwrap_or(u64::MAX);
    start.max(1).saturating_mul(factor).min(end.max(start)) + 1
}

/// The share of training given to each pair of neighbouring noise levels, `sigmas.len() - 1` numbers summing to one:
/// EDM's log-normal law (-1.1 and 2.0 in the paper) on increasing `sigmas`.
///
/// # Errors
/// [`Error::Length`] for fewer than two levels; [`Error::Parameter`] for levels not above zero or not increasing, or constants out of range.
pub fn level_shares(sigmas: &[f64], mean: f64, std: f64) -> Result<Vec<f64>, Error> {
    if sigmas.len() < 2 {
        return Err(Error::Length { what: "noise levels (at least two)", expected: 2, got: sigmas.len() });
    }
    finite("mean", mean)?;
    positive("std", std)?;
    for (index, sigma) in sigmas.iter().enumerate() {
        positive("sigma", *sigma)?;
        if index > 0 && *sigma <= sigmas[index - 1] {
            return Err(Error::Parameter { what: "sigma", value: *sigma, allowed: "noise levels in increasing order" });
        }
    }
    let below = |sigma: f64| libm::erf((sigma.ln() - mean) / (std * std::f64::consts::SQRT_2));
    let shares: Vec<f64> = sigmas.windows(2).map(|w| (below(w[1]) - below(w[0])).max(f64::MIN_POSITIVE)).collect();
    let total: f64 = shares.iter().sum();
    Ok(shares.into_iter().map(|s| s / total).collect())
}
