//! DPM-Solver++(2M): the exponential integrator in lambda, second order by extrapolating the last two estimates.
//!
//! With `h = lambda_s - lambda_t`, `h'` the previous step's and `q = h/(2h')`:
//!
//! 1. `D' = (1 + q) D(x_t, t) - q D_previous`
//! 2. `x_s = (sigma_s/sigma_t) x_t + alpha_s (1 - e^-h) D'`
//!
//! The first step has no predecessor and is DDIM's; so is the second if the first left pure noise (`h' = inf`, `q = 0`).
//! Lu, Zhou, Bao, Chen, Li & Zhu, arXiv:2211.01095, algorithm 2.

use super::extrapolate::extrapolate;
use crate::{Denoise, Rng, Space, Step};

/// The multistep solver of order 2, one evaluation per step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DpmSolverPp2M;

impl<X: Space> Step<X> for DpmSolverPp2M {
    /// The previous estimate and the lambda it was made at.
    type Memory = Option<(X, f64)>;

    fn order(&self) -> u32 {
        2
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, _: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let estimate = m.denoise(&x, t);
        let h = to.lambda() - from.lambda();
        extrapolate(mem, estimate, from.lambda(), h).axpby(-to.alpha * (-h).exp_m1(), to.sigma / from.sigma, &x)
    }
}
