//! Data on curved spaces: torsion angles, fractional coordinates, directions.
//!
//! A [`Manifold`] gives the exponential map, its inverse and the tangent projection of one point. On it
//!
//! 1. Riemannian flow matching ([`flow_matching`], [`integrate`]): geodesics in place of straight lines
//! 2. the heat flow of the torus ([`WrappedNormal`], [`TorusStep`]): diffusion by wrapped normal noise
//!
//! Points are slices of f64 on the host; [`flow_matching_rows`] does the same for a batch of a network.
//! Chen & Lipman, arXiv:2302.03660; Jing et al., arXiv:2206.01729; Jiao et al., arXiv:2309.04475.

mod flow;
mod sphere;
mod torus;
mod wrapped_mixture;
mod wrapped_normal;

pub use flow::{Geodesic, flow_matching, flow_matching_rows, integrate};
pub use sphere::Sphere;
pub use torus::{Torus, TorusStep};
pub use wrapped_mixture::{Wrapped, WrappedMixture};
pub use wrapped_normal::WrappedNormal;

use crate::Rng;
use crate::vector::norm;

/// A manifold in the space that its points are written in.
pub trait Manifold {
    /// Numbers per point.
    fn width(&self) -> usize;

    /// The end of the geodesic that leaves `x` with velocity `v` and takes unit time.
    fn exp(&self, x: &[f64], v: &[f64]) -> Vec<f64>;

    /// The velocity of the shortest geodesic from `x` to `y`, `exp(x, log(x, y)) = y`; one of them where there are several.
    fn log(&self, x: &[f64], y: &[f64]) -> Vec<f64>;

    /// The part of `v` that is tangent at `x`: what a network's output is put through.
    fn project(&self, x: &[f64], v: &[f64]) -> Vec<f64>;

    /// The tangent vector `v` at `x`, carried in parallel along the shortest geodesic to `y`.
    fn transport(&self, x: &[f64], y: &[f64], v: &[f64]) -> Vec<f64>;

    /// Uniform noise for the samples `rng.first .. rng.first + rows`, row-major; uses up one draw.
    fn uniform(&self, rng: &mut Rng, rows: usize) -> Vec<f64>;

    /// Length of the shortest geodesic from `x` to `y`.
    fn distance(&self, x: &[f64], y: &[f64]) -> f64 {
        norm(&self.log(x, y))
    }
}

/// `a x + b y`.
fn combine(a: f64, x: &[f64], b: f64, y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| a * x + b * y).collect()
}
