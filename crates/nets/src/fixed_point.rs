//! Fixed points `z = f(z)` of a batch by Anderson's iteration. With residuals `g_i = f(z_i) - z_i` of the last `m` iterates:
//!
//! 1. `a = argmin |sum_i a_i g_i|^2` with `sum_i a_i = 1`
//! 2. `z <- sum_i a_i (z_i + damping g_i)`
//!
//! Walker & Ni, SIAM J. Numer. Anal. 49 (2011) 1715, algorithm AA. `memory = 1` is damped iteration. Every sample has its
//! own `a` and stops on its own: its solution does not depend on the batch it is in.

use std::collections::VecDeque;

use burn::tensor::{Device, Tensor, TensorData};

use crate::Error;

/// How, and how well, to solve `z = f(z)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedPoint {
    /// A sample is solved when `|f(z) - z| <= tolerance |f(z)|`; single precision reaches about 1e-6.
    pub tolerance: f64,
    /// Evaluations of `f` after which to give up.
    pub iterations: usize,
    /// Iterates that are combined, at least 1.
    pub memory: usize,
    /// Share of the residual that is added, in (0, 1].
    pub damping: f64,
}

/// Tolerance 1e-5, 100 iterations, five iterates, no damping.
impl Default for FixedPoint {
    fn default() -> Self {
        FixedPoint { tolerance: 1e-5, iterations: 100, memory: 5, damping: 1.0 }
    }
}

/// An iterate after the function: `z + damping g` on the device, `g` on the host.
struct Iterate {
    moved: Tensor<2>,
    residual: Vec<f64>,
}

impl FixedPoint {
    /// The fixed point of each sample, `[B, W]`, from `start`; `f` treats samples independently.
    ///
    /// # Errors
    /// [`Error::NotConverged`] if a sample is not solved after the allowed iterations, or not finite.
    pub fn solve(&self, f: impl Fn(Tensor<2>) -> Tensor<2>, start: Tensor<2>) -> Result<Tensor<2>, Error> {
        let [rows, width] = start.dims();
        let mut z = start;
        let mut active = vec![true; rows];
        let mut history: VecDeque<Iterate> = VecDeque::new();
        let mut worst = f64::INFINITY;
        for _ in 0..self.iterations {
            let value = f(z.clone());
            let difference = value - z.clone();
            let residual: Vec<f64> = difference.to_data().iter::<f64>().collect();
            let state: Vec<f64> = z.to_data().iter::<f64>().collect();
            worst = 0.0;
            for (r, active) in active.iter_mut().enumerate().filter(|(_, active)| **active) {
                let range = r * width..(r + 1) * width;
                let size = norm(residual[range.clone()].iter().copied());
                let scale = norm(state[range.clone()].iter().zip(&residual[range]).map(|(z, g)| z + g));
                if size <= self.tolerance * scale {
                    *active = false;
                } else {
                    let relative = size / scale;
                    worst = if relative > worst || relative.is_nan() { relative } else { worst };
                }
            }
            if active.iter().all(|active| !active) {
                return Ok(z);
            }
            if history.len() == self.memory.max(1) {
                history.pop_front();
            }
            history.push_back(Iterate { moved: z.clone() + difference.mul_scalar(self.damping), residual });
            z = combine(&history, z, &active);
        }
        Err(Error::NotConverged { iterations: self.iterations, residual: worst, tolerance: self.tolerance })
    }
}

/// The next iterate; samples that are solved stay as they are.
fn combine(history: &VecDeque<Iterate>, z: Tensor<2>, active: &[bool]) -> Tensor<2> {
    let ([rows, width], device) = (z.dims(), z.device());
    let shares: Vec<Vec<f64>> = (0..rows)
        .map(|r| {
            let residuals: Vec<&[f64]> = history.iter().map(|h| &h.residual[r * width..(r + 1) * width]).collect();
            shares(&residuals)
        })
        .collect();
    let keep = column(active.iter().map(|active| f64::from(u8::from(!active))), &device);
    history.iter().enumerate().fold(z * keep, |sum, (i, iterate)| {
        let share = shares.iter().zip(active).map(|(a, active)| if *active { a[i] } else { 0.0 });
        sum + iterate.moved.clone() * column(share, &device)
    })
}

