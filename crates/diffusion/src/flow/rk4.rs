//! The classical Runge-Kutta method (Kutta 1901).

use super::RungeKutta;

impl RungeKutta {
    /// The classical method, order 4, four evaluations per step.
    pub const RK4: RungeKutta = RungeKutta {
        order: 4,
        nodes: &[0.0, 0.5, 0.5, 1.0],
        stages: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
        weights: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    };
}
