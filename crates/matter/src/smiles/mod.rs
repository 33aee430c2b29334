//! SMILES: molecules as lines of text (OpenSMILES specification 1.0, opensmiles.org).
//!
//! Read: organic subset and brackets, isotopes, charges, hydrogens, branches, rings up to `%99`, aromatic atoms, fragments. Marks of stereochemistry
//! (`/`, `\`, `@`, `@@`, `@TH1`, ...) and atom classes are understood, counted and dropped: a graph does not keep them. Not read: `*` and `$`.
//!
//! Written: one text for one molecule, whatever the numbering of its atoms and whichever Kekulé structure was drawn.

mod error;
mod parse;
mod write;

pub use error::SmilesError;
pub use parse::Parsed;

use crate::Element;

/// Elements whose hydrogens need not be written.
const ORGANIC: [&str; 10] = ["B", "C", "N", "O", "P", "S", "F", "Cl", "Br", "I"];

/// Elements that may be written in lower case; those of one letter without a bracket too.
const AROMATIC: [&str; 10] = ["B", "C", "N", "O", "P", "S", "Se", "As", "Te", "Si"];

/// Hydrogens of an atom without bracket whose bonds sum to `bonded`.
fn organic_hydrogens(element: Element, bonded: u32) -> u8 {
    let valences: &[u32] = match element.symbol() {
        "B" => &[3],
        "C" => &[4],
        "N" | "P" => &[3, 5],
        "O" => &[2],
        "S" => &[2, 4, 6],
        _ => &[1],
    };
    valences.iter().find_map(|v| v.checked_sub(bonded)).map_or(0, |h| h as u8)
}
