//! The probability-flow ODE `dx/dt = velocity(x, t)`: solvers in both directions of time, and exact likelihoods.
//!
//! Fixed steps: [`RungeKutta`], one file per tableau. Steps chosen by an error estimate, each sample its own:
//! [`DormandPrince`]. Densities: [`log_density`], [`sample_with_density`].
//!
//! Song et al., arXiv:2011.13456, section 4.3.

mod divergence;
mod dopri5;
mod dormand_prince;
mod heun;
mod kutta3;
mod likelihood;
mod midpoint;
mod per_row;
mod reverse_rows;
mod rk4;
mod runge_kutta;

pub use divergence::{ExactTrace, Hutchinson, Trace};
pub use dormand_prince::{DormandPrince, Solved};
pub use likelihood::{Likelihood, OdeSolver, log_density, sample_with_density};
pub use per_row::{DenoiseRows, JvpRows, PreconditionedRows, VjpRows, velocity_rows};
pub use runge_kutta::RungeKutta;
