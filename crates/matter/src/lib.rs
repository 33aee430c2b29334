//! Molecules: what they are, their files, and the chemistry that judging generated ones needs.
//!
//! Coordinates are in Angstrom, charges in units of the elementary charge.

pub mod bonds;
mod element;
pub mod files;
mod molecule;

pub use bonds::{BondTable, Stability};
pub use element::Element;
pub use molecule::{Bond, BondOrder, Molecule};
