//! Progressive distillation: a student whose one DDIM step does what several of its teacher's do; then it may become the teacher.
//!
//! 1. teacher: from `t` to `s`, arriving at `x_s`, by two DDIM steps in the paper
//! 2. target: `D = (x_s - k x_t)/(alpha_s - k alpha_t)`, `k = sigma_s/sigma_t`, the estimate whose DDIM step lands there
//! 3. weight: `max(snr, 1)` on the estimate, so that the noisiest times count
//!
//! Salimans & Ho, arXiv:2202.00512, algorithm 2, section 4; with one step to the data, Luhman & Luhman, arXiv:2101.02388. The
//! student is sampled with [`Ddim`](crate::Ddim).

use super::lesson::{EstimateRows, JumpRows, Lesson, check_spans, ddim_rows, landing};
use crate::{Batch, Error, Path};

/// The lesson of noisy states `x` at `t`, for the step to `s` by way of `middle`; the student returns `E[data | x_t]`'s
/// place.
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s < middle < t`.
pub fn progressive<X: Batch>(
    path: &dyn Path,
    teacher: &EstimateRows<X>,
    x: X,
    t: &[f64],
    middle: &[f64],
    s: &[f64],
) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, middle, true)?;
    check_spans(x.rows(), middle, s, true)?;
    let twice = |x: &X, t: &[f64], s: &[f64]| {
        let halfway = ddim_rows(path, x, &teacher(x, t), t, middle);
        ddim_rows(path, &halfway, &teacher(&halfway, middle), middle, s)
    };
    progressive_jump(path, &twice, x, t, s)
}

/// As [`progressive`], for a teacher that goes from `t` to `s` in its own way, e.g. in several steps of
/// [`heun_rows`](super::heun_rows).
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s < t`.
pub fn progressive_jump<X: Batch>(
    path: &dyn Path,
    teacher: &JumpRows<X>,
    x: X,
    t: &[f64],
    s: &[f64],
) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, s, true)?;
    let target = landing(path, &x, teacher(&x, t, s), t, s);
    Ok(Lesson { target, input: x, t: t.to_vec(), s: s.to_vec(), weight: truncated_snr(path, t) })
}

/// `max(snr, 1)` of each sample.
pub(super) fn truncated_snr(path: &dyn Path, t: &[f64]) -> Vec<f64> {
    t.iter().map(|t| path.at(*t).snr().max(1.0)).collect()
}
