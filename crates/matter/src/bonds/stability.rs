//! Which atoms have a valence that their element allows (Hoogeboom et al., arXiv:2203.17003, section 5).

use super::{BondTable, perceive};
use crate::{Bond, BondOrder, Element, Molecule};

/// How many atoms of a molecule are stable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stability {
    /// Atoms whose bond orders sum up to a valence of their element.
    pub stable_atoms: usize,
    /// All atoms.
    pub atoms: usize,
    /// Whether all are stable. A molecule without atoms is not.
    pub stable_molecule: bool,
}

/// Stability of a molecule by the bonds that its distances say; known bonds are not asked.
pub fn stability(molecule: &Molecule, table: &BondTable) -> Stability {
    Stability::of_bonds(&molecule.elements, &perceive(molecule, table), table)
}

impl Stability {
    /// Stability of atoms with these bonds.
    pub fn of_bonds(elements: &[Element], bonds: &[Bond], table: &BondTable) -> Stability {
        let sums = valences(elements.len(), bonds);
        let stable =
            |(&element, &sum): (&Element, &f64)| table.allowed_valences(element).iter().any(|&v| f64::from(v) == sum);
        let stable_atoms = elements.iter().zip(&sums).filter(|pair| stable(*pair)).count();
        let atoms = elements.len();
        Stability { stable_atoms, atoms, stable_molecule: atoms > 0 && stable_atoms == atoms }
    }
}

/// Sum of the orders of each atom's bonds, where an aromatic bond counts one and a half; bonds beyond the last atom are left out.
pub fn valences(atoms: usize, bonds: &[Bond]) -> Vec<f64> {
    let mut sums = vec![0.0; atoms];
    for bond in bonds {
        let order = match bond.order {
            BondOrder::Single => 1.0,
            BondOrder::Double => 2.0,
            BondOrder::Triple => 3.0,
            BondOrder::Aromatic => 1.5,
        };
        for atom in bond.atoms {
            if let Some(sum) = sums.get_mut(atom) {
                *sum += order;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atom_is_stable_with_any_of_its_valences_and_no_other() {
        let table = BondTable::edm();
        let phosphorus = Element::from_symbol("P").unwrap();
        for (hydrogens, stable) in [(2, false), (3, true), (4, false), (5, true)] {
            let elements: Vec<_> = [phosphorus].into_iter().chain(vec![Element::H; hydrogens]).collect();
            let bonds: Vec<_> = (1..=hydrogens).map(|h| Bond { atoms: [0, h], order: BondOrder::Single }).collect();
            let found = Stability::of_bonds(&elements, &bonds, table);
            assert_eq!(found.stable_atoms, hydrogens + usize::from(stable));
            assert_eq!((found.atoms, found.stable_molecule), (hydrogens + 1, stable));
        }
        // Benzene's carbon: two aromatic bonds and a hydrogen.
        let ring = |i, j| Bond { atoms: [i, j], order: BondOrder::Aromatic };
        let bonds = [ring(0, 1), ring(1, 2), Bond { atoms: [1, 3], order: BondOrder::Single }];
        assert_eq!(valences(4, &bonds), [1.5, 4.0, 1.5, 1.0]);
    }

    #[test]
    fn nothing_is_not_stable_and_neither_is_an_element_without_valences() {
        assert!(!Stability::of_bonds(&[], &[], BondTable::edm()).stable_molecule);
        let xenon = Element::from_symbol("Xe").unwrap();
        assert_eq!(Stability::of_bonds(&[xenon], &[], BondTable::edm()).stable_atoms, 0);
    }
}
