//! Pieces of a molecule: atoms that bonds join, by union and find.

use crate::Bond;

/// The pieces of a molecule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components {
    /// Number of each atom's piece, from 0 in the order of their first atoms.
    pub of_atom: Vec<usize>,
    /// Number of pieces.
    pub count: usize,
}

impl Components {
    /// Whether there is one piece.
    pub fn connected(&self) -> bool {
        self.count == 1
    }

    /// Atoms of each piece.
    pub fn atoms(&self) -> Vec<Vec<usize>> {
        let mut pieces = vec![Vec::new(); self.count];
        self.of_atom.iter().enumerate().for_each(|(atom, &piece)| pieces[piece].push(atom));
        pieces
    }

    /// Atoms of the piece with most atoms, the first of them if several have as many; none if there are no atoms.
    pub fn largest(&self) -> Vec<usize> {
        let pieces = self.atoms();
        pieces.into_iter().rev().max_by_key(Vec::len).unwrap_or_default()
    }
}

/// The pieces of so many atoms with these bonds; bonds beyond the last atom are left out.
pub fn components(atoms: usize, bonds: &[Bond]) -> Components {
    let mut parent: Vec<usize> = (0..atoms).collect();
    fn root(parent: &mut [usize], mut atom: usize) -> usize {
        while parent[atom] != atom {
            parent[atom] = parent[parent[atom]];
            atom = parent[atom];
        }
        atom
    }
    for bond in bonds.iter().filter(|b| b.atoms.iter().all(|&a| a < atoms)) {
        let [a, b] = bond.atoms.map(|atom| root(&mut parent, atom));
        // The smaller becomes the root, so that a piece's root is its first atom.
        parent[a.max(b)] = a.min(b);
    }
    let mut of_atom = vec![0; atoms];
    let mut count = 0;
    for atom in 0..atoms {
        let first = root(&mut parent, atom);
        if first == atom {
            of_atom[atom] = count;
            count += 1;
        } else {
            of_atom[atom] = of_atom[first];
        }
    }
    Components { of_atom, count }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BondOrder;

    #[test]
    fn pieces_are_what_bonds_join() {
        let bond = |i, j| Bond { atoms: [i, j], order: BondOrder::Single };
        let found = components(7, &[bond(4, 5), bond(0, 2), bond(2, 5), bond(1, 6), bond(3, 9)]);
        assert_eq!(found.atoms(), [vec![0, 2, 4, 5], vec![1, 6], vec![3]]);
        assert_eq!((found.largest(), found.connected()), (vec![0, 2, 4, 5], false));
        assert_eq!(components(2, &[]).largest(), [0]);
        assert!(components(3, &[bond(0, 2), bond(1, 2)]).connected());
        let nothing = components(0, &[]);
        assert_eq!((nothing.count, nothing.connected(), nothing.largest().len()), (0, false, 0));
    }

    #[test]
    fn a_long_chain_in_any_order_is_one_piece() {
        // 7 919 is prime to 10 000, so that every bond comes once.
        let bonds: Vec<_> = (0..9_999)
            .map(|k| (k * 7_919) % 10_000)
            .filter(|&i| i != 9_999)
            .map(|i| Bond { atoms: [i, i + 1], order: BondOrder::Single })
            .collect();
        let chain = components(10_000, &bonds);
        assert_eq!(chain.count, 10_000 - bonds.len());
    }
}
