//! Latent diffusion of molecules: an equivariant autoencoder, whose latent points and features diffusion learns in place of the molecule's own.
//!
//! | module | |
//! |---|---|
//! | [`section`] | what a recipe may say of it |
//! | [`batch`] | molecules as its networks see them, and the loss |
//! | [`kernel`] | its networks on the CPU |
//! | [`stage`] | what it learns |
//! | [`latents`] | latents as diffusion acts on them |
//! | [`coder`] | a trained one |
//! | [`reconstruction`] | how well molecules survive it, and how near it is to the identity |
//! | [`train`] | its training, the first stage of two |
//!
//! Xu, Powers, Dror, Ermon & Leskovec, Geometric latent diffusion models, arXiv:2305.01140.

pub mod batch;
pub mod coder;
pub mod kernel;
pub mod latents;
pub mod reconstruction;
pub mod section;
pub mod stage;
pub mod train;

pub use coder::Coder;
pub use latents::Latents;
pub use reconstruction::Reconstruction;
pub use section::AutoencoderSection;

#[cfg(test)]
mod tests;
