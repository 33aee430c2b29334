//! Euler's method on the probability-flow ODE: `x_s = x_t + (s - t) velocity(x_t, t)`.
//!
//! On the EDM and the linear path this is DDIM with `eta = 0`.

use crate::{Denoise, Rng, Space, Step, velocity};

/// Euler's method, order 1, one evaluation per step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Euler;

impl<X: Space> Step<X> for Euler {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), _: &mut Rng) -> X {
        let slope = velocity(m, &x, t);
        x.axpby(1.0, s - t, &slope)
    }
}
