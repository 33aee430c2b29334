//! Riemannian flow matching and its sampler.
//!
//! 1. `x_t = exp(data, t log(data, noise))`, `t = 0` data, `t = 1` noise
//! 2. target `u = d x_t/d t`, of constant length `distance(data, noise)`; its mean given `x_t` is the marginal velocity
//! 3. sampling: `x_s = exp(x, (s - t) v(x, t))` (Euler), or with the velocity at the middle, carried back (midpoint)
//!
//! Chen & Lipman, arXiv:2302.03660, section 3.2 (geodesic distance, linear schedule).

use super::{Manifold, combine};
use crate::{Error, Rows};

/// The point at `t` on the geodesic from `data` to `noise` and its velocity, `(x_t, u)`.
pub fn flow_matching(m: &dyn Manifold, data: &[f64], noise: &[f64], t: f64) -> (Vec<f64>, Vec<f64>) {
    let whole = m.log(data, noise);
    let part = combine(t, &whole, 0.0, &whole);
    let x = m.exp(data, &part);
    let u = m.transport(data, &x, &whole);
    (x, u)
}

/// [`flow_matching`] for a batch with whole points in every sample and one time per sample: `(x_t, u)`.
///
/// # Errors
/// [`Error::Length`] for another number of times, or a sample that is not whole points or has not its noise's length.
pub fn flow_matching_rows<X: Rows>(m: &dyn Manifold, data: &X, noise: &X, t: &[f64]) -> Result<(X, X), Error> {
    let (points, noises, width) = (data.to_host(), noise.to_host(), m.width());
    for got in [t.len(), noises.len()] {
        if got != points.len() {
            return Err(Error::Length { what: "times or noise of a batch", expected: points.len(), got });
        }
    }
    let (mut x, mut u) = (Vec::with_capacity(t.len()), Vec::with_capacity(t.len()));
    for ((data, noise), t) in points.iter().zip(&noises).zip(t) {
        let whole = data.len() / width.max(1) * width;
        if let Some(got) = [data.len(), noise.len()].into_iter().find(|n| *n != whole) {
            return Err(Error::Length { what: "numbers of whole points", expected: whole, got });
        }
        let pairs = data.chunks(width.max(1)).zip(noise.chunks(width.max(1)));
        let (ends, slopes): (Vec<_>, Vec<_>) = pairs.map(|(data, noise)| flow_matching(m, data, noise, *t)).unzip();
        x.push(ends.concat());
        u.push(slopes.concat());
    }
    Ok((data.with_host(&x), data.with_host(&u)))
}

/// A method for one step along a field on a manifold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geodesic {
    /// Order 1, one evaluation per step.
    Euler,
    /// Order 2, two evaluations per step.
    Midpoint,
}

/// The point that the field `velocity(x, t)` carries `x` to, along increasing or decreasing `times`.
pub fn integrate(
    m: &dyn Manifold,
    velocity: &dyn Fn(&[f64], f64) -> Vec<f64>,
    method: Geodesic,
    times: &[f64],
    x: Vec<f64>,
) -> Vec<f64> {
    times.windows(2).fold(x, |x, w| {
        let h = w[1] - w[0];
        let slope = m.project(&x, &velocity(&x, w[0]));
        let step = match method {
            Geodesic::Euler => slope,
            Geodesic::Midpoint => {
                let middle = m.exp(&x, &combine(0.5 * h, &slope, 0.0, &slope));
                let slope = m.project(&middle, &velocity(&middle, w[0] + 0.5 * h));
                m.transport(&middle, &x, &slope)
            }
        };
        m.exp(&x, &combine(h, &step, 0.0, &step))
    })
}
