//! Scores `grad ln p_t`: dynamics that sample by them.

mod annealed;
mod langevin;

pub use annealed::AnnealedLangevin;
pub use langevin::Langevin;