/// The `a` of equation 1: proportional to `G^-1 1` with the Gram matrix `G` of the residuals, by Cholesky's decomposition.
///
/// Nearly parallel residuals make `G` singular: a small multiple of its diagonal is added.
fn shares(residuals: &[&[f64]]) -> Vec<f64> {
    let m = residuals.len();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut l = vec![vec![0.0; m]; m];
    for i in 0..m {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let entry = dot(residuals[i], residuals[j]);
            l[i][j] = if i == j { (entry * (1.0 + 1e-9) - known).sqrt() } else { (entry - known) / l[j][j] };
        }
    }
    let mut a = vec![1.0; m];
    for i in 0..m {
        let known: f64 = (0..i).map(|k| l[i][k] * a[k]).sum();
        a[i] = (a[i] - known) / l[i][i];
    }
    for i in (0..m).rev() {
        let known: f64 = (i + 1..m).map(|k| l[k][i] * a[k]).sum();
        a[i] = (a[i] - known) / l[i][i];
    }
    let total: f64 = a.iter().sum();
    let latest_alone = || (0..m).map(|i| f64::from(u8::from(i + 1 == m))).collect();
    let shares: Vec<f64> = a.iter().map(|a| a / total).collect();
    if shares.iter().all(|a| a.abs() < 1e4) { shares } else { latest_alone() }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

fn column(values: impl Iterator<Item = f64>, device: &Device) -> Tensor<2> {
    let values: Vec<f32> = values.map(|v| v as f32).collect();
    let rows = values.len();
    Tensor::from_data(TensorData::new(values, [rows, 1]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f(z) = A z + b` with a different `A` for each of three samples; the last one expands.
    fn affine(rates: &[f32]) -> impl Fn(Tensor<2>) -> Tensor<2> + use<> {
        let rows = rates.len();
        let rates = Tensor::<2>::from_data(TensorData::new(rates.to_vec(), [rows, 1]), &Device::flex());
        move |z: Tensor<2>| z.flip([1]) * rates.clone() + 1.0
    }

    #[test]
    fn both_iterations_find_the_fixed_point_and_anderson_needs_fewer_evaluations() {
        // z = r z + 1 in both coordinates: z = 1/(1 - r).
        let (device, rates) = (Device::flex(), [0.9f32, -0.5]);
        let start = Tensor::<2>::from_data([[3.0, -1.0], [0.0, 2.0]], &device);
        for (memory, iterations) in [(1, 140), (5, 8)] {
            let solver = FixedPoint { memory, iterations, tolerance: 1e-6, ..FixedPoint::default() };
            let z: Vec<f32> = solver.solve(affine(&rates), start.clone()).unwrap().into_data().try_to_vec().unwrap();
            for (row, rate) in z.chunks(2).zip(rates) {
                assert!(row.iter().all(|z| (z - 1.0 / (1.0 - rate)).abs() < 2e-4), "{memory}: {z:?}");
            }
        }
    }

    #[test]
    fn anderson_solves_where_plain_iteration_diverges_and_failure_is_told() {
        let start = Tensor::<2>::from_data([[3.0, -1.0]], &Device::flex());
        let plain = FixedPoint { memory: 1, ..FixedPoint::default() };
        let refused = plain.solve(affine(&[-1.5]), start.clone()).unwrap_err();
        assert!(
            matches!(refused, Error::NotConverged { iterations: 100, residual, .. } if residual > 0.1 || residual.is_nan())
        );
        let z: Vec<f32> =
            FixedPoint::default().solve(affine(&[-1.5]), start).unwrap().into_data().try_to_vec().unwrap();
        assert!(z.iter().all(|z| (z - 0.4).abs() < 1e-4), "{z:?}");
    }

    #[test]
    fn a_sample_is_solved_alike_in_every_batch() {
        let device = Device::flex();
        let start = Tensor::<2>::from_data([[3.0, -1.0], [0.5, 2.0], [1.0, 1.5]], &device);
        let solver = FixedPoint::default();
        let f = |rates: &[f32]| {
            let g = affine(rates);
            move |z: Tensor<2>| g(z.clone()).tanh() + z.mul_scalar(0.2)
        };
        let whole = solver.solve(f(&[0.9, -0.3, 0.5]), start.clone()).unwrap().narrow(0, 1, 1);
        let alone = solver.solve(f(&[-0.3]), start.narrow(0, 1, 1)).unwrap();
        assert_eq!(whole.into_data().try_to_vec::<f32>(), alone.into_data().try_to_vec::<f32>());
    }
}
