//! Models that are known in closed form, on any path: what to test a sampler, an objective or a metric with.

mod gaussian;
mod mixture;

pub use gaussian::Gaussian;
pub use mixture::{Component, Mixture};
