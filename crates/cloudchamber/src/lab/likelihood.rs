//! The density that a denoiser's probability flow gives to points, with the exact divergence:
//!
//! `tr dD/dx = 2 skip + out input tr dF/du`, from `D = skip x + out F(input x, level)`, by one tangent per coordinate.
//!
//! Song et al., arXiv:2011.13456, section 4.3.

use burn::tensor::Tensor;
use diffusion::flow::{OdeSolver, RungeKutta, Trace, log_density};
use diffusion::{Batch, Grid, Path, Precond, Rows};
use nets::Dual;

use super::denoiser::{Denoiser, told};
use super::standard::column;
use crate::Error;

/// Noise at which the flow starts, in units of the data's spread: the density is that of data with so much noise.
const LEAST: f64 = 0.005;
/// Noise at which it ends, unless the path ends before; data of unit spread are 1/20² of its variance.
const MOST: f64 = 20.0;
/// Exponent of the grid in `sigma/alpha`.
const RHO: f64 = 7.0;

impl Trace<Tensor<2>> for Denoiser {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn trace(&self, x: &Tensor<2>, t: &[f64], _: &[usize]) -> (Tensor<2>, Vec<f64>) {
        let read: Vec<Precond> = t.iter().map(|t| self.target.row(self.path.at(*t))).collect();
        let of = |number: fn(&Precond) -> f64| read.iter().map(number).collect::<Vec<f64>>();
        let input = x.clone().axpby_rows(&of(|row| row.input), &vec![0.0; t.len()], x);
        let level = told(self.target, column(&of(|row| row.noise), &x.device()));
        let mut total: Vec<f64> = read.iter().map(|row| 2.0 * row.skip).collect();
        let mut output = None;
        for j in 0..2 {
            let unit = x.unit(j);
            let (value, change) =
                self.network.jvp(Dual::new(input.clone(), unit.clone()), level.clone().into()).parts();
            let terms = unit.dot(&change).into_iter().zip(&read);
            total.iter_mut().zip(terms).for_each(|(sum, (term, row))| *sum += row.out * row.input * term);
            output = Some(value);
        }
        let output = output.expect("a plane has coordinates");
        (output.axpby_rows(&of(|row| row.out), &of(|row| row.skip), x), total)
    }
}

/// `ln p` of each of the standardised points `[N, 2]` in nats, with about `evaluations` of the network (an even number, at least two).
///
/// # Errors
/// A grid that the path does not have.
pub fn log_densities(model: &Denoiser, evaluations: usize, data: Tensor<2>) -> Result<Vec<f64>, Error> {
    let (start, end) = model.path.span();
    let noise = |t: f64| (-model.path.at(t).lambda()).exp();
    let method = RungeKutta::HEUN;
    let times = (evaluations / method.evaluations()).max(1) + 1;
    let grid = Grid::karras(&model.path, noise(start).max(LEAST), noise(end).min(MOST), RHO, times)?;
    Ok(log_density(model, &OdeSolver::Fixed { method, grid }, data)?.log_density)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use diffusion::Rng;

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
