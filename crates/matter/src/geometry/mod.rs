//! Shapes of molecules as numbers that can be compared between two samples: lengths of bonds and angles by type, strain, sizes, composition.

mod census;
mod kind;
mod measure;
mod strain;

pub use census::{Census, formula};
pub use kind::{AngleKind, BondKind};
pub use measure::{Shapes, angles, dihedral, lengths};
pub use strain::{Spread, Strain, Typical};
