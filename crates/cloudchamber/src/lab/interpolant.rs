//! Stochastic interpolants: `x_t = (1 - t) data + t source + gamma z`, sampled by an ODE or by an SDE of the same marginals.
//!
//! Two networks learn the velocity `b` and `E[z | x_t] = -gamma score`. With `gamma = sin²(pi t)` both are smooth at both ends, and with diffusion
//! `epsilon = NOISE gamma` so is the drift `b + NOISE E[z | x_t]`. Albergo, Boffi & Vanden-Eijnden, arXiv:2303.08797, section 2.

use burn::tensor::Tensor;
use diffusion::interpolant::{Gamma, Interpolant, interpolant_sample};
use diffusion::{Linear, Rng, Sampler, Space};
use nets::ToyMlp;

use super::fit::fit;
use super::pairs::Pairs;
use super::standard::column;
use super::student::{Lesson, See, Student};
use crate::Error;

/// Diffusion of the SDE in units of `gamma`.
const NOISE: f64 = 0.5;
/// Below this, `gamma` is zero for all purposes: the source has no noise of its own there.
const LEAST: f64 = 1e-6;

/// An interpolant's velocity and noise.
pub struct Stochastic {
    velocity: ToyMlp,
    noise: ToyMlp,
    pairs: Pairs,
    interpolant: Interpolant<Linear>,
    /// Whether it is sampled by the SDE.
    sde: bool,
}

impl Stochastic {
    /// Trains both networks; the sampler is `sde`, or `heun` for the ODE.
    ///
    /// # Errors
    /// Another sampler, a source that does not exist, divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Stochastic, Error> {
        let recipe = lesson.recipe;
        let sde = match recipe.sample.sampler()? {
            Sampler::EulerMaruyama { noise: 1.0 } => true,
            Sampler::Heun => false,
            _ => {
                return Err(Error::argument(
                    "sample.sampler",
                    &recipe.sample.sampler,
                    "heun for the ODE, sde for the SDE",
                ));
            }
        };
        let pairs = Pairs::of(lesson)?;
        let interpolant = Interpolant { path: Linear, gamma: Gamma::SineSquared };
        let networks = (lesson.network(2), lesson.network(2));
        let learn = &mut |(velocity, noise): &(ToyMlp, ToyMlp), rng: &mut Rng, _: &(ToyMlp, ToyMlp)| {
            let pair = pairs.draw(lesson, rng)?;
            let t = rng.uniform(recipe.train.batch, 1);
            let z = pair.data.randn_like(rng);
            let task = interpolant.at(&pair.data, &pair.source, z, &t);
            let level = column(&t, &lesson.device);
            let square = |net: &ToyMlp, target: Tensor<2>| {
                let error = net.forward(task.x.clone(), level.clone()) - target;
                error.powi_scalar(2).mean_dim(1).squeeze_dim::<1>(1)
            };
            Ok(square(velocity, task.velocity.clone()) + square(noise, task.noise.clone()))
        };
        let (velocity, noise) = fit(networks, &recipe.train, &lesson.device, learn)?;
        Ok(Stochastic { velocity, noise, pairs, interpolant, sde })
    }

    fn ask(&self, net: &ToyMlp, x: &Tensor<2>, t: f64) -> Tensor<2> {
        net.forward(x.clone(), column(&vec![t; x.dims()[0]], &x.device()))
    }
}

impl Student for Stochastic {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        // Heun's method asks twice a step; an SDE's step asks both networks once.
        let steps = if self.sde { evaluations } else { evaluations / 2 }.max(1);
        let times: Vec<f64> = (0..=steps).rev().map(|k| k as f64 / steps as f64).collect();
        let gamma = |t: f64| self.interpolant.gamma.at(t).0.max(LEAST);
        let b = |x: &Tensor<2>, t: f64| self.ask(&self.velocity, x, t);
        let score = |x: &Tensor<2>, t: f64| self.ask(&self.noise, x, t).mul_scalar(-1.0 / gamma(t));
        let epsilon = |t: f64| if self.sde { NOISE * gamma(t) } else { 0.0 };
        let start = self.pairs.source(rng, like);
        Ok(times.windows(2).fold(start, |x, step| {
            see(&x);
            interpolant_sample(&b, &score, &epsilon, step, x, rng)
        }))
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        self.ask(&self.velocity, &x, level / (1.0 + level)).neg()
    }
}
