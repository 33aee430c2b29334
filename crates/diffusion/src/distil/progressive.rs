//! Progressive distillation: a student whose one DDIM step does what two of its teacher's do; then it becomes the teacher.
//!
//! 1. teacher: `t -> middle -> s`, arriving at `x_s`
//! 2. target: `D = (x_s - k x_t)/(alpha_s - k alpha_t)`, `k = sigma_s/sigma_t`, the estimate whose DDIM step lands there
//! 3. weight: `max(snr, 1)` on the estimate, so that the noisiest times count
//!
//! Salimans & Ho, arXiv:2202.00512, algorithm 2, section 4. The student is sampled with [`Ddim`](crate::Ddim), half the steps.

use super::lesson::{EstimateRows, Lesson, check_spans, ddim_rows};
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
    let halfway = ddim_rows(path, &x, &teacher(&x, t), t, middle);
    let end = ddim_rows(path, &halfway, &teacher(&halfway, middle), middle, s);
    let pair = |(t, s): (&f64, &f64)| {
        let (from, to) = (path.at(*t), path.at(*s));
        let keep = to.sigma / from.sigma;
        let divisor = to.alpha - keep * from.alpha;
        (1.0 / divisor, -keep / divisor)
    };
    let (a, b): (Vec<f64>, Vec<f64>) = t.iter().zip(s).map(pair).unzip();
    let weight = t.iter().map(|t| path.at(*t).snr().max(1.0)).collect();
    Ok(Lesson { target: end.axpby_rows(&a, &b, &x), input: x, t: t.to_vec(), s: s.to_vec(), weight })
}
