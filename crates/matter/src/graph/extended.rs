//! Pairs of atoms up to three bonds apart: bonds, ends of angles, ends of dihedrals. Their distances fix a conformer but for what turns far apart
//! (Simm & Hernandez-Lobato, arXiv:1909.11459; ConfGF, arXiv:2105.03902, section 3.1).

use super::Graph;
use crate::BondOrder;

/// What joins a pair of atoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Link {
    /// A bond of this order.
    Bond(BondOrder),
    /// Two bonds, and no fewer.
    TwoBonds,
    /// Three bonds, and no fewer.
    ThreeBonds,
}

impl Link {
    /// Number of kinds.
    pub const KINDS: usize = 6;

    /// Its number among them.
    pub fn kind(self) -> usize {
        match self {
            Link::Bond(order) => order as usize,
            Link::TwoBonds => 4,
            Link::ThreeBonds => 5,
        }
    }
}

impl Graph {
    /// Fewest bonds between two atoms, of every pair with at most `longest`: the smaller number first, in increasing order. Hydrogens count if they
    /// are atoms.
    pub fn bonds_apart(&self, longest: usize) -> Vec<([usize; 2], usize)> {
        let mut pairs = vec![];
        let mut distance = vec![usize::MAX; self.len()];
        for start in 0..self.len() {
            let mut reached = vec![start];
            distance[start] = 0;
            let mut k = 0;
            while k < reached.len() && distance[reached[k]] < longest {
                let v = reached[k];
                k += 1;
                for &(w, _) in self.neighbours(v) {
                    if distance[w] == usize::MAX {
                        distance[w] = distance[v] + 1;
                        reached.push(w);
                    }
                }
            }
            pairs.extend(reached.iter().filter(|v| **v > start).map(|&v| ([start, v], distance[v])));
            reached.iter().for_each(|&v| distance[v] = usize::MAX);
        }
        pairs.sort_unstable();
        pairs
    }

    /// Every pair of atoms at most three bonds apart, as [`Graph::bonds_apart`].
    pub fn links(&self) -> Vec<([usize; 2], Link)> {
        let link = |(ends, apart): ([usize; 2], usize)| {
            let link = match apart {
                2 => Link::TwoBonds,
                3 => Link::ThreeBonds,
                _ => Link::Bond(self.edges()[self.edge_between(ends[0], ends[1])?].order()),
            };
            Some((ends, link))
        };
        self.bonds_apart(3).into_iter().filter_map(link).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_by_the_bonds_between_them() {
        let count = |smiles: &str| {
            let links = Graph::from_smiles(smiles).unwrap().with_hydrogens().links();
            let mut kinds = [0; Link::KINDS];
            links.iter().for_each(|(_, link)| kinds[link.kind()] += 1);
            kinds
        };
        // Ethane: 7 bonds; 6 + 6 angles; 9 dihedrals.
        assert_eq!(count("CC"), [7, 0, 0, 0, 12, 9]);
        assert_eq!(count("C=O"), [2, 1, 0, 0, 3, 0]);
        assert_eq!(count("C#N"), [1, 0, 1, 0, 1, 0]);
        // Benzene: across the ring three bonds either way, counted once; hydrogens of neighbours; hydrogen to meta carbon.
        assert_eq!(count("c1ccccc1"), [6, 0, 0, 6, 6 + 12, 3 + 6 + 12]);
        // In a ring of three all pairs are bonds.
        assert_eq!(Graph::from_smiles("C1CC1").unwrap().links().len(), 3);
    }
}
