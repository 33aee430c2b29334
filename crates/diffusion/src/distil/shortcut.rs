//! Shortcut models: a step of any length is the two half steps it consists of.
//!
//! With the average velocity `u(x, t, s)`, `h = t - s` and `x_m = x - (t - m) u(x, t, m)`:
//!
//! 1. target `u(x, t, s) <- ((t - m) u⁻(x, t, m) + (m - s) u⁻(x_m, m, s))/(t - s)`, `m` the middle
//! 2. `u(x, t, t) <- dalpha data + dsigma noise`, flow matching: [`regression`](crate::regression) with the velocity target
//! 3. the same as an estimate of the data, `D(x, t, s)` with `u = (x - D)/t` on the path `x = data + t noise`: two DDIM steps become
//!    one. Average velocities in `sigma/alpha` are estimates whose DDIM steps are exact, on every path.
//!
//! Frans, Hafner, Levine & Abbeel, arXiv:2410.12557, eqs. 4 and 5 (there a function of the step's length), where a quarter
//! of each batch is trained on (1) and the rest on (2). Sampled with [`average_velocity_steps`](super::average_velocity_steps).

use super::lesson::{JumpRows, Lesson, check_spans, ddim_rows};
use super::progressive::progressive_jump;
use crate::{Batch, Error, Path, Rng};

/// The lesson of noisy states `x`: the student's average velocity from `t` to `s` is that of its (averaged) self in two
/// halves.
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s < t`.
pub fn shortcut<X: Batch>(average: &JumpRows<X>, x: X, t: &[f64], s: &[f64]) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, s, true)?;
    let middle: Vec<f64> = t.iter().zip(s).map(|(t, s)| 0.5 * (t + s)).collect();
    let back: Vec<f64> = middle.iter().zip(t).map(|(m, t)| m - t).collect();
    let first = average(&x, t, &middle);
    let halfway = x.clone().axpby_rows(&vec![1.0; t.len()], &back, &first);
    let target = first.axpby(0.5, 0.5, &average(&halfway, &middle, s));
    Ok(Lesson { input: x, t: t.to_vec(), s: s.to_vec(), target, weight: vec![1.0; t.len()] })
}

/// As [`shortcut`] for a student that returns an estimate of the data and is told where its step ends (3), with any `middle` and with
/// progressive distillation's weight.
///
/// # Errors
/// [`Error::Length`] unless there is one time of each kind per sample, [`Error::Grid`] unless `s < middle < t`.
pub fn shortcut_jump<X: Batch>(
    path: &dyn Path,
    student: &JumpRows<X>,
    x: X,
    [t, middle, s]: [&[f64]; 3],
) -> Result<Lesson<X>, Error> {
    check_spans(x.rows(), t, middle, true)?;
    check_spans(x.rows(), middle, s, true)?;
    let twice = |x: &X, t: &[f64], s: &[f64]| {
        let halfway = ddim_rows(path, x, &student(x, t, middle), t, middle);
        ddim_rows(path, &halfway, &student(&halfway, middle, s), middle, s)
    };
    progressive_jump(path, &twice, x, t, s)
}

/// Spans `(t, s)` for the samples `rng.first ..`: lengths `2^-k`, `k` uniform in `0..halvings`, and `t` a multiple of the
/// length in (0, 1]; the paper has 7 halvings, to steps of 1/128 in all. Uses up one draw.
pub fn shortcut_times(rng: &mut Rng, n: usize, halvings: u32) -> (Vec<f64>, Vec<f64>) {
    let one = |u: &[f64]| {
        let parts = 2f64.powi((u[0] * f64::from(halvings)) as i32);
        let index = (u[1] * parts).floor();
        ((index + 1.0) / parts, index / parts)
    };
    rng.uniform(n, 2).chunks(2).map(one).unzip()
}
