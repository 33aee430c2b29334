//! Any of the samplers, chosen by name.

use std::str::FromStr;

use crate::error::{Error, unknown};
use crate::step::{Ddim, DdpmAncestral, DpmSolverPp2M, Euler, Heun, Variance};
use crate::{Denoise, Grid, Progress, Rng, Sampled, Space, sample};

/// A sampler as a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampler {
    /// See [`Ddim`].
    Ddim {
        /// 0 for the deterministic sampler, 1 for DDPM's.
        eta: f64,
    },
    /// See [`DdpmAncestral`].
    DdpmAncestral {
        /// Which of the two variances.
        variance: Variance,
    },
    /// See [`Euler`].
    Euler,
    /// See [`Heun`].
    Heun,
    /// See [`DpmSolverPp2M`].
    DpmSolverPp2M,
}

impl Sampler {
    /// The names that parse. `ddim` has `eta = 0`; `ddpm` has the posterior variance, `ddpm-beta` the forward one.
    pub const NAMES: [&str; 6] = ["ddim", "ddpm", "ddpm-beta", "euler", "heun", "dpmpp2m"];

    /// Runs the sampler: the arguments are those of [`sample`].
    pub fn run<X: Space>(
        &self,
        m: &dyn Denoise<X>,
        grid: &Grid,
        x: X,
        rng: &mut Rng,
        observe: &mut dyn FnMut(&Progress<X>),
    ) -> Sampled<X> {
        match *self {
            Sampler::Ddim { eta } => sample(m, &Ddim { eta }, grid, x, rng, observe),
            Sampler::DdpmAncestral { variance } => sample(m, &DdpmAncestral { variance }, grid, x, rng, observe),
            Sampler::Euler => sample(m, &Euler, grid, x, rng, observe),
            Sampler::Heun => sample(m, &Heun, grid, x, rng, observe),
            Sampler::DpmSolverPp2M => sample(m, &DpmSolverPp2M, grid, x, rng, observe),
        }
    }

    /// Model evaluations that a grid costs.
    pub fn evaluations(&self, grid: &Grid) -> usize {
        match self {
            Sampler::Heun => 2 * grid.steps() - usize::from(grid.ends_clean()),
            _ => grid.steps(),
        }
    }
}

impl FromStr for Sampler {
    type Err = Error;

    fn from_str(name: &str) -> Result<Sampler, Error> {
        Ok(match name {
            "ddim" => Sampler::Ddim { eta: 0.0 },
            "ddpm" => Sampler::DdpmAncestral { variance: Variance::Posterior },
            "ddpm-beta" => Sampler::DdpmAncestral { variance: Variance::Forward },
            "euler" => Sampler::Euler,
            "heun" => Sampler::Heun,
            "dpmpp2m" => Sampler::DpmSolverPp2M,
            _ => return Err(unknown("sampler", name, &Sampler::NAMES)),
        })
    }
}
