//! Molecules: what they are, their files, and the chemistry that judging generated ones needs.
//!
//! Coordinates are in Angstrom, charges in units of the elementary charge.

pub mod bonds;
mod conformers;
mod element;
pub mod files;
pub mod geometry;
mod graph;
mod molecule;
mod radii;
mod smiles;

pub use bonds::{BondTable, Stability};
pub use conformers::{Coverage, CoverageSummary, Symmetries, TooManySymmetries, superposed_distance2};
pub use element::Element;
pub use graph::{Atom, Edge, Graph, Invalid, Link};
pub use molecule::{Bond, BondOrder, Molecule};
pub use smiles::{Parsed, SmilesError};
