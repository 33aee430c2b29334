//! Any of the samplers, chosen by name.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, unknown};
use crate::flow::RungeKutta;
use crate::step::{
    AdamsExp, Churn, Ddim, DdpmAncestral, DpmSolverPp2M, DpmSolverPp3M, Euler, EulerMaruyama, Heun, Prediction,
    PredictorCorrector, SdeDpmSolverPp2M, UniPc, Variance, gamma,
};
use crate::{Batch, Denoise, Grid, Progress, Rng, Sampled, sample};

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
    /// See [`RungeKutta`].
    RungeKutta(RungeKutta),
    /// See [`DpmSolverPp2M`].
    DpmSolverPp2M,
    /// See [`DpmSolverPp3M`].
    DpmSolverPp3M,
    /// See [`UniPc`].
    UniPc(UniPc),
    /// See [`AdamsExp`].
    AdamsExp(AdamsExp),
    /// Heun's method with [`Churn`].
    HeunChurn {
        /// `S_churn`, shared among the steps of the grid.
        total: f64,
        /// `S_min`.
        s_min: f64,
        /// `S_max`.
        s_max: f64,
        /// `S_noise`.
        s_noise: f64,
    },
    /// See [`SdeDpmSolverPp2M`].
    SdeDpmSolverPp2M(SdeDpmSolverPp2M),
    /// See [`EulerMaruyama`].
    EulerMaruyama {
        /// Variance of the new noise in units of the reverse SDE's; 0 for the probability flow.
        noise: f64,
    },
    /// [`PredictorCorrector`] with ancestral sampling (posterior variance) as its predictor.
    PredictorCorrector {
        /// Corrections after each step.
        corrections: usize,
        /// Signal-to-noise ratio of the corrector.
        snr: f64,
    },
}

impl Sampler {
    /// The names that parse. `ddim` has `eta = 0`; `ddpm` has the posterior variance, `ddpm-beta` the forward one; a name
    /// that ends in `-edm` predicts EDM's output for standardised data; `heun-churn` has EDM's constants for ImageNet
    /// (40, 0.05, 50, 1.003); `dopri5` takes the grid's steps, where [`DormandPrince`](crate::flow::DormandPrince) chooses
    /// each sample's own; `sde` is Euler-Maruyama; `pc` has one correction of signal-to-noise ratio 0.16.
    pub const NAMES: [&str; 22] = [
        "ddim",
        "ddpm",
        "ddpm-beta",
        "euler",
        "heun",
        "midpoint",
        "kutta3",
        "rk4",
        "dopri5",
        "dpmpp2m",
        "dpmpp3m",
        "unipc2",
        "unipc3",
        "unipc2-edm",
        "unipc3-edm",
        "adams2",
        "adams3",
        "adams2-edm",
        "heun-churn",
        "dpmpp2m-sde",
        "sde",
        "pc",
    ];

    /// The same method with another amount of new noise, 0 for none: `S_churn` of `heun-churn`, the share of the reverse SDE's variance in `dpmpp2m-sde`
    /// and `sde`, `eta` of `ddim`.
    ///
    /// # Errors
    /// [`Error::Parameter`] if it is negative or not finite, [`Error::Name`] if the method's noise cannot be chosen.
    pub fn with_noise(self, noise: f64) -> Result<Sampler, Error> {
        if !(noise >= 0.0 && noise.is_finite()) {
            return Err(Error::Parameter { what: "noise of a sampler", value: noise, allowed: "a finite number >= 0" });
        }
        Ok(match self {
            Sampler::Ddim { .. } if noise > 1.0 => {
                return Err(Error::Parameter { what: "eta of ddim", value: noise, allowed: "0 to 1" });
            }
            Sampler::Ddim { .. } => Sampler::Ddim { eta: noise },
            Sampler::HeunChurn { s_min, s_max, s_noise, .. } => {
                Sampler::HeunChurn { total: noise, s_min, s_max, s_noise }
            }
            Sampler::SdeDpmSolverPp2M(_) => Sampler::SdeDpmSolverPp2M(SdeDpmSolverPp2M::new(noise)?),
            Sampler::EulerMaruyama { .. } => Sampler::EulerMaruyama { noise },
            _ => {
                return Err(unknown("sampler with a choice of noise", &self.to_string(), &Sampler::NOISY));
            }
        })
    }

    /// The names that may have their noise behind a colon.
    pub const NOISY: [&str; 4] = ["ddim", "heun-churn", "dpmpp2m-sde", "sde"];

