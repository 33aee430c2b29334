//! Consistency models: a function `f(x, t)` that is constant along the probability flow and the identity at its end.
//!
//! 1. training: `f(alpha_t data + sigma_t noise, t)` learns `f⁻(alpha_s data + sigma_s noise, s)`, same data, same noise
//! 2. distillation: `f(x, t)` learns `f⁻(x_s, s)`, `x_s` one step of the teacher's flow from `x`
//! 3. boundary: `f = skip x + out F`, `skip(sigma_min) = 1`, `out(sigma_min) = 0`
//! 4. sampling: `x <- f(x, t)`, noise again to the next time, and so on
//!
//! Song, Dhariwal, Chen & Sutskever, arXiv:2303.01469, algorithms 1 to 3; Song & Dhariwal, arXiv:2310.14189 (weights
//! `1/(t - s)`, pseudo-Huber [`Metric`](super::Metric), no average: `f⁻` is the student itself without gradient).

use super::lesson::{EstimateRows, JumpRows, Lesson, check_spans};
use crate::error::positive;
use crate::{Batch, Error, Grid, NOISE_LEVEL_LIMIT, Path, Precond, Rng, Space};

/// The coefficients that make a network a consistency function on a path of `alpha = 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boundary {
    /// Standard deviation of the data, 0.5 in the paper.
    pub sigma_data: f64,
    /// The noise at which `f` is the identity, 0.002 in the paper.
    pub sigma_min: f64,
}

impl Boundary {
    /// Coefficients for positive standard deviations.
    ///
    /// # Errors
    /// [`Error::Parameter`] for one not above zero.
    pub fn new(sigma_data: f64, sigma_min: f64) -> Result<Boundary, Error> {
        Ok(Boundary { sigma_data: positive("sigma_data", sigma_data)?, sigma_min: positive("sigma_min", sigma_min)? })
    }

    /// `f = skip x + out F(input x, noise)` at noise `sigma`: arXiv:2303.01469, appendix C.
    pub fn row(&self, sigma: f64) -> Precond {
        let (s, above) = (self.sigma_data, sigma - self.sigma_min);
        let q = sigma.hypot(s);
        let noise = (0.25 * sigma.ln()).clamp(-NOISE_LEVEL_LIMIT, NOISE_LEVEL_LIMIT);
        Precond { skip: s * s / (above * above + s * s), out: s * above / q, input: 1.0 / q, noise }
    }
}

/// Consistency training: no teacher. At the truth the loss is the spread of `f(x_s)` given `x_t`, of order `(t - s)^2`,
/// and exactly zero for data at a single point.
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s < t`.
pub fn consistency_training<X: Batch>(
    path: &dyn Path,
    average: &EstimateRows<X>,
    data: X,
    noise: &X,
    t: &[f64],
    s: &[f64],
) -> Result<Lesson<X>, Error> {
    check_spans(data.rows(), t, s, true)?;
    let noisy = |t: &[f64]| {
        let (a, b): (Vec<f64>, Vec<f64>) = t.iter().map(|t| path.at(*t)).map(|c| (c.alpha, c.sigma)).unzip();
        data.clone().axpby_rows(&a, &b, noise)
    };
    let target = average(&noisy(s), s);
    Ok(Lesson { input: noisy(t), t: t.to_vec(), s: s.to_vec(), target, weight: per_length(t, s) })
}

/// Consistency distillation from `teacher(x, t, s)`, one step of its flow, e.g. [`heun_rows`](super::heun_rows). At the truth
/// the loss is the square of that step's error: zero for an exact step.
///
/// # Errors
/// As [`consistency_training`].
pub fn consistency_distillation<X: Batch>(
    teacher: &JumpRows<X>,
    average: &EstimateRows<X>,
    x: X,
    t: &[f64],
    s: &[f64],
) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, s, true)?;
    let target = average(&teacher(&x, t, s), s);
    Ok(Lesson { input: x, t: t.to_vec(), s: s.to_vec(), target, weight: per_length(t, s) })
}

fn per_length(t: &[f64], s: &[f64]) -> Vec<f64> {
    t.iter().zip(s).map(|(t, s)| 1.0 / (t - s)).collect()
}

/// Multistep consistency sampling along `grid` from `x`, noise at its first time; `f(x, t)` ends at the path's start.
///
/// With an exact `f` the samples have the law of the data (at the path's first noise level) at any number of steps.
pub fn multistep_consistency<X: Space>(
    path: &dyn Path,
    f: &dyn Fn(&X, f64) -> X,
    grid: &Grid,
    x: X,
    rng: &mut Rng,
) -> X {
    let first = path.at(path.span().0);
    let mut clean = f(&x, grid.times()[0]);
    for &t in &grid.times()[1..] {
        let c = path.at(t);
        let keep = c.alpha / first.alpha;
        let fresh = (c.sigma.powi(2) - (keep * first.sigma).powi(2)).max(0.0).sqrt();
        let noise = clean.randn_like(rng);
        clean = f(&clean.axpby(keep, fresh, &noise), t);
    }
    clean
}
