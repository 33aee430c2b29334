//! Models that are known in closed form, on any path: what to test a sampler, an objective or a metric with.

mod categorical;
mod gaussian;
mod mixture;
mod typed_points;

pub use categorical::Factorised;
pub use gaussian::Gaussian;
pub use mixture::{Component, Mixture};
pub use typed_points::{PointType, TypedPoints};
