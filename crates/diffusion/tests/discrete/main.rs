//! Diffusion of categories, its bounds, and products of processes, against enumeration and exact models.

mod bounds;
mod kernels;
mod products;
