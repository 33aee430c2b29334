//! Diffusion of categories: tokens that are replaced at random, by any class (uniform) or by a mask (absorbing).
//!
//! [`Categorical`] is the process, [`Schedule`] how fast it forgets, [`elbo`] and [`masked_elbo`] bound the likelihood.
//!
//! Austin et al., Structured denoising diffusion models in discrete state-spaces (D3PM), arXiv:2107.03006; Sahoo et al.,
//! Simple and effective masked diffusion language models (MDLM), arXiv:2406.07524.

mod categorical;
mod elbo;
mod schedule;
mod tokens;

pub use categorical::{Categorical, Replacement};
pub use elbo::{elbo, masked_elbo};
pub use schedule::Schedule;
pub use tokens::{Probabilities, Tokens, pick};
