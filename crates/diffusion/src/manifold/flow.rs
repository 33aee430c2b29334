//! Riemannian flow matching and its sampler.
//!
//! 1. `x_t = exp(data, t log(data, noise))`, `t = 0` data, `t = 1` noise
//! 2. target `u = d x_t/d t`, of constant length `distance(data, noise)`; its mean given `x_t` is the marginal velocity
//! 3. sampling: `x_s = exp(x, (s - t) v(x, t))` (Euler), or with the velocity at the middle, carried back (midpoint)
//!
//! Chen & Lipman, arXiv:2302.03660, section 3.2 (geodesic distance, linear schedule).

use burn::tensor::{Tensor, TensorData};

use super::{Manifold, combine};
use crate::couple::Rows;

/// The point at `t` on the geodesic from `data` to `noise` and its velocity, `(x_t, u)`.
pub fn flow_matching(m: &dyn Manifold, data: &[f64], noise: &[f64], t: f64) -> (Vec<f64>, Vec<f64>) {
    let whole = m.log(data, noise);
    let part = combine(t, &whole, 0.0, &whole);
    let x = m.exp(data, &part);
    let u = m.transport(data, &x, &whole);
    (x, u)
}

/// [`flow_matching`] for a batch, `[B, ...]` with whole points in every row and one time per sample: `(x_t, u)`.
pub fn flow_matching_tensors<const D: usize>(
    m: &dyn Manifold,
    data: &Tensor<D>,
    noise: &Tensor<D>,
    t: &[f64],
) -> (Tensor<D>, Tensor<D>) {
    let (shape, device, width) = (data.dims(), data.device(), m.width());
    let per_row: usize = shape[1..].iter().product();
    assert_eq!((t.len(), per_row % width), (shape[0], 0), "one time per sample, whole points in each");
    let (data, noise) = (data.to_rows(), noise.to_rows());
    let (mut x, mut u) = (Vec::with_capacity(data.len()), Vec::with_capacity(data.len()));
    for (i, (data, noise)) in data.chunks(width).zip(noise.chunks(width)).enumerate() {
        let (point, velocity) = flow_matching(m, data, noise, t[i * width / per_row]);
        x.extend(point.iter().map(|x| *x as f32));
        u.extend(velocity.iter().map(|u| *u as f32));
    }
    let tensor = |values| Tensor::from_data(TensorData::new(values, shape), &device);
    (tensor(x), tensor(u))
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
