//! Heun's method on the probability-flow ODE: an Euler step, then the mean of the slopes at both ends.
//!
//! Karras et al., arXiv:2206.00364, algorithm 1 (with its Euler step to `sigma = 0` made by the loop).

use crate::{Denoise, Rng, Space, Step, velocity};

/// Heun's method, order 2, two evaluations per step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heun;

impl<X: Space> Step<X> for Heun {
    type Memory = ();

    fn order(&self) -> u32 {
        2
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), _: &mut Rng) -> X {
        let first = velocity(m, &x, t);
        let second = velocity(m, &x.clone().axpby(1.0, s - t, &first), s);
        x.axpby(1.0, 0.5 * (s - t), &first.axpby(1.0, 1.0, &second))
    }
}