    /// Runs the sampler: the arguments are those of [`sample`].
    pub fn run<X: Batch>(
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
            Sampler::RungeKutta(method) => sample(m, &method, grid, x, rng, observe),
            Sampler::DpmSolverPp2M => sample(m, &DpmSolverPp2M, grid, x, rng, observe),
            Sampler::DpmSolverPp3M => sample(m, &DpmSolverPp3M, grid, x, rng, observe),
            Sampler::UniPc(method) => sample(m, &method, grid, x, rng, observe),
            Sampler::AdamsExp(method) => sample(m, &method, grid, x, rng, observe),
            Sampler::HeunChurn { total, s_min, s_max, s_noise } => {
                let churn = Churn { gamma: gamma(total, grid.steps()), s_min, s_max, s_noise, method: Heun };
                sample(m, &churn, grid, x, rng, observe)
            }
            Sampler::SdeDpmSolverPp2M(method) => sample(m, &method, grid, x, rng, observe),
            Sampler::EulerMaruyama { noise } => {
                sample(m, &EulerMaruyama { noise: noise.sqrt() }, grid, x, rng, observe)
            }
            Sampler::PredictorCorrector { corrections, snr } => {
                let method = PredictorCorrector { predictor: Ddim { eta: 1.0 }, corrections, snr };
                sample(m, &method, grid, x, rng, observe)
            }
        }
    }

    /// Model evaluations that a grid costs.
    pub fn evaluations(&self, grid: &Grid) -> usize {
        let clean = usize::from(grid.ends_clean());
        match self {
            Sampler::RungeKutta(method) => method.evaluations() * (grid.steps() - clean) + clean,
            Sampler::Heun | Sampler::HeunChurn { .. } => 2 * grid.steps() - clean,
            Sampler::PredictorCorrector { corrections, .. } => grid.steps() + corrections * (grid.steps() - clean),
            _ => grid.steps(),
        }
    }
}

/// What parses to the sampler; "custom" for one with other constants than a name and a noise say.
impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let named = match *self {
            Sampler::Ddim { eta } => Some(("ddim", eta)),
            Sampler::HeunChurn { total, .. } => Some(("heun-churn", total)),
            Sampler::SdeDpmSolverPp2M(method) => Some(("dpmpp2m-sde", method.noise())),
            Sampler::EulerMaruyama { noise } => Some(("sde", noise)),
            _ => None,
        };
        let plain = Sampler::NAMES.map(String::from).into_iter();
        let text =
            plain.chain(named.map(|(name, noise)| format!("{name}:{noise}"))).find(|t| t.parse().as_ref() == Ok(self));
        f.write_str(text.as_deref().unwrap_or("custom"))
    }
}

impl FromStr for Sampler {
    type Err = Error;

    /// One of [`Sampler::NAMES`], or a stochastic one with its noise behind a colon, as `dpmpp2m-sde:2`; see [`Sampler::with_noise`].
    fn from_str(name: &str) -> Result<Sampler, Error> {
        if let Some((name, noise)) = name.split_once(':') {
            let value = noise.parse().map_err(|_| unknown("noise of a sampler", noise, &["a number, at least 0"]))?;
            return name.parse::<Sampler>()?.with_noise(value);
        }
        let standardised = Prediction::Edm { sigma_data: 1.0 };
        Ok(match name {
            "ddim" => Sampler::Ddim { eta: 0.0 },
            "ddpm" => Sampler::DdpmAncestral { variance: Variance::Posterior },
            "ddpm-beta" => Sampler::DdpmAncestral { variance: Variance::Forward },
            "euler" => Sampler::Euler,
            "heun" => Sampler::Heun,
            "midpoint" => Sampler::RungeKutta(RungeKutta::MIDPOINT),
            "kutta3" => Sampler::RungeKutta(RungeKutta::KUTTA3),
            "rk4" => Sampler::RungeKutta(RungeKutta::RK4),
            "dopri5" => Sampler::RungeKutta(RungeKutta::DOPRI5),
            "dpmpp2m" => Sampler::DpmSolverPp2M,
            "dpmpp3m" => Sampler::DpmSolverPp3M,
            "unipc2" => Sampler::UniPc(UniPc { order: 2, prediction: Prediction::Data }),
            "unipc3" => Sampler::UniPc(UniPc { order: 3, prediction: Prediction::Data }),
            "unipc2-edm" => Sampler::UniPc(UniPc { order: 2, prediction: standardised }),
            "unipc3-edm" => Sampler::UniPc(UniPc { order: 3, prediction: standardised }),
            "adams2" => Sampler::AdamsExp(AdamsExp { order: 2, prediction: Prediction::Data }),
            "adams3" => Sampler::AdamsExp(AdamsExp { order: 3, prediction: Prediction::Data }),
            "adams2-edm" => Sampler::AdamsExp(AdamsExp { order: 2, prediction: standardised }),
            "heun-churn" => Sampler::HeunChurn { total: 40.0, s_min: 0.05, s_max: 50.0, s_noise: 1.003 },
            "dpmpp2m-sde" => Sampler::SdeDpmSolverPp2M(SdeDpmSolverPp2M::default()),
            "sde" => Sampler::EulerMaruyama { noise: 1.0 },
            "pc" => Sampler::PredictorCorrector { corrections: 1, snr: 0.16 },
            _ => return Err(unknown("sampler", name, &Sampler::NAMES)),
        })
    }
}
