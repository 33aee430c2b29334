//! Parquet: one row per molecule, or per molecule with several conformers.
//!
//! | column | |
//! |---|---|
//! | `atomic_numbers` | list of integers |
//! | `pos_1e4A` | list of integers, x, y, z of all atoms (1e-4 Angstrom); all conformers, one after the other |
//! | `num_conf` | number of conformers, 1 if there is no such column |
//! | `bonds` | list of integers: atom, atom, type; types as in SDF; atoms count from 0 |
//! | `charges` | list of integers |
//! | `name` | text |
//! | other scalars, numbers or text | fields of the record |
//! | other lists with a number for each conformer | fields of its record |

mod read;
mod write;

pub(super) use read::Rows;
pub(super) use write::Sink;

const ELEMENTS: &str = "atomic_numbers";
const POSITIONS: &str = "pos_1e4A";
const CONFORMERS: &str = "num_conf";
const BONDS: &str = "bonds";
const CHARGES: &str = "charges";
const NAME: &str = "name";
/// Field that numbers the conformers of a row from 0.
const CONFORMER: &str = "conformer";
/// Units of positions per Angstrom.
const UNITS: f64 = 1e4;
