//! Diffusion posterior sampling: a step of any sampler, then one down the misfit of its estimate.
//!
//! With `a = (1 + sigma²/alpha²)^(-1/2)`, the variance-preserving amplitude, and `u = a x/alpha`, the state in those units:
//!
//! `u_s = step(u_t) - zeta grad_{u_t} |y - A D(x_t)|`
//!
//! with the norm taken sample by sample. The strength does not know how long a step is, so `zeta` belongs to a number of steps,
//! and the result is no posterior: more steps pull harder. The likelihood that the paper argues with, `N(y; A D, sigma_y²)`, is
//! [`PiGdm`](super::PiGdm) of spread 0. Chung, Kim, McCann, Klasky & Ye, arXiv:2209.14687, eq. 16 and algorithm 1.

use super::operator::{Measurement, Operator};
use crate::vector::norm;
use crate::{Coef, Denoise, Rng, Rows, Step, Vjp};

/// Posterior sampling by the gradient of the misfit. Run it with `prior` as the model.
#[derive(Clone, Debug)]
pub struct Dps<M, A, S> {
    /// The model of the data.
    pub prior: M,
    /// What was measured; its noise is not used.
    pub measured: Measurement<A>,
    /// The unguided step; the paper's is [`DdpmAncestral`](crate::DdpmAncestral).
    pub inner: S,
    /// Strength: 0.3 to 1 in the paper, for 1000 steps.
    pub zeta: f64,
}

impl<X: Rows, M: Vjp<X>, A: Operator, S: Step<X>> Step<X> for Dps<M, A, S> {
    type Memory = S::Memory;

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut S::Memory, rng: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let (estimate, pullback) = self.prior.vjp(&x, t);
        let unit = |r: Vec<f64>| {
            let length = norm(&r).max(f64::MIN_POSITIVE);
            r.into_iter().map(|r| r / length).collect()
        };
        let directions: Vec<Vec<f64>> = self.measured.residual(&estimate).into_iter().map(unit).collect();
        let uphill = pullback(&self.measured.adjoint(&x, &directions));
        self.inner.step(m, x, t, s, mem, rng).axpby(1.0, self.zeta * units(from) * units(to), &uphill)
    }
}

/// `alpha/a = sqrt(alpha² + sigma²)`, what a variance-preserving state is multiplied by.
fn units(c: Coef) -> f64 {
    c.alpha.hypot(c.sigma)
}
