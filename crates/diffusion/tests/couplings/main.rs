//! Couplings against brute force, sorting, duality and closed forms.

mod assignments;
mod conditions;
mod floors;
mod interpolants;
mod plans;

use diffusion::Rng;

/// `n` standard normal points in `dim` dimensions, row-major.
fn normals(seed: u64, n: usize, dim: usize) -> Vec<f64> {
    Rng::new(seed).normal_f64(n, dim)
}

/// Mean and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, (variance / n).sqrt())
}

fn is_permutation(order: &[usize]) -> bool {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    sorted == (0..order.len()).collect::<Vec<_>>()
}
