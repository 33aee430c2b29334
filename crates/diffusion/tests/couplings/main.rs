//! Couplings against brute force, sorting, duality and closed forms.

#[path = "../common/mod.rs"]
mod common;

mod assignments;
mod conditions;
mod floors;
mod interpolants;
mod plans;

use common::mean;
use diffusion::Rng;

/// `n` standard normal points in `dim` dimensions, row-major.
fn normals(seed: u64, n: usize, dim: usize) -> Vec<f64> {
    Rng::new(seed).normal_f64(n, dim)
}

fn is_permutation(order: &[usize]) -> bool {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    sorted == (0..order.len()).collect::<Vec<_>>()
}
