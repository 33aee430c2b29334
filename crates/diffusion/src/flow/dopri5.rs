//! Dormand & Prince's fifth-order method, with fixed steps here and with error control in
//! [`DormandPrince`](super::DormandPrince).
//!
//! Dormand & Prince, A family of embedded Runge-Kutta formulae, J. Comp. Appl. Math. 6 (1980) 19, table 2.

use super::RungeKutta;

impl RungeKutta {
    /// Dormand and Prince's method, order 5, six evaluations per step.
    pub const DOPRI5: RungeKutta = RungeKutta {
        order: 5,
        nodes: &[0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0],
        stages: &[
            &[],
            &[0.2],
            &[3.0 / 40.0, 9.0 / 40.0],
            &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
            &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
            &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
        ],
        weights: &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
    };
}

/// Weights of the six slopes and of the slope at the end in the difference of the solutions of orders 5 and 4.
pub(super) const ERROR: [f64; 7] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0];
