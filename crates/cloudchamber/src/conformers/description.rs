//! What the equivariant network is told of a molecule besides positions: features of its atoms and kinds of their pairs, from the graph alone.

use matter::{BondOrder, Graph};

/// Features of an atom: element (11), bonds (5), hydrogens among its neighbours (5), double, triple and aromatic bonds (3), two double bonds (1), sign
/// of its charge (2), sizes of its rings (5); each 0 or 1.
pub const FEATURES: usize = 32;
/// Kinds of pairs, by the bonds between and common rings:
///
/// | bonds | kinds |
/// |---|---|
/// | 1 | single, double, triple, aromatic, single in a ring |
/// | 2 | in no ring; in one of up to 4, of 5, of more atoms |
/// | 3 | about a single bond in no ring; about another; in one ring |
/// | 4, 5, more | one each |
pub const PAIR_KINDS: usize = 15;
/// Elements with a column of their own; all others share one.
const ELEMENTS: [u8; 10] = [1, 6, 7, 8, 9, 15, 16, 17, 35, 53];
/// Largest ring that is looked for: rings of more atoms are as loose as chains.
const LARGEST_RING: usize = 8;
/// Bonds between two atoms beyond which they are not counted any more.
const FARTHEST: usize = 6;

/// A molecule as the network sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// `[N, FEATURES]`.
    pub features: Vec<f32>,
    /// Kinds of pairs, `[N, N]`.
    pub kinds: Vec<u8>,
}

impl Description {
    /// Of a molecule whose hydrogens are atoms.
    pub fn of(graph: &Graph) -> Description {
        let n = graph.len();
        let (rings, on_cycle) = (graph.rings(LARGEST_RING), graph.ring_edges());
        // Smallest ring that two atoms share.
        let mut shared = vec![usize::MAX; n * n];
        for ring in &rings {
            for &i in ring {
                for &j in ring {
                    shared[i * n + j] = shared[i * n + j].min(ring.len());
                }
            }
        }
        let features = (0..n).flat_map(|i| features(graph, i, &rings)).collect();
        let mut kinds = vec![kind(graph, &on_cycle, [0, 0], FARTHEST, usize::MAX); n * n];
        for ([i, j], apart) in graph.bonds_apart(FARTHEST - 1) {
            let kind = kind(graph, &on_cycle, [i, j], apart, shared[i * n + j]);
            (kinds[i * n + j], kinds[j * n + i]) = (kind, kind);
        }
        Description { features, kinds }
    }
}

fn features(graph: &Graph, atom: usize, rings: &[Vec<usize>]) -> [f32; FEATURES] {
    let mut features = [0.0; FEATURES];
    let mut mark = |from: usize, place: usize| features[from + place] = 1.0;
    let own = &graph.atoms()[atom];
    let neighbours = graph.neighbours(atom);
    let orders: Vec<BondOrder> = neighbours.iter().map(|&(_, e)| graph.edges()[e].order()).collect();
    let count = |order| orders.iter().filter(|o| **o == order).count();
    mark(0, ELEMENTS.iter().position(|z| *z == own.element.number()).unwrap_or(ELEMENTS.len()));
    mark(11, neighbours.len().min(4));
    mark(16, neighbours.iter().filter(|(j, _)| graph.atoms()[*j].element.number() == 1).count().min(4));
    let bonds = [BondOrder::Double, BondOrder::Triple, BondOrder::Aromatic];
    bonds.iter().enumerate().filter(|(_, order)| count(**order) > 0).for_each(|(k, _)| mark(21, k));
    if count(BondOrder::Double) > 1 {
        mark(24, 0);
    }
    match own.charge {
        0 => {}
        charge => mark(25, usize::from(charge > 0)),
    }
    rings.iter().filter(|ring| ring.contains(&atom)).for_each(|ring| mark(27, ring.len().min(7) - 3));
    features
}

/// Kind of a pair so many bonds apart, whose smallest common ring has `ring` atoms, in the order of the table above [`PAIR_KINDS`].
fn kind(graph: &Graph, on_cycle: &[bool], [i, j]: [usize; 2], apart: usize, ring: usize) -> u8 {
    let in_ring = ring != usize::MAX;
    let order = |e: usize| graph.edges()[e].order();
    match apart {
        1 => match graph.edge_between(i, j).map_or(BondOrder::Single, order) {
            BondOrder::Single if in_ring => 4,
            order => order as u8,
        },
        2 => 5 + if in_ring { ring.clamp(4, 6) as u8 - 3 } else { 0 },
        3 => {
            let around = |a: usize| graph.neighbours(a).iter().map(|&(k, _)| k);
            let bond = around(i).find_map(|a| around(j).find_map(|b| graph.edge_between(a, b)));
            let turns = bond.is_some_and(|e| order(e) == BondOrder::Single && !on_cycle[e]);
            match (in_ring, turns) {
                (true, _) => 11,
                (false, true) => 9,
                (false, false) => 10,
            }
        }
        bonds => 8 + bonds.min(FARTHEST) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(smiles: &str) -> (Graph, Description) {
        let graph = Graph::from_smiles(smiles).unwrap().with_hydrogens();
        let description = Description::of(&graph);
        (graph, description)
    }

    #[test]
    fn kinds_are_what_a_chemist_counts() {
        let counts = |smiles: &str| {
            let (graph, description) = of(smiles);
            let n = graph.len();
            let mut counts = [0; PAIR_KINDS];
            (0..n).for_each(|i| (i + 1..n).for_each(|j| counts[usize::from(description.kinds[i * n + j])] += 1));
            counts
        };
        // Ethane: 7 bonds, 12 angles, 9 dihedrals about a bond that turns.
        assert_eq!(counts("CC"), [7, 0, 0, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
        // Ethylene: the same about one that does not.
        assert_eq!(counts("C=C"), [4, 1, 0, 0, 0, 6, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
        // Cyclobutane: 4 bonds in the ring and 8 to hydrogens; across the ring 2; H-C-H and H-C-C 4 + 16; the rest about ring bonds.
        let ring = counts("C1CCC1");
        assert_eq!(ring[..9], [8, 0, 0, 0, 4, 20, 2, 0, 0]);
        assert_eq!(ring[10] + ring[12], 12 * 11 / 2 - 34);
        // Benzene: 6 aromatic bonds, 6 meta and 3 para pairs in the ring.
        let benzene = counts("c1ccccc1");
        assert_eq!((benzene[3], benzene[8], benzene[11]), (6, 6, 3));
    }

    #[test]
    fn descriptions_follow_the_numbering_of_atoms() {
        let ((a, first), (b, second)) = (of("CC(=O)N1CC1"), of("N1(CC1)C(C)=O"));
        // Heavy atoms of the second in the order of the first.
        let map = [4, 3, 5, 0, 1, 2];
        for (i, &mi) in map.iter().enumerate() {
            assert_eq!(a.atoms()[i].element, b.atoms()[mi].element);
            let row = |d: &Description, i: usize| d.features[i * FEATURES..(i + 1) * FEATURES].to_vec();
            assert_eq!(row(&first, i), row(&second, mi));
            for (j, &mj) in map.iter().enumerate() {
                assert_eq!(first.kinds[i * a.len() + j], second.kinds[mi * b.len() + mj]);
            }
        }
    }
}
