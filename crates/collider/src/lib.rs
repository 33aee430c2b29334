//! Collider physics for generative models: jets, their four-vectors, substructure and files.
//!
//! | module | what it holds |
//! |---|---|
//! | [`jets`], [`class`] | jets as padded particle clouds, and the five classes of JetNet |
//! | [`fourvector`] | four-momenta, boosts, pT, rapidity, mass (of the crate `clustering`) |
//! | [`observables`], [`subjettiness`] | relative mass, girth, energy correlations, N-subjettiness |
//! | [`efp`] | energy-flow polynomials |
//! | [`zjets`] | Z -> mu mu plus jets: events, coordinates, encoding |
//! | [`features`] | jets as rows of numbers, for a classifier test |
//! | [`jetnet`] | JetNet's HDF5 layout: rows read and written in a stream |
//! | [`mod@file`] | the same stream into `.hdf5`, `.npz` or `.parquet`, whatever the ending says |

pub mod class;
pub mod efp;
pub mod encode;
pub mod error;
pub mod features;
pub mod file;
pub mod jetnet;
pub mod jets;
pub mod model;
pub mod networks;
pub mod observables;
pub mod subjettiness;
pub mod zjets;

pub use class::JetClass;
pub use clustering::fourvector;
pub use error::Error;
pub use jets::Jets;
