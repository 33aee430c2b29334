//! Diffusion of categories, its bounds, and products of processes, against enumeration and exact models.

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod kernels;
mod products;
