//! SDE-DPM-Solver++(2M): the reverse SDE's exponential integrator in lambda, its estimate extrapolated from the last two.
//!
//! With `h = lambda_s - lambda_t`, `h'` the previous step's, `q = h/(2h')` and `tau` the share of the reverse SDE's noise, in variance:
//!
//! 1. `D' = (1 + q) D(x_t, t) - q D_previous`
//! 2. `x_s = (sigma_s/sigma_t) e^(-tau h) x_t + alpha_s (1 - e^(-(1 + tau) h)) D' + sigma_s sqrt(1 - e^(-2 tau h)) z`
//!
//! `tau = 0` is DPM-Solver++(2M), `tau = 1` Lu, Zhou, Bao, Chen, Li & Zhu, arXiv:2211.01095, eq. 18; every `tau` has the same marginals. The first
//! step has no predecessor and, for `tau = 1`, is DDPM's; so is the second if the first left pure noise (`h' = inf`, `q = 0`).
//!
//! The estimate follows the noise of each step, which extrapolation takes for a trend; that costs the second order, which is left where `tau` is
//! zero, but the error is a fraction of that of a method without memory.

use super::extrapolate::extrapolate;
use crate::error::Error;
use crate::{Denoise, Rng, Space, Step};

/// The multistep solver of the reverse SDE, one evaluation per step; of order 1, weakly, and 2 without noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SdeDpmSolverPp2M {
    /// `tau`, at least zero.
    noise: f64,
}

/// The reverse SDE itself.
impl Default for SdeDpmSolverPp2M {
    fn default() -> Self {
        SdeDpmSolverPp2M { noise: 1.0 }
    }
}

impl SdeDpmSolverPp2M {
    /// The share `tau` of the reverse SDE's noise, in variance.
    ///
    /// # Errors
    /// [`Error::Parameter`] if it is negative or not finite.
    pub fn new(noise: f64) -> Result<SdeDpmSolverPp2M, Error> {
        if !(noise >= 0.0 && noise.is_finite()) {
            return Err(Error::Parameter { what: "noise", value: noise, allowed: "a finite number >= 0" });
        }
        Ok(SdeDpmSolverPp2M { noise })
    }

    /// `tau`.
    pub fn noise(&self) -> f64 {
        self.noise
    }
}

impl<X: Space> Step<X> for SdeDpmSolverPp2M {
    /// The previous estimate and the lambda it was made at.
    type Memory = Option<(X, f64)>;

    fn order(&self) -> u32 {
        if self.noise == 0.0 { 2 } else { 1 }
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, rng: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let estimate = m.denoise(&x, t);
        let h = to.lambda() - from.lambda();
        let extrapolated = extrapolate(mem, estimate, from.lambda(), h);
        // 0 inf is no noise, too.
        let noise = if self.noise == 0.0 { 0.0 } else { self.noise * h };
        let kept = to.sigma / from.sigma * (-noise).exp();
        let mean = extrapolated.axpby(-to.alpha * (-h - noise).exp_m1(), kept, &x);
        let spread = to.sigma * (-(-2.0 * noise).exp_m1()).sqrt();
        if spread > 0.0 { mean.axpby(1.0, spread, &x.randn_like(rng)) } else { mean }
    }
}
