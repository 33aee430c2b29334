//! Conformers of one molecule: how far they are from each other, and how well one set of them covers another.

mod coverage;
mod superpose;
mod symmetry;

pub use coverage::{Coverage, CoverageSummary};
pub use superpose::superposed_distance2;
pub use symmetry::{Symmetries, TooManySymmetries};
