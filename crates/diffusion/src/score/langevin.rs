//! Langevin dynamics on the score of one noise level: `x <- x + (eps/2) score(x, t) + sqrt(T eps) z`.
//!
//! It samples `p_t(x)^(1/T)` as `eps -> 0`. On `N(m, q²)` the stationary variance at finite `eps` is
//! `T q²/(1 - eps/(4 q²))`, and `eps >= 4 q²` diverges. Between separate modes it does not move, whatever their weights:
//! [`AnnealedLangevin`](super::AnnealedLangevin) is the remedy.
//! Song & Ermon, arXiv:1907.05600, eq. 4; Roberts & Tweedie, Bernoulli 2 (1996) 341.

use crate::error::{Error, finite, positive};
use crate::{Denoise, Rng, Space, score};

/// Unadjusted Langevin dynamics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Langevin {
    /// `eps`, in squared units of the state.
    pub step: f64,
    /// Number of steps, one evaluation each.
    pub steps: usize,
    /// `T`: 1 samples the model, less keeps to its modes, 0 climbs to the nearest one.
    pub temperature: f64,
}

impl Langevin {
    /// Dynamics with `eps > 0` and `T >= 0`.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside these ranges.
    pub fn new(step: f64, steps: usize, temperature: f64) -> Result<Langevin, Error> {
        positive("step of the Langevin dynamics", step)?;
        check_temperature(temperature)?;
        Ok(Langevin { step, steps, temperature })
    }

    /// Runs the dynamics from `x` at time `t`, `sigma(t) > 0`.
    pub fn run<X: Space>(&self, m: &dyn Denoise<X>, x: X, t: f64, rng: &mut Rng) -> X {
        let kick = (self.temperature.max(0.0) * self.step).sqrt();
        (0..self.steps).fold(x, |x, _| {
            let slope = score(m, &x, t);
            let noise = x.randn_like(rng);
            x.axpby(1.0, 0.5 * self.step, &slope).axpby(1.0, kick, &noise)
        })
    }
}

pub(super) fn check_temperature(value: f64) -> Result<(), Error> {
    let refused = Error::Parameter { what: "temperature", value, allowed: "a finite number >= 0" };
    if finite("temperature", value)? >= 0.0 { Ok(()) } else { Err(refused) }
}
