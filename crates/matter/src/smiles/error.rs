//! Why a text is no SMILES of a molecule.

use crate::graph::Invalid;

/// What is wrong with a SMILES.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SmilesError {
    /// The text breaks the grammar.
    #[error("expected {expected}, found {found} at character {position} of {smiles:?}")]
    Syntax {
        /// The text.
        smiles: String,
        /// Where, counted from 1.
        position: usize,
        /// What would do.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The text describes no possible molecule.
    #[error(
        "{smiles:?}{}: {source}",
        position.map_or(String::new(), |p| format!(", atom at character {p}"))
    )]
    Invalid {
        /// The text.
        smiles: String,
        /// Where the atom in question is, counted from 1.
        position: Option<usize>,
        /// The reason; atoms are numbered from 0 in the order of the text.
        source: Invalid,
    },
}
