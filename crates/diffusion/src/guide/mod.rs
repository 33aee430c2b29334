//! Guidance: a [`Denoise`](crate::Denoise) around other `Denoise`s, so that every guidance works with every sampler.

mod classifier;
mod extrapolate;
mod rescale;

pub use classifier::ClassifierGuided;
pub use extrapolate::{Extrapolate, Interval};
pub use rescale::Rescale;
