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
/// Noise at which it ends, unless the path ends before.
const MOST: f64 = 80.0;
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
