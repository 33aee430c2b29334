//! Models that are known in closed form, on any path: what to test a sampler, an objective or a metric with.

mod full_mixture;
mod gaussian;
mod mixture;
mod posterior;

pub use full_mixture::{FullComponent, FullMixture};
pub use gaussian::Gaussian;
pub use mixture::{Component, Mixture};
