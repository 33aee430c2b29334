//! Aromaticity by Hückel's rule as RDKit applies it ("The RDKit Aromaticity Model" in The RDKit Book): a ring, or up to six fused rings, of
//! atoms that each lend 0, 1 or 2 electrons to a pi system of 4n + 2 in all. Electrons of a double bond to a more electronegative atom outside
//! of the ring are stolen. Oxygen and sulphur that bridge a large ring lend nothing. Bonds between rings that are aromatic only together stay what they are (azulene).

use super::rings::Ring;
use super::valence::{default_valence, outer_electrons};
use super::{Graph, smallest_valence};
use crate::BondOrder;

/// Larger rings are not looked at.
const LONGEST_RING: usize = 24;
/// In larger rings than this, oxygen and sulphur with two single bonds are ethers.
const LONGEST_WITH_ETHER: usize = 8;
/// Largest number of fused rings taken together.
const MOST_FUSED: usize = 6;

impl Graph {
    /// Marks aromatic atoms and bonds.
    pub(super) fn perceive_aromaticity(&mut self) {
        self.atoms.iter_mut().for_each(|a| a.aromatic = false);
        self.edges.iter_mut().for_each(|e| e.aromatic = false);
        let ring_edge = self.ring_edges();
        let mut lent: Vec<Option<u32>> = (0..self.len()).map(|i| self.lends(i, &ring_edge)).collect();
        if !self.edges.iter().zip(&ring_edge).any(|(e, &ring)| ring && e.atoms.iter().all(|&i| lent[i].is_some())) {
            return;
        }
        let mut rings = self.relevant_cycles(LONGEST_RING);
        for i in (0..self.len()).filter(|&i| self.is_ether(i)) {
            // The rings are sorted by length.
            let smallest = rings.iter().find(|ring| ring.atoms.contains(&i));
            if smallest.is_none_or(|ring| ring.atoms.len() > LONGEST_WITH_ETHER) {
                lent[i] = None;
            }
        }
        rings.retain(|ring| ring.atoms.iter().all(|&i| lent[i].is_some()));
        // Spiro rings share an atom, bridged ones several bonds; fused ones a single bond.
        let shared = |a: &Ring, b: &Ring| a.edges.iter().filter(|e| b.edges.contains(e)).count();
        let fused: Vec<Vec<usize>> = (0..rings.len())
            .map(|a| (0..rings.len()).filter(|&b| b != a && shared(&rings[a], &rings[b]) == 1).collect())
            .collect();
        let mut marked = vec![false; self.edges.len()];
        // Connected sets of `size` rings, each as a sorted list.
        let mut sets: Vec<Vec<usize>> = (0..rings.len()).map(|r| vec![r]).collect();
        for size in 1..=MOST_FUSED {
            for set in &sets {
                self.mark_if_aromatic(set, &rings, &lent, &mut marked);
            }
            let done = |ring: &Ring| ring.edges.iter().all(|&e| marked[e]);
            if size == MOST_FUSED || rings.iter().all(done) {
                break;
            }
            let mut larger = std::collections::BTreeSet::new();
            for set in &sets {
                for &next in set.iter().flat_map(|&r| &fused[r]).filter(|r| !set.contains(r)) {
                    let mut set: Vec<usize> = set.iter().copied().chain([next]).collect();
                    set.sort_unstable();
                    larger.insert(set);
                }
            }
            sets = larger.into_iter().collect();
        }
    }

    fn mark_if_aromatic(&mut self, set: &[usize], rings: &[Ring], lent: &[Option<u32>], marked: &mut [bool]) {
        let count = |all: Vec<usize>| {
            let mut all = all;
            all.sort_unstable();
            all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect::<Vec<_>>()
        };
        // An atom where three rings meet is inside, not on the rim.
        let atoms = count(set.iter().flat_map(|&r| rings[r].atoms.iter().copied()).collect());
        let electrons: u32 = atoms.iter().filter(|&&(_, n)| n <= 2).filter_map(|&(i, _)| lent[i]).sum();
        if electrons != 2 && (electrons < 6 || !(electrons - 2).is_multiple_of(4)) {
            return;
        }
        for (i, _) in atoms {
            self.atoms[i].aromatic = true;
        }
        for (e, _) in count(set.iter().flat_map(|&r| rings[r].edges.iter().copied()).collect())
            .into_iter()
            .filter(|&(_, n)| n == 1)
        {
            // The third bond of benzyne is not of the pi system.
            self.edges[e].aromatic = self.edges[e].kekule != BondOrder::Triple;
            marked[e] = true;
        }
    }

    /// Electrons that an atom lends to a ring's pi system; none if it cannot be part of one.
    fn lends(&self, i: usize, ring_edge: &[bool]) -> Option<u32> {
        let atom = &self.atoms[i];
        let number = atom.element.number();
        if !(number <= 18 || number == 34 || number == 52) || !self.neighbours[i].iter().any(|&(_, e)| ring_edge[e]) {
            return None;
        }
        let usual = smallest_valence(atom.element, atom.charge, 0)?;
        let radicals = self.radicals(i);
        if self.valence(i) > usual || (radicals > 0 && (number != 6 || atom.charge != 0)) {
            return None;
        }
        let multiple: Vec<(usize, usize)> =
            self.neighbours[i].iter().copied().filter(|&(_, e)| self.edges[e].kekule != BondOrder::Single).collect();
        if multiple.len() > 1 {
            return None;
        }
        let available = self.available_electrons(i, radicals)?;
        let outside = multiple.iter().find(|&&(_, e)| !ring_edge[e]).map(|&(j, _)| j);
        let stolen = outside.is_some_and(|j| {
            let [theirs, ours] = [j, i].map(|k| outer_electrons(self.atoms[k].element));
            theirs > ours || (theirs == ours && self.atoms[j].element < atom.element)
        });
        match (available, outside) {
            (0, Some(_)) => Some(0),
            (0, None) => (!multiple.is_empty()).then_some(1),
            (1, Some(_)) => Some(u32::from(!stolen)),
            (1, None) if !multiple.is_empty() => Some(1),
            (1, None) => (atom.charge == 1).then_some(0),
            (n, _) => Some(if (n - i32::from(stolen)) % 2 == 1 { 1 } else { 2 }),
        }
    }

    /// Whether it is oxygen or sulphur with two single bonds and nothing else.
    fn is_ether(&self, i: usize) -> bool {
        let atom = &self.atoms[i];
        matches!(atom.element.symbol(), "O" | "S")
            && atom.charge == 0
            && self.neighbours[i].len() == 2
            && self.bonded(i) == 2
    }

    /// Electrons beyond single bonds: of the atom's own share of multiple bonds, and lone pairs.
    fn available_electrons(&self, i: usize, radicals: i32) -> Option<i32> {
        let atom = &self.atoms[i];
        let valence = default_valence(atom.element).filter(|&v| v > 1)? as i32;
        let degree = (self.neighbours[i].len() + usize::from(atom.hydrogens)) as i32;
        if degree > 3 {
            return None;
        }
        let lone = (outer_electrons(atom.element) - valence - i32::from(atom.charge)).max(0);
        let available = valence - degree + lone - radicals;
        if available < 0 {
            return None;
        }
        let unsaturated = self.bonded(i) as i32 - self.neighbours[i].len() as i32;
        Some(if available > 1 && unsaturated > 1 { 1 } else { available })
    }
}
