//! Scores by score matching, sampled by Langevin dynamics: at one small noise level, or at many with annealing.
//!
//! Hyvärinen 2005 (implicit), arXiv:1905.07088 (sliced), Vincent 2011 (denoising), arXiv:1907.05600 (many levels).

use burn::tensor::{Device, Tensor};
use diffusion::score::{Langevin, Ncsn, denoising, implicit, sliced_reduced};
use diffusion::{Denoise, Edm, Path, Probe, Rng, Space};
use nets::{Dual, ToyMlp};

use super::denoiser::unit;
use super::fit::fit;
use super::recipe::Kind;
use super::standard::column;
use super::student::{Lesson, See, Student};
use crate::Error;

/// Noise of the single level, in units of the data's spread: small, as the method wants the data's own score.
const SINGLE: f64 = 0.1;
/// Most and least noise, and number of levels, with annealing.
const LEVELS: (f64, f64, usize) = (5.0, 0.03, 10);
/// Length of a Langevin step in units of the squared noise level.
const STEP: f64 = 0.3;
/// Spread of the points that single-level dynamics start from.
const BROAD: f64 = 1.5;

/// A network `sigma s(x, sigma)`.
pub struct Score {
    network: ToyMlp,
    path: Edm,
    levels: Vec<f64>,
}

impl Score {
    /// Trains by the recipe's loss.
    ///
    /// # Errors
    /// Divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Score, Error> {
        let (most, least, count) = LEVELS;
        let many = Ncsn::geometric(most, least, count)?;
        let levels = if lesson.recipe.kind == Kind::Ncsn { many.levels().to_vec() } else { vec![SINGLE] };
        let device = &lesson.device;
        let single = |net: &ToyMlp, x: &Tensor<2>| scaled(net, x.clone(), &vec![SINGLE; x.dims()[0]], device);
        let network = fit(lesson.network(2), &lesson.recipe.train, device, &mut |net: &ToyMlp, rng, _| {
            let data = lesson.data(rng);
            // Implicit and sliced losses want a smooth density: that of the data with a little noise, as the denoising one has it.
            let noisy = |rng: &mut Rng| data.clone().axpby(1.0, SINGLE, &data.randn_like(rng));
            let product = |x: &Tensor<2>, v: &Tensor<2>| {
                let level = column(&vec![SINGLE.ln(); x.dims()[0]], device);
                let shrink = 1.0 / SINGLE.hypot(1.0);
                let dual = net.jvp(Dual::new(x.clone().mul_scalar(shrink), v.clone().mul_scalar(shrink)), level.into());
                let (s, change) = dual.parts();
                (s.mul_scalar(1.0 / SINGLE), change.mul_scalar(1.0 / SINGLE))
            };
            Ok(match lesson.recipe.kind {
                Kind::Ncsn => many.losses(|x, levels| scaled_by(net, x.clone(), levels.clone()), &data, rng),
                Kind::ImplicitScore => implicit(product, &noisy(rng)).mul_scalar(SINGLE * SINGLE),
                Kind::SlicedScore => {
                    let x = noisy(rng);
                    let v = Probe::Rademacher.draw(&x, rng);
                    sliced_reduced(product, &x, &v).mul_scalar(SINGLE * SINGLE)
                }
                _ => denoising(|x| single(net, x), &data, SINGLE, rng)?.mul_scalar(SINGLE * SINGLE),
            })
        })?;
        Ok(Score { network, path: Edm::default(), levels })
    }
}

impl Score {
    fn annealed(&self) -> bool {
        self.levels.len() > 1
    }

    /// Unit in which states are shown; one small level changes nothing.
    fn spread(&self, level: f64) -> f64 {
        if self.annealed() { unit(&self.path, level) } else { 1.0 }
    }
}

/// The score at noise levels `[B, 1]`: `F(x/sqrt(1 + sigma²), ln sigma)/sigma`.
fn scaled_by(net: &ToyMlp, x: Tensor<2>, levels: Tensor<2>) -> Tensor<2> {
    let shrink = levels.clone().powi_scalar(2).add_scalar(1.0).sqrt();
    net.forward(x / shrink, levels.clone().log()) / levels
}

fn scaled(net: &ToyMlp, x: Tensor<2>, levels: &[f64], device: &Device) -> Tensor<2> {
    scaled_by(net, x, column(levels, device))
}

impl Denoise<Tensor<2>> for Score {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
        let score = scaled(&self.network, x.clone(), &vec![t; x.dims()[0]], &x.device());
        x.clone().axpby(1.0, t * t, &score)
    }
}

impl Student for Score {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let first = if self.annealed() { self.levels[0] } else { BROAD };
        let mut x = like.randn_like(rng).mul_scalar(first);
        // Few evaluations visit few levels, many stay longer at each; the last one is for the estimate of the data.
        let spare = evaluations.saturating_sub(1).max(1);
        let visited = self.levels.len().min(spare);
        let mut level = self.levels[0];
        for k in 0..visited {
            level = self.levels[k * (self.levels.len() - 1) / (visited - 1).max(1)];
            let dynamics = Langevin::new(STEP * level * level, 1, 1.0)?;
            for _ in 0..spare / visited + usize::from(k < spare % visited) {
                see(&x.clone().mul_scalar(1.0 / self.spread(level)));
                x = dynamics.run(self, x, level, rng);
            }
        }
        Ok(if evaluations > 1 { self.denoise(&x, level) } else { x })
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let level = if self.annealed() { level } else { SINGLE };
        diffusion::score(self, &x.mul_scalar(self.spread(level)), level)
    }
}
