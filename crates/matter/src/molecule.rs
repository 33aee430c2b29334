//! A molecule: elements, positions, and bonds where they are known.

use crate::Element;

/// Order of a bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BondOrder {
    /// One pair of electrons.
    Single,
    /// Two pairs.
    Double,
    /// Three pairs.
    Triple,
    /// In an aromatic ring, neither single nor double.
    Aromatic,
}

/// A bond between two atoms of a molecule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bond {
    /// Numbers of the atoms, the smaller first.
    pub atoms: [usize; 2],
    /// Order.
    pub order: BondOrder,
}

/// Atoms in space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Molecule {
    /// Element of each atom.
    pub elements: Vec<Element>,
    /// Position of each atom, in Angstrom.
    pub positions: Vec<[f64; 3]>,
    /// Formal charge of each atom; empty if nothing is known of charges.
    pub charges: Vec<i8>,
    /// Bonds; `None` if they are not known, which is not the same as no bonds.
    pub bonds: Option<Vec<Bond>>,
    /// Title, comment or identifier.
    pub name: String,
}

impl Molecule {
    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are no atoms.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}
