//! Denoisers whose network is not a plain one: the gradient of an energy, or a deep equilibrium.
//!
//! 1. energy: `F = grad_u f(u)` at `u = c x`; whatever the preconditioning, `D = skip x + out F` and with it the score `(alpha D - x)/sigma²`
//!    are gradients of a scalar, so the field has no curl (Salimans & Ho, "Should EBMs model the energy or the score?", 2021)
//! 2. deep equilibrium: `F` reads out the fixed point of a layer that is repeated for ever (arXiv:1909.01377)
//!
//! Both learn by denoising score matching at all noise levels, the recipe's objective.

use std::sync::Mutex;

use burn::module::Module;
use burn::tensor::Tensor;
use diffusion::flow::{DenoiseRows, PreconditionedRows};
use diffusion::{AnyPath, Denoise, Path, Regression, Rng, regression};
use nets::{DeepEquilibrium, DeepEquilibriumConfig, EnergyMlp, FixedPoint, Smooth, ToyMlpConfig};

use super::fit::fit;
use super::standard::column;
use super::student::{Lesson, OCTAVES, See, Student};
use super::walk::{affordable, towards, walk};
use crate::Error;
use crate::recipe::SampleSection;

/// How well equilibria are solved: far below what the network leaves unlearnt.
const SOLVER: FixedPoint = FixedPoint { tolerance: 1e-4, iterations: 200, memory: 5, damping: 1.0 };

/// A network with its own way to be asked and taught.
pub trait Network: Module + Send + Sync {
    /// A fresh one of the recipe's size.
    fn fresh(lesson: &Lesson) -> Self;

    /// Output for `x` `[B, 2]` and noise level `[B, 1]`.
    fn output(&self, x: Tensor<2>, level: Tensor<2>) -> Result<Tensor<2>, nets::Error>;

    /// Losses of a batch, `[B]`.
    fn losses(&self, problem: &Regression<2>) -> Result<Tensor<1>, nets::Error>;
}

impl Network for EnergyMlp {
    fn fresh(lesson: &Lesson) -> EnergyMlp {
        let net = lesson.recipe.network;
        let config = ToyMlpConfig::new(2).with_hidden(net.width, net.layers).with_frequencies(OCTAVES);
        lesson.fresh(|device| config.init_energy(device))
    }

    fn output(&self, x: Tensor<2>, level: Tensor<2>) -> Result<Tensor<2>, nets::Error> {
        Ok(self.forward(x, level))
    }

    fn losses(&self, problem: &Regression<2>) -> Result<Tensor<1>, nets::Error> {
        Ok(problem.losses(self.forward(problem.input.clone(), problem.noise_level.clone())))
    }
}

impl Network for DeepEquilibrium {
    fn fresh(lesson: &Lesson) -> DeepEquilibrium {
        let width = lesson.recipe.network.width;
        let config = DeepEquilibriumConfig { features: 2, width, frequencies: OCTAVES, activation: Smooth::Tanh };
        lesson.fresh(|device| config.init(device))
    }

    fn output(&self, x: Tensor<2>, level: Tensor<2>) -> Result<Tensor<2>, nets::Error> {
        self.forward(x, level, &SOLVER)
    }

    fn losses(&self, problem: &Regression<2>) -> Result<Tensor<1>, nets::Error> {
        self.losses(problem.input.clone(), problem.noise_level.clone(), &SOLVER, |output| problem.losses(output))
    }
}

/// A denoiser by such a network.
pub struct Special<N> {
    network: N,
    path: AnyPath,
    target: diffusion::Target,
    sample: SampleSection,
    /// Why the network gave no answer, if it ever did not.
    refused: Mutex<Option<nets::Error>>,
}

impl<N: Network> Special<N> {
    /// Trains by the recipe's objective.
    ///
    /// # Errors
    /// Impossible constants in the recipe, an equilibrium that does not exist, divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Special<N>, Error> {
        let recipe = lesson.recipe;
        let path = recipe.path.build()?;
        let objective = recipe.objective.build(&path);
        let network = fit(N::fresh(lesson), &recipe.train, &lesson.device, &mut |net: &N, rng, _| {
            let drawn = objective.draw(rng, recipe.train.batch)?;
            let data = lesson.data(rng);
            let noise = objective.coupling.noise(&data, rng);
            net.losses(&regression(&drawn, data, noise)).map_err(refusal)
        })?;
        let (target, sample) = (recipe.objective.target(), recipe.sample.clone());
        Ok(Special { network, path, target, sample, refused: Mutex::default() })
    }

    /// Zero where the network gives no answer; the reason is kept.
    fn answer(&self, x: Tensor<2>, levels: &[f64]) -> Tensor<2> {
        let level = column(levels, &x.device());
        self.network.output(x.clone(), level).unwrap_or_else(|error| {
            *self.refused.lock().unwrap_or_else(|e| e.into_inner()) = Some(error);
            x.zeros_like()
        })
    }
}

fn refusal(error: nets::Error) -> Error {
    Error::argument(
        "network",
        error,
        "an equilibrium that is found: a smaller rate keeps the weights of the readout small",
    )
}

impl<N: Network> Denoise<Tensor<2>> for Special<N> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
        let network = |x: Tensor<2>, levels: &[f64], _: &[usize]| self.answer(x, levels);
        let rows = PreconditionedRows { path: self.path.clone(), target: self.target, network };
        rows.denoise_rows(x, &vec![t; x.dims()[0]], &[])
    }
}

impl<N: Network> Student for Special<N> {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let (sampler, grid) = affordable(&self.sample, &self.path, evaluations, &|s, g| s.evaluations(g))?;
        let done = walk(self, &sampler, &grid, like, rng, see);
        let refused = self.refused.lock().unwrap_or_else(|e| e.into_inner()).take();
        refused.map_or(Ok(done), |error| Err(refusal(error)))
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let field = towards(self, x, level);
        // Arrows may lie where no data ever were, and are left out where the network has no answer.
        self.refused.lock().unwrap_or_else(|e| e.into_inner()).take();
        field
    }
}
