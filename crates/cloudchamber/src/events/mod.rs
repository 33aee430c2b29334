//! Generators of events as a chain of tables: the domain "zjets".
//!
//! | module | |
//! |---|---|
//! | [`recipe`] | what a recipe of such a generator may say |
//! | [`files`] | events from and to tables of any format |
//! | [`train`] | a recipe in, a run directory out |
//! | [`model`] | the model file |
//! | [`generate`] | events out of a model, tile by tile |
//! | [`judge`] | generated against true events, beside the statistical floor |
//! | [`likelihood`] | what a model thinks of events it has not seen |
//! | [`page`] | judgements as pages: one generator in full, or several side by side |
//!
//! The chain is that of arXiv:2305.10475: a network for the muons and the first jet, one for the second jet, one for the third
//! ([`collider::zjets`]).

pub mod files;
pub mod generate;
pub mod judge;
pub mod likelihood;
pub mod model;
pub mod page;
pub mod recipe;
pub mod train;

mod maker;
mod network;
mod rows;
mod stage;
mod tokens;

pub use model::EventModel;
pub use recipe::EventRecipe;
