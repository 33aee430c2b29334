//! Conformers of given molecules: atoms pulled along their pairs by a network that sees distances and the molecular graph, after ConfGF
//! (Shi, Luo, Xu & Tang, arXiv:2105.03902), whose own objective and sampler are here, too.
//!
//! | module | |
//! |---|---|
//! | [`data`] | molecules with their conformers, from Parquet or SDF |
//! | [`recipe`], [`train`], [`model`] | what is learned, learning it, the file that comes out |
//! | [`description`], [`positions`], [`denoiser`] | noise on positions: the equivariant network, its objective, the model that samplers ask |
//! | [`distances`], [`field`] | noise on distances as published: the network of distances, its objective, the same |
//! | [`generate`], [`distinct`] | conformers of a molecule, or only those that differ |
//! | [`judge`] | coverage and matching of generated conformers |
//! | [`page`], [`coverage`] | that on one page, with pictures |

pub mod coverage;
pub mod data;
pub mod denoiser;
pub mod description;
pub mod distances;
pub mod distinct;
pub mod field;
pub mod generate;
pub mod judge;
pub mod model;
pub mod page;
pub mod positions;
pub mod recipe;
#[cfg(test)]
mod tests;
pub mod train;

pub use data::Ensemble;
pub use model::ConformerModel;
pub use recipe::ConformerRecipe;

/// Kinds of atoms that a network knows: one for each atomic number below this, and 0 for all above.
pub const ATOM_KINDS: usize = 100;

/// Kind of a pair of atoms more than three bonds apart.
pub const FAR: usize = 6;
