//! The midpoint method (Runge 1895): an Euler half step, then a full step with the slope found there.

use super::RungeKutta;

impl RungeKutta {
    /// The midpoint method, order 2, two evaluations per step.
    pub const MIDPOINT: RungeKutta =
        RungeKutta { order: 2, nodes: &[0.0, 0.5], stages: &[&[], &[0.5]], weights: &[0.0, 1.0] };
}
