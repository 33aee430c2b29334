//! The density that a denoiser's probability flow gives to points.

use burn::tensor::Tensor;
use diffusion::Path;
use diffusion::flow::{RungeKutta, Trace, log_density};

use super::denoiser::{Denoiser, told};
use crate::Error;
use crate::trace::{solver, trace};

impl Trace<Tensor<2>> for Denoiser {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn trace(&self, x: &Tensor<2>, t: &[f64], _: &[usize]) -> (Tensor<2>, Vec<f64>) {
        trace(self.target, &self.path, x, t, &|input, level| self.network.jvp(input, told(self.target, level).into()))
    }
}

/// `ln p` of each of the standardised points `[N, 2]` in nats, with about `evaluations` of the network (an even number, at least two).
///
/// # Errors
/// A grid that the path does not have.
pub fn log_densities(model: &Denoiser, evaluations: usize, data: Tensor<2>) -> Result<Vec<f64>, Error> {
    Ok(log_density(model, &solver(&model.path, RungeKutta::HEUN, evaluations)?, data)?.log_density)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use diffusion::{Batch, Rng, Rows};

    use super::super::recipe::LabRecipe;
    use super::super::standard::{Standard, rows};
    use super::super::student::Lesson;
    use super::super::{Target, Trained};
    use super::*;
    use crate::recipe::{ObjectiveSection, PathSection, TargetKind};

    /// Hardly trained: any field at all must give a density.
    fn recipes() -> Vec<LabRecipe> {
        let mut made = Vec::new();
        for (path, target) in [
            (PathSection::Linear {}, TargetKind::Velocity),
            (PathSection::Cosine {}, TargetKind::V),
            (PathSection::Edm { sigma_min: 0.002, sigma_max: 80.0 }, TargetKind::Edm),
        ] {
            let objective = ObjectiveSection { target, ..ObjectiveSection::default() };
            let mut recipe = LabRecipe { path, objective, ..LabRecipe::default() };
            (recipe.train.steps, recipe.train.batch, recipe.train.ema, recipe.train.learning_rate) = (5, 32, 0.0, 0.05);
            recipe.network.width = 24;
            made.push(recipe);
        }
        made
    }

    #[test]
    fn densities_of_untrained_networks_integrate_to_one() {
        for recipe in recipes() {
            let model = Trained::new(&recipe, &Target::Rings, None).unwrap();
            // Midpoints of 48 x 48 cells of a window of many spreads: sums of smooth functions that vanish at its edge.
            let (n, side) = (48, 14.0);
            let at = |i: usize| -side + 2.0 * side * (i as f64 + 0.5) / n as f64;
            let points: Vec<_> = (0..n * n).map(|k| [at(k % n), at(k / n)]).collect();
            let logs = model.log_densities(120, &points).unwrap().unwrap();
            let cell = (2.0 * side / n as f64).powi(2);
            let sum = logs.iter().map(|l| l.exp()).sum::<f64>() * cell;
            // Heun's steps leave about 60^-2 of the change of ln p, a few nats.
            assert!((sum - 1.0).abs() < 0.01, "{:?}: {sum}", recipe.objective.target);
        }
    }

    #[test]
    fn the_trace_is_the_divergence_of_the_estimate() {
        for recipe in recipes() {
            let (target, device) = (Target::Rings, Device::flex());
            let standard = Standard::of(&target, &mut Rng::new(1));
            let lesson = Lesson { recipe: &recipe, target: &target, standard, teacher: None, device: device.clone() };
            let model = Denoiser::train(&lesson).unwrap();
            let x = standard.tensor(&[[1.0, -2.0], [0.3, 4.0], [-3.0, 0.1]], &device);
            let t = [0.2, 0.5, 0.8];
            let (estimate, traces) = model.trace(&x, &t, &[]);
            assert_eq!(rows(&estimate), rows(&model.estimates(&x, &t)));
            let h = 1e-2;
            for (i, found) in traces.iter().enumerate() {
                let of = |j: usize, h: f64| {
                    rows(&model.estimates(&x.clone().axpby_rows(&[1.0; 3], &[h; 3], &x.unit(j)), &t))[i][j]
                };
                let difference: f64 = (0..2).map(|j| (of(j, h) - of(j, -h)) / (2.0 * h)).sum();
                // Single precision over the step: 1e-7 / 1e-2, and h² of third derivatives.
                assert!((found - difference).abs() < 2e-3 * (1.0 + difference.abs()), "{found} {difference}");
            }
        }
    }
}
