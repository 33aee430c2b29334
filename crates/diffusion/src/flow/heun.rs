//! Heun's method (1900) as a tableau, for integration in both directions; as a sampler it is [`Heun`](crate::Heun).

use super::RungeKutta;

impl RungeKutta {
    /// Heun's method, order 2, two evaluations per step.
    pub const HEUN: RungeKutta =
        RungeKutta { order: 2, nodes: &[0.0, 1.0], stages: &[&[], &[1.0]], weights: &[0.5, 0.5] };
}
