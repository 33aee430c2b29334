//! From jets to tensors and back: the encoding is fitted on training jets and travels inside the model file.
//!
//! | part | what it maps |
//! |---|---|
//! | [`Quantile`] | one quantity to a standard normal, monotonically |
//! | [`JetLevel`] | eight jet-level quantities, class by class |
//! | [`ParticleScale`] | (etarel, phirel, ptrel) to three numbers of zero mean and unit spread |
//! | [`RankCalibration`] | a network's codes to ones with the training jets' one-dimensional distributions |
//! | [`Closure`] | the generated cloud onto its jet-level quantities (sum of ptrel, mass, centre) |
//!
//! Encode and decode are inverse to each other.

mod closure;
mod encoding;
mod jet_level;
mod particle;
mod quantile;
mod rank;

pub use closure::Closure;
pub use encoding::{Encoding, Row};
pub use jet_level::{JetLevel, QUANTITIES, quantities};
pub use particle::ParticleScale;
pub use quantile::Quantile;
pub use rank::RankCalibration;
