//! Extended XYZ (libatoms.github.io/GAP/io.html#extended-xyz; github.com/libAtoms/extxyz): a count, a comment of `key=value`, atoms.
//!
//! `Properties=species:S:1:pos:R:3:forces:R:3` says what the columns are, in any order; without it they are symbol and position, and what follows
//! them is not read. A comment without `=` is the name of the molecule.

mod comment;
mod layout;
mod read;
mod write;

pub(super) use layout::{element, real};
pub(super) use read::read;
pub(super) use write::write;

/// Key of the molecule's name.
const NAME: &str = "name";
/// Column of formal charges.
const CHARGES: &str = "formal_charges";
