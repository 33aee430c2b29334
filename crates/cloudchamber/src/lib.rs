//! Train, sample and judge diffusion and flow models of collider jets, as particle clouds: the program `chamber` and what it is made of.
//!
//! | module | what it holds |
//! |---|---|
//! | [`recipe`] | one TOML file that says what to train, checked key by key |
//! | [`train`] | the training loop: a recipe in, a run directory out |
//! | [`model`], [`sample`] | a trained model as one file, and jets from it in a stream |
//! | [`events`] | generators of whole events: Z plus jets |
//! | [`molecules`] | generators of molecules in space |
//! | [`conformers`] | conformers of given molecules |
//! | [`simulate`] | Pythia in child processes, jets and tables out of its events |
//! | [`evaluate`] | all metrics of the JetNet protocol, each beside its floor |
//! | [`convert`] | between event records, tables and files of jets |
//! | [`report`] | one self-contained HTML page |
//! | [`draw`] | molecules as pictures |
//! | [`mod@bench`] | how fast, beside the limits of the machine |
//! | [`cli`] | the command line |
//! | [`runlog`], [`tensorboard`], [`progress`] | what a run leaves behind, and what it says meanwhile |
//!
//! The crates below are re-exported: [`diffusion`], [`nets`], [`metrics`], [`collider`], [`matter`], [`records`], [`tables`].

pub mod atomic;
pub mod bench;
pub mod cli;
pub mod conformers;
pub mod convert;
pub mod device;
pub mod draw;
pub mod error;
pub mod evaluate;
pub mod events;
pub mod home;
pub mod interrupt;
pub mod lab;
pub mod model;
pub mod model_domain;
pub mod molecules;
mod plot;
pub mod progress;
pub mod recipe;
pub mod report;
pub mod runlog;
pub mod sample;
pub mod simulate;
pub mod suggest;
pub mod tensorboard;
pub mod tensors;
mod trace;
pub mod train;
pub mod ui;

pub use collider;
pub use diffusion;
pub use error::Error;
pub use kernels;
pub use matter;
pub use metrics;
pub use nets;
pub use records;
pub use tables;
