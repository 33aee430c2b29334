//! Distillation on normal data, where the flow map, hence every student's truth, is known in closed form.

mod average;
mod consistency;
mod progressive;
mod tensors;

use diffusion::{Path, Space};

type State = Vec<f64>;

/// Mean and standard deviation of the data.
const M: f64 = 0.8;
const S: f64 = 1.7;

/// Mean and spread of `x_t` at `t`: `(alpha M, q)`.
fn moments(path: &dyn Path, t: f64) -> (f64, f64) {
    let c = path.at(t);
    (c.alpha * M, (c.alpha * S).hypot(c.sigma))
}

/// The flow map from `t` to `s`: it keeps `(x - alpha m)/q`.
fn flow(path: &dyn Path, x: &State, t: f64, s: f64) -> State {
    let ((from, wide), (to, narrow)) = (moments(path, t), moments(path, s));
    x.iter().map(|x| to + narrow / wide * (x - from)).collect()
}

/// The average velocity from `t` to `s < t`.
fn average(path: &dyn Path, x: &State, t: f64, s: f64) -> State {
    x.clone().axpby(1.0 / (t - s), -1.0 / (t - s), &flow(path, x, t, s))
}

fn gap(a: &State, b: &State) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
