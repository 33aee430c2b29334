//! Models that are known in closed form, on any path: what to test a sampler, an objective or a metric with.

mod categorical;
mod full_mixture;
mod gaussian;
mod mixture;
mod posterior;
mod seen;
mod typed_points;

pub use categorical::Factorised;
pub use full_mixture::{FullComponent, FullMixture};
pub use gaussian::Gaussian;
pub use mixture::{Component, Mixture};
pub use typed_points::{PointType, TypedPoints};
