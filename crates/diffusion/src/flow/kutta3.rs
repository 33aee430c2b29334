//! Kutta's third-order method (1901): Simpson's rule on the slopes.

use super::RungeKutta;

impl RungeKutta {
    /// Kutta's method, order 3, three evaluations per step.
    pub const KUTTA3: RungeKutta = RungeKutta {
        order: 3,
        nodes: &[0.0, 0.5, 1.0],
        stages: &[&[], &[0.5], &[-1.0, 2.0]],
        weights: &[1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0],
    };
}
