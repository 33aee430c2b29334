//! Conformers of given molecules: scores of distances chained to positions (ConfGF, Shi, Luo, Xu & Tang, arXiv:2105.03902).
//!
//! | module | |
//! |---|---|
//! | [`data`] | molecules with their conformers, from Parquet |
//! | [`objective`] | denoising score matching of distances |
//! | [`field`] | the score of positions, and annealed Langevin dynamics on it |
//! | [`judge`] | coverage and matching of generated conformers |

pub mod data;
pub mod field;
pub mod judge;
pub mod objective;
#[cfg(test)]
mod tests;

pub use data::Ensemble;
pub use field::{Annealing, ConformerField};
pub use objective::DistanceMatching;

/// Kinds of atoms that a network knows: one for each atomic number below this, and 0 for all above.
pub const ATOM_KINDS: usize = 100;
