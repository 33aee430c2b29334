//! What the probability flow of a denoiser does to densities, exactly:
//!
//! `tr dD/dx = d skip + out input tr dF/du`, from `D = skip x + out F(input x, level)` in `d` dimensions, by one tangent per coordinate.
//!
//! Song et al., arXiv:2011.13456, section 4.3.

use burn::tensor::Tensor;
use diffusion::flow::{OdeSolver, RungeKutta};
use diffusion::{AnyPath, Batch, Grid, Path, Precond, Rows, Target};
use nets::Dual;

use crate::Error;

/// Noise at which the flow starts, in units of the data's spread: the density is that of data with so much noise.
const LEAST: f64 = 0.005;
/// Noise at which it ends, unless the path ends before; data of unit spread are 1/20² of its variance.
const MOST: f64 = 20.0;
/// Exponent of the grid in `sigma/alpha`.
const RHO: f64 = 7.0;

/// The estimates of the data `[B, d]` at states `x` `[B, d]` and the times `t`, and the traces of their derivatives; `network` takes
/// the scaled states and the noise levels `[B, 1]`.
pub fn trace(
    target: Target,
    path: &AnyPath,
    x: &Tensor<2>,
    t: &[f64],
    network: &dyn Fn(Dual<2>, Tensor<2>) -> Dual<2>,
) -> (Tensor<2>, Vec<f64>) {
    let [rows, dimensions] = x.dims();
    let read: Vec<Precond> = t.iter().map(|t| target.row(path.at(*t))).collect();
    let of = |number: fn(&Precond) -> f64| read.iter().map(number).collect::<Vec<f64>>();
    let input = x.clone().axpby_rows(&of(|row| row.input), &vec![0.0; t.len()], x);
    let levels: Vec<f32> = read.iter().map(|row| row.noise as f32).collect();
    let levels = Tensor::<1>::from_floats(levels.as_slice(), &x.device()).reshape([rows, 1]);
    let mut total: Vec<f64> = read.iter().map(|row| dimensions as f64 * row.skip).collect();
    let mut output = x.clone();
    for j in 0..dimensions {
        let unit = x.unit(j);
        let (value, change) = network(Dual::new(input.clone(), unit.clone()), levels.clone()).parts();
        let terms = unit.dot(&change).into_iter().zip(&read);
        total.iter_mut().zip(terms).for_each(|(sum, (term, row))| *sum += row.out * row.input * term);
        output = value;
    }
    (output.axpby_rows(&of(|row| row.out), &of(|row| row.skip), x), total)
}

/// A method from the least noise to the most, with about `evaluations` of the network, at least one step.
///
/// # Errors
/// A grid that the path does not have.
pub fn solver(path: &AnyPath, method: RungeKutta, evaluations: usize) -> Result<OdeSolver, Error> {
    let (start, end) = path.span();
    let noise = |t: f64| (-path.at(t).lambda()).exp();
    let times = (evaluations / method.evaluations()).max(1) + 1;
    let grid = Grid::karras(path, noise(start).max(LEAST), noise(end).min(MOST), RHO, times)?;
    Ok(OdeSolver::Fixed { method, grid })
}
