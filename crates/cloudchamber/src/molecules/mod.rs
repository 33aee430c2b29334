//! Generators of molecules in space: the domain "molecules".
//!
//! | module | |
//! |---|---|
//! | [`recipe`] | what a recipe of such a generator may say |
//! | [`data`] | molecules to learn from |
//! | [`encoding`] | between molecules and numbers |
//! | [`layout`] | the columns of these numbers |
//! | [`autoencoder`] | between those and latents, if diffusion is to act on these |
//! | [`train`] | a recipe in, a run directory out |
//! | [`model`] | the model file |
//! | [`generate`] | molecules out of a model |
//! | [`bound`] | what a model thinks of molecules it has not seen |
//! | [`judge`], [`shapes`] | generated against real molecules |
//! | [`page`], [`picture`] | that on one page, with pictures |
//!
//! Positions, elements and charges are noised together, positions without their centre ([`diffusion::Centred`]); the network is
//! E(n)-equivariant ([`nets::Egnn`]). Hoogeboom et al., arXiv:2203.17003.

pub mod autoencoder;
pub mod bound;
pub mod data;
pub mod encoding;
pub mod generate;
pub mod judge;
pub mod layout;
pub mod model;
pub mod page;
pub mod picture;
pub mod recipe;
pub mod shapes;
pub mod train;

mod denoiser;
pub(crate) mod question;
mod stage;

pub use encoding::MoleculeEncoding;
pub use model::MoleculeModel;
pub use recipe::MoleculeRecipe;

#[cfg(test)]
mod tests;
