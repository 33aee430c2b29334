//! Bonds from positions alone, and what they say of a molecule: stable atoms, pieces.
//!
//! EDM's rule (arXiv:2203.17003, appendix D): two atoms are bonded if they are nearer than the typical length of a bond of their elements plus a
//! margin; the bond is double or triple if they are nearer than those lengths too. An atom is stable if the sum of the orders of its bonds is a
//! valence of its element, a molecule if all its atoms are. Charges and aromaticity do not enter.

mod components;
mod edm;
mod stability;
mod table;

pub use components::{Components, components};
pub use stability::{Stability, stability, valences};
pub use table::{BondTable, Pair};

use crate::{Bond, Molecule};

/// The bonds of a molecule by the distances of its atoms, ordered by their atoms; an atom that is not at a finite place has none.
///
/// Looks at all pairs of atoms.
pub fn perceive(molecule: &Molecule, table: &BondTable) -> Vec<Bond> {
    let atoms: Vec<_> = molecule.elements.iter().zip(&molecule.positions).collect();
    let longest = table.longest();
    let mut bonds = Vec::new();
    for (i, (a, from)) in atoms.iter().enumerate() {
        for (j, (b, to)) in atoms.iter().enumerate().skip(i + 1) {
            let distance = (0..3).map(|k| (from[k] - to[k]).powi(2)).sum::<f64>().sqrt();
            // Most pairs are farther apart.
            if distance < longest
                && let Some(order) = table.order(**a, **b, distance)
            {
                bonds.push(Bond { atoms: [i, j], order });
            }
        }
    }
    bonds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BondOrder, Element};

    /// Hydrogen cyanide by its lengths in Angstrom: H-C 1.065, C-N 1.153 (Herzberg, Electronic spectra of polyatomic molecules, 1966).
    fn hydrogen_cyanide() -> Molecule {
        Molecule {
            elements: vec![Element::N, Element::C, Element::H],
            positions: vec![[0.0, 0.0, 1.153], [0.0; 3], [0.0, 0.0, -1.065]],
            ..Molecule::default()
        }
    }

    #[test]
    fn hydrogen_cyanide_has_a_triple_and_a_single_bond() {
        let bonds = perceive(&hydrogen_cyanide(), BondTable::edm());
        let expected =
            [Bond { atoms: [0, 1], order: BondOrder::Triple }, Bond { atoms: [1, 2], order: BondOrder::Single }];
        assert_eq!(bonds, expected);
        let stable = Stability { stable_atoms: 3, atoms: 3, stable_molecule: true };
        assert_eq!(stability(&hydrogen_cyanide(), BondTable::edm()), stable);
    }

    #[test]
    fn bonds_follow_rotations_shifts_and_reflections() {
        let molecule = hydrogen_cyanide();
        let bonds = perceive(&molecule, BondTable::edm());
        let (sin, cos) = 0.7f64.sin_cos();
        for mirror in [1.0, -1.0] {
            let mut moved = molecule.clone();
            for p in &mut moved.positions {
                *p = [cos * p[0] - sin * p[2] + 3.0, p[1] - 1.0, mirror * (sin * p[0] + cos * p[2]) + 0.5];
            }
            assert_eq!(perceive(&moved, BondTable::edm()), bonds);
        }
    }

    #[test]
    fn places_that_are_no_numbers_have_no_bonds() {
        let mut molecule = hydrogen_cyanide();
        molecule.positions[2][0] = f64::NAN;
        assert_eq!(perceive(&molecule, BondTable::edm()).len(), 1);
        let found = stability(&molecule, BondTable::edm());
        assert_eq!((found.stable_atoms, found.stable_molecule), (1, false));
        assert!(perceive(&Molecule::default(), BondTable::edm()).is_empty());
    }
}
