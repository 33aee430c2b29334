//! Multistep consistency distillation: consistency within each of a few segments of time, DDIM steps from one to the next.
//!
//! 1. `x_u`: one step of the teacher's flow from `x_t`, `s <= u < t`, `s` the end of the segment of `t`
//! 2. `x_s`: one DDIM step from `x_u` with the student's own estimate there, without gradient; `x_u` itself for `u = s`
//! 3. target: the estimate whose DDIM step from `x_t` lands at `x_s`, with progressive distillation's weight
//!
//! One segment is [`consistency_distillation`](super::consistency_distillation) with another weight; segments of one teacher's
//! step are [`progressive_jump`](super::progressive_jump). Heek, Hoogeboom & Salimans, arXiv:2403.06807, algorithm 1.

use super::lesson::{EstimateRows, JumpRows, Lesson, check_spans, ddim_rows, landing};
use super::progressive::truncated_snr;
use crate::{Batch, Error, Path};

/// The lesson of noisy states `x` at `t` in segments that end at `s`, for a `teacher(x, t, u)` that makes one step of its flow
/// and the `student`'s estimate of the data.
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s <= u < t`.
pub fn multistep_consistency_distillation<X: Batch>(
    path: &dyn Path,
    teacher: &JumpRows<X>,
    student: &EstimateRows<X>,
    x: X,
    [t, u, s]: [&[f64]; 3],
) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, u, true)?;
    check_spans(x.rows(), u, s, false)?;
    let near = teacher(&x, t, u);
    let end = ddim_rows(path, &near, &student(&near, u), u, s);
    let target = landing(path, &x, end, t, s);
    Ok(Lesson { target, input: x, t: t.to_vec(), s: s.to_vec(), weight: truncated_snr(path, t) })
}
