//! Reflow: noise paired with what a trained flow makes of it.
//!
//! A model trained on such pairs has the same marginals and a transport cost no larger, for every convex cost, and its
//! flow is straighter: a fixed point is exact in one Euler step. Liu, Gong & Liu, arXiv:2209.03003, algorithm 1, theorem 3.5.

use crate::{Denoise, Grid, Rng, Sampler, Space};

/// New pairs `(data, noise)` from a trained model: `data` is where a deterministic `sampler` carries
/// `sigma noise` from the first time of `grid`. Row `r` is keyed by sample `rng.first + r`, so pairs depend on no batch.
pub fn reflow<X: Space>(model: &dyn Denoise<X>, sampler: &Sampler, grid: &Grid, like: &X, rng: &mut Rng) -> (X, X) {
    let noise = like.randn_like(rng);
    let start = noise.clone().scale(model.path().at(grid.times()[0]).sigma);
    (sampler.run(model, grid, start, rng, &mut |_| {}).x, noise)
}
