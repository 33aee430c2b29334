//! Columns of numbers, flat and jagged, in ROOT, Parquet, HDF5, NumPy and CSV files: read and written in a stream.
//!
//! | module | |
//! |---|---|
//! | [`Schema`], [`Column`], [`Element`], [`Shape`] | what the columns are called and hold |
//! | [`Block`], [`Data`], [`Values`] | some rows of all columns |
//! | [`TableReader`] | rows of a file, whose format its first bytes tell |
//! | [`TableWriter`] | a file being written, whose ending names its format |
//! | [`root`] | TTrees, flat and jagged |
//! | [`parquet`] | scalars and lists |
//! | [`hdf5`] | datasets, and frames of pandas; a streaming writer |
//! | [`npz`] | archives of NumPy arrays; a streaming writer |
//! | [`csv`] | text, plain or gzipped |
//! | [`AtomicFile`] | a file that appears complete or not at all |
//!
//! ```
//! use std::sync::Arc;
//! use tables::{Block, Column, Data, Element, Schema, TableReader, TableWriter};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("events.root");
//!
//! // Two events: one with three jets, one without any.
//! let schema = Schema::new(vec![Column::scalar("weight", Element::F64), Column::jagged("Jet_pt", Element::F32)])?;
//! let weight = Data::flat(vec![1.0, 0.5]);
//! let jets = Data::jagged(&[vec![120f32, 60.0, 31.5], vec![]]);
//! let block = Block::new(Arc::new(schema.clone()), 2, vec![weight, jets])?;
//! let mut file = TableWriter::create(&path, schema, &[("generator".into(), "Pythia 8".into())])?;
//! file.write(&block)?;
//! file.finish()?;
//!
//! let mut file = TableReader::open(&path)?.select(&["weight", "Jet_pt"])?;
//! assert_eq!(file.rows(), 2);
//! while let Some(block) = file.next_block(10_000)? {
//!     assert_eq!(block.numbers::<f32>("Jet_pt")?, [120.0, 60.0, 31.5]);
//!     assert_eq!(block.place(1, 0), 0..3); // where event 0 has its numbers
//! }
//! # Ok::<(), tables::Error>(())
//! ```
//!
//! Memory is constant, whatever the size of a file: a basket, row group step or chunk per column and the rows that were asked
//! for. Nothing is converted silently: [`Block::numbers`] refuses what another type cannot hold exactly, [`Block::rounded`] rounds
//! to single precision.

mod arrays;
mod block;
mod convert;
pub mod csv;
mod error;
pub mod hdf5;
pub mod npz;
pub mod parquet;
mod reader;
pub mod root;
mod schema;
mod values;
mod writer;

pub use ::atomic::AtomicFile;
pub use block::{Block, Data};
pub use error::{Error, Result};
pub use reader::{Format, Skipped, TableReader};
pub use schema::{Column, Element, Schema, Shape};
pub use values::{Number, Values};
pub use writer::TableWriter;
