//! Why atoms and bonds are no molecule.

use crate::Element;

/// What is wrong with atoms and bonds. Atoms and bonds are numbered from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// More bonds than the element of this charge can have.
    #[error(
        "atom {atom} ({element}{}) has valence {valence}; expected {allowed}",
        if *charge == 0 { String::new() } else { format!(" of charge {charge:+}") }
    )]
    Valence {
        /// The atom.
        atom: usize,
        /// Its element.
        element: Element,
        /// Its formal charge.
        charge: i8,
        /// The sum of its bond orders and hydrogens.
        valence: u32,
        /// What would do.
        allowed: String,
    },
    /// No placement of double bonds in aromatic rings.
    #[error(
        "no alternating single and double bonds fit the aromatic rings: expected a partner for each of the atoms \
         {atoms:?}, found none; a hydrogen may be missing, as in [nH]"
    )]
    Kekule {
        /// Atoms left over.
        atoms: Vec<usize>,
    },
    /// An aromatic atom or bond that is in no ring.
    #[error("atom {atom} is marked aromatic; expected it to be in a ring of aromatic bonds, found none")]
    NoRing {
        /// The atom, or the first of the bond.
        atom: usize,
    },
    /// A bond between atoms that do not exist, an atom and itself, or atoms that are bound already.
    #[error("bond {bond} is between atoms {between:?}; expected two different ones of {atoms} atoms, bound only once")]
    Bond {
        /// The bond.
        bond: usize,
        /// What it joins.
        between: [usize; 2],
        /// Number of atoms.
        atoms: usize,
    },
    /// The list of charges has another length than that of atoms.
    #[error("{charges} charges for {atoms} atoms; expected one each or none at all")]
    Charges {
        /// Number of charges.
        charges: usize,
        /// Number of atoms.
        atoms: usize,
    },
    /// The molecule's bonds are not known.
    #[error("the bonds of the molecule are not known; expected them to be read or perceived before")]
    Unknown,
}
