//! The probability flow as an ODE: orders of its solvers, error control sample by sample, exact likelihoods.

mod adaptive;
mod densities;
mod fixed;
