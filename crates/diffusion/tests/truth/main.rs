//! The crate against closed forms: exact models, orders of convergence, finite differences, identities between paths.

#[path = "../common/ring.rs"]
mod ring;

mod ddpm;
mod derivatives;
mod floors;
mod guidance;
mod orders;
mod paths;
mod precond;
mod requests;
mod tensors;
mod wasserstein;
