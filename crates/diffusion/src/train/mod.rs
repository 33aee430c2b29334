//! Training: an objective is four independent choices (path, target, weight, times) and a coupling of data and noise.

mod coupling;
mod ema;
mod objective;
mod posthoc_ema;
mod range_losses;
mod regression;
mod times;
mod vlb;
mod weight;

pub use coupling::Coupling;
pub use ema::Ema;
pub use objective::{Drawn, Objective};
pub use posthoc_ema::{PowerEma, Profile, posthoc_average, posthoc_factors};
pub use range_losses::range_losses;
pub use regression::{HostRegression, Regression, regression};
pub use times::{Times, normal_quantile};
pub use vlb::{Bound, Decoder, ReverseVariance, decoder_term, prior_term, step_term, vlb};
pub use weight::Weight;
