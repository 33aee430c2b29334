//! The times a sampler visits: strictly decreasing, then (by default) one last step to clean data.
//!
//! A grid of `n` times makes `n` steps, the last of which lands on `sigma = 0` by taking the model's estimate; the
//! sampling loop owns that step, no sampler does.
//! Karras et al., arXiv:2206.00364, eq. 5 ([`Grid::karras`]).

use crate::error::{Error, positive};
use crate::{Path, Rng, Space};

/// Strictly decreasing times on a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    times: Vec<f64>,
    clean: bool,
}

impl Grid {
    /// Any strictly decreasing times, followed by the step to clean data.
    ///
    /// # Errors
    /// [`Error::Length`] if empty, [`Error::Grid`] if not finite and strictly decreasing.
    pub fn new(times: Vec<f64>) -> Result<Grid, Error> {
        if times.is_empty() {
            return Err(Error::Length { what: "times of a grid (at least one)", expected: 1, got: 0 });
        }
        for (index, &after) in times.iter().enumerate() {
            let before = times[index.saturating_sub(1)];
            if !after.is_finite() || (index > 0 && after >= before) {
                return Err(Error::Grid { index, before, after });
            }
        }
        Ok(Grid { times, clean: true })
    }

    /// `n` steps of equal length in `t` from the path's noise end; the last one arrives at its data end, as clean data.
    ///
    /// # Errors
    /// [`Error::Length`] for `n = 0`.
    pub fn uniform_t(path: &dyn Path, n: usize) -> Result<Grid, Error> {
        let (start, end) = path.span();
        Grid::new((0..n).map(|i| end + (start - end) * i as f64 / n as f64).collect())
    }

    /// `n` times evenly spaced in `lambda` between `sigma/alpha = sigma_max` and `sigma_min`, both included.
    ///
    /// # Errors
    /// [`Error::Parameter`] for sigmas not above zero, [`Error::Grid`] if not decreasing within the path.
    pub fn uniform_lambda(path: &dyn Path, sigma_min: f64, sigma_max: f64, n: usize) -> Result<Grid, Error> {
        let (low, high) = (positive("sigma_min", sigma_min)?.ln(), positive("sigma_max", sigma_max)?.ln());
        Grid::new(spread(n).map(|u| path.time(-(high + u * (low - high)))).collect())
    }

    /// `n` times with `(sigma/alpha)^(1/rho)` evenly spaced between `sigma_max` and `sigma_min`, both included.
    ///
    /// # Errors
    /// [`Error::Parameter`] for sigmas or `rho` not above zero, [`Error::Grid`] if not decreasing within the path.
    pub fn karras(path: &dyn Path, sigma_min: f64, sigma_max: f64, rho: f64, n: usize) -> Result<Grid, Error> {
        let root = positive("rho", rho)?.recip();
        let low = positive("sigma_min", sigma_min)?.powf(root);
        let high = positive("sigma_max", sigma_max)?.powf(root);
        Grid::new(spread(n).map(|u| path.time(-rho * (high + u * (low - high)).ln())).collect())
    }

    /// EDM's grid on any path: [`Grid::karras`] with 0.002, 80 and `rho = 7`, meant for data of unit spread, but nowhere
    /// noisier or cleaner than the path itself (a [`DdpmTable`](crate::DdpmTable) begins at 0.01).
    ///
    /// # Errors
    /// As [`Grid::karras`].
    pub fn edm(path: &dyn Path, n: usize) -> Result<Grid, Error> {
        let (start, end) = path.span();
        let noise = |t: f64| (-path.at(t).lambda()).exp();
        Grid::karras(path, noise(start).max(0.002), noise(end).min(80.0), 7.0, n)
    }

    /// The same times without the last step: sampling ends, still noisy, at the last time.
    #[must_use]
    pub fn without_clean_step(self) -> Grid {
        Grid { clean: false, ..self }
    }

    /// The times, decreasing.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The time after `t`; none for one at or below the last.
    pub fn after(&self, t: f64) -> Option<f64> {
        self.times.iter().copied().find(|later| *later < t)
    }

    /// Whether the last step goes to clean data.
    pub fn ends_clean(&self) -> bool {
        self.clean
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.times.len() - usize::from(!self.clean)
    }

    /// Where sampling starts: `sigma` times standard normal noise, at the grid's first time. Data of spread `s` is
    /// neglected against the noise, a relative error of about `(alpha s/sigma)^2/2` in variance.
    pub fn prior<X: Space>(&self, path: &dyn Path, like: &X, rng: &mut Rng) -> X {
        like.randn_like(rng).scale(path.at(self.times[0]).sigma)
    }
}

/// `n` numbers from 0 to 1; the number 0 alone for `n = 1`.
fn spread(n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |i| i as f64 / (n.max(2) - 1) as f64)
}
