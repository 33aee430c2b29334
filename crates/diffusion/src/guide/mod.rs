//! Guidance: a [`Denoise`](crate::Denoise) around other `Denoise`s, so that every guidance works with every sampler.

mod extrapolate;

pub use extrapolate::{Extrapolate, Interval};
