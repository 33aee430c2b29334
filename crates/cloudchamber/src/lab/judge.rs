//! A classifier of noisy points, trained beside a denoiser and on its path. Dhariwal & Nichol, arXiv:2105.05233, section 4.

use burn::tensor::Tensor;
use diffusion::{AnyPath, Batch, Coef, Path, Space};
use nets::{NoisyClassifier, NoisyClassifierConfig};

use super::denoiser::Denoiser;
use super::fit::fit;
use super::standard::column;
use super::student::{Lesson, OCTAVES};
use crate::Error;

const WHY: &str = "a class that was checked against the target's";

/// `p(class | x_t, t)`. The network sees states of unit spread, `x/sqrt(alpha² + sigma²)`.
pub struct Judge {
    path: AnyPath,
    network: NoisyClassifier,
}

impl Judge {
    /// Trains by cross-entropy at the times of the recipe's objective, on the path of `denoiser`.
    ///
    /// # Errors
    /// Impossible constants in the recipe, divergence, interruption.
    pub fn train(lesson: &Lesson, denoiser: &Denoiser) -> Result<Judge, Error> {
        let (recipe, path) = (lesson.recipe, denoiser.path.clone());
        let objective = recipe.objective.build(&path);
        let config = NoisyClassifierConfig {
            features: 2,
            classes: lesson.target.classes(),
            width: recipe.network.width,
            layers: recipe.network.layers,
            frequencies: OCTAVES,
        };
        let fresh = lesson.fresh(|device| config.init(device));
        let network = fit(fresh, &recipe.train, &lesson.device, &mut |net: &NoisyClassifier, rng, _| {
            let drawn = objective.draw(rng, recipe.train.batch)?;
            let (data, labels) = lesson.labelled(rng);
            let noise = data.randn_like(rng);
            let of = |number: &dyn Fn(Coef) -> f64| drawn.iter().map(|d| number(d.coef)).collect::<Vec<f64>>();
            let input = data.axpby_rows(&of(&|c| c.alpha * shrink(c)), &of(&|c| c.sigma * shrink(c)), &noise);
            let level = column(&of(&|c| c.noise_level()), &lesson.device);
            Ok(net.losses(input, level, &labels).expect(WHY))
        })?;
        Ok(Judge { path, network })
    }

    /// `grad_x ln p(class | x_t = x)`, `[B, 2]`.
    pub fn gradient(&self, x: &Tensor<2>, t: f64, class: usize) -> Tensor<2> {
        let (c, rows) = (self.path.at(t), x.dims()[0]);
        let level = column(&vec![c.noise_level(); rows], &x.device());
        let input = x.clone().mul_scalar(shrink(c));
        self.network.gradient(input, level, &vec![class; rows]).expect(WHY).mul_scalar(shrink(c))
    }
}

fn shrink(c: Coef) -> f64 {
    1.0 / c.alpha.hypot(c.sigma)
}
