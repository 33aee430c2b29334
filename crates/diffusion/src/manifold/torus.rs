//! The flat torus: coordinates modulo a period, e.g. fractional coordinates (1) or angles (2 pi).
//!
//! With `wrap` to `[0, L)` and `near` to `[-L/2, L/2)`: `exp(x, v) = wrap(x + v)`, `log(x, y) = near(y - x)`. Heat flow,
//! `x_sigma = wrap(data + sigma z)`, is reversed from `sigma_t` to `sigma_s < sigma_t`, `d = sigma_t^2 - sigma_s^2`, by
//!
//! 1. `x_s = wrap(x + (1 + eta^2)/2 d score + eta sqrt(d) z)`: the probability flow at `eta = 0`, the reverse SDE at 1
//! 2. `x_s = wrap(x + d score + sqrt(d) (sigma_s/sigma_t) z)`: ancestral sampling
//! 3. corrector: `x = wrap(x + step/2 score + sqrt(step) z)`, Langevin dynamics
//!
//! Jing et al., arXiv:2206.01729, algorithm 2 (the reverse SDE); Jiao et al., arXiv:2309.04475 (ancestral, corrector).

use super::Manifold;
use crate::Rng;
use crate::error::{Error, positive};

/// Coordinates modulo a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Torus {
    /// Number of coordinates.
    pub dim: usize,
    /// Length of the circle that each of them lives on.
    pub period: f64,
}

impl Torus {
    /// A torus of a period above zero.
    ///
    /// # Errors
    /// [`Error::Parameter`] for another period.
    pub fn new(dim: usize, period: f64) -> Result<Torus, Error> {
        Ok(Torus { dim, period: positive("period", period)? })
    }

    /// The representative in `[0, period)`.
    pub fn wrap(&self, x: f64) -> f64 {
        let wrapped = x.rem_euclid(self.period);
        // A tiny negative number rounds up to the period itself.
        if wrapped < self.period { wrapped } else { 0.0 }
    }

    /// The representative in `[-period/2, period/2)`.
    pub fn near(&self, x: f64) -> f64 {
        self.wrap(x + 0.5 * self.period) - 0.5 * self.period
    }
}

impl Manifold for Torus {
    fn width(&self) -> usize {
        self.dim
    }

    fn exp(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        x.iter().zip(v).map(|(x, v)| self.wrap(x + v)).collect()
    }

    fn log(&self, x: &[f64], y: &[f64]) -> Vec<f64> {
        x.iter().zip(y).map(|(x, y)| self.near(y - x)).collect()
    }

    fn project(&self, _: &[f64], v: &[f64]) -> Vec<f64> {
        v.to_vec()
    }

    fn transport(&self, _: &[f64], _: &[f64], v: &[f64]) -> Vec<f64> {
        v.to_vec()
    }

    fn uniform(&self, rng: &mut Rng, rows: usize) -> Vec<f64> {
        rng.uniform(rows, self.dim).into_iter().map(|u| self.period * u).collect()
    }
}

/// One step of the reversed heat flow on a torus, given the score at `(x, sigma_t)` and standard normal `z`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TorusStep {
    /// Formula (1).
    Reverse {
        /// 0 for the probability flow, 1 for the reverse SDE.
        eta: f64,
    },
    /// Formula (2).
    Ancestral,
    /// Formula (3), at fixed `sigma_t`.
    Langevin {
        /// Step in units of the squared coordinates.
        step: f64,
    },
}

impl TorusStep {
    /// The state at `sigma_s`; `x`, `score` and `z` are equally long.
    pub fn apply(&self, torus: &Torus, x: &[f64], score: &[f64], sigma_t: f64, sigma_s: f64, z: &[f64]) -> Vec<f64> {
        let change = (sigma_t * sigma_t - sigma_s * sigma_s).max(0.0);
        let (drift, noise) = match *self {
            TorusStep::Reverse { eta } => (0.5 * (1.0 + eta * eta) * change, eta * change.sqrt()),
            TorusStep::Ancestral => (change, change.sqrt() * sigma_s / sigma_t),
            TorusStep::Langevin { step } => (0.5 * step, step.max(0.0).sqrt()),
        };
        x.iter().zip(score).zip(z).map(|((x, s), z)| torus.wrap(x + drift * s + noise * z)).collect()
    }
}
