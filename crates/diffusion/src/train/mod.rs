//! Training: an objective is four independent choices (path, target, weight, times) and a coupling of data and noise.

mod coupling;
mod ema;
mod objective;
mod regression;
mod times;
mod weight;

pub use coupling::Coupling;
pub use ema::Ema;
pub use objective::{Drawn, Objective};
pub use regression::{Regression, regression};
pub use times::Times;
pub use weight::Weight;
