//! Kekulé structures: where the double bonds of rings written as aromatic are.
//!
//! Each aromatic atom with one bond to spare must be double bound to exactly one such neighbour: a perfect matching of the graph of these atoms
//! and their aromatic bonds. It is grown by augmenting paths; odd cycles (azulene, fullerenes) are shrunk to blossoms (Edmonds, Canad. J.
//! Math. 17 (1965) 449).

use super::{Graph, Invalid, smallest_valence};
use crate::{BondOrder, Element};

const NONE: usize = usize::MAX;

impl Graph {
    /// Turns aromatic bonds into single and double ones.
    pub(crate) fn kekulise(&mut self) -> Result<(), Invalid> {
        if self.edges.iter().all(|e| !e.aromatic) && self.atoms.iter().all(|a| !a.aromatic) {
            return Ok(());
        }
        let in_ring = self.ring_edges();
        if let Some(edge) = (0..self.edges.len()).find(|&e| self.edges[e].aromatic && !in_ring[e]) {
            return Err(Invalid::NoRing { atom: self.edges[edge].atoms[0] });
        }
        let aromatic_bonds = |i: usize| self.neighbours[i].iter().any(|&(_, e)| self.edges[e].aromatic);
        if let Some(atom) = (0..self.len()).find(|&i| self.atoms[i].aromatic && !aromatic_bonds(i)) {
            return Err(Invalid::NoRing { atom });
        }
        let needs: Vec<bool> = (0..self.len()).map(|i| aromatic_bonds(i) && self.has_bond_to_spare(i)).collect();
        let candidates = (0..self.len())
            .map(|i| {
                let open = self.neighbours[i].iter().filter(|&&(j, e)| self.edges[e].aromatic && needs[i] && needs[j]);
                open.map(|&(j, _)| j).collect()
            })
            .collect::<Vec<Vec<usize>>>();
        let partners = matching(&candidates);
        let atoms: Vec<usize> = (0..self.len()).filter(|&i| needs[i] && partners[i] == NONE).collect();
        if !atoms.is_empty() {
            return Err(Invalid::Kekule { atoms });
        }
        for edge in &mut self.edges {
            if std::mem::take(&mut edge.aromatic) && partners[edge.atoms[0]] == edge.atoms[1] {
                edge.kekule = BondOrder::Double;
            }
        }
        self.atoms.iter_mut().for_each(|a| a.aromatic = false);
        Ok(())
    }

    /// Whether single bonds in place of its aromatic ones leave the atom short of an allowed valence.
    fn has_bond_to_spare(&self, i: usize) -> bool {
        let (atom, used) = (self.atoms[i], self.valence(i));
        // Pyridine oxide may be written without charges, with nitrogen of valence 5.
        let five = (atom.element == Element::N && atom.charge == 0 && used <= 5).then_some(5);
        smallest_valence(atom.element, atom.charge, used).or(five).is_some_and(|v| v > used)
    }
}

/// A largest matching: the partner of each vertex, or [`NONE`].
fn matching(neighbours: &[Vec<usize>]) -> Vec<usize> {
    let mut partner = vec![NONE; neighbours.len()];
    for i in 0..neighbours.len() {
        if partner[i] == NONE
            && let Some(&j) = neighbours[i].iter().find(|&&j| partner[j] == NONE)
        {
            (partner[i], partner[j]) = (j, i);
        }
    }
    for root in 0..neighbours.len() {
        if partner[root] == NONE {
            augment(neighbours, &mut partner, root);
        }
    }
    partner
}

/// Searches a path from `root` to another single vertex that alternates between the two kinds of edges, and swaps the kinds along it.
fn augment(neighbours: &[Vec<usize>], partner: &mut [usize], root: usize) {
    let n = neighbours.len();
    // Vertices at even distance are in the queue's tree; `parent` leads from those at odd distance back towards the root.
    let (mut even, mut parent, mut base) = (vec![false; n], vec![NONE; n], (0..n).collect::<Vec<_>>());
    let mut queue = std::collections::VecDeque::from([root]);
    even[root] = true;
    while let Some(v) = queue.pop_front() {
        for &w in &neighbours[v] {
            if base[v] == base[w] || partner[v] == w {
                continue;
            }
            if w == root || (partner[w] != NONE && parent[partner[w]] != NONE) {
                let top = common_base(&base, &parent, partner, v, w);
                let mut inside = vec![false; n];
                mark(&mut inside, &base, &mut parent, partner, v, top, w);
                mark(&mut inside, &base, &mut parent, partner, w, top, v);
                for u in 0..n {
                    if inside[base[u]] {
                        base[u] = top;
                        if !std::mem::replace(&mut even[u], true) {
                            queue.push_back(u);
                        }
                    }
                }
            } else if parent[w] == NONE {
                parent[w] = v;
                if partner[w] == NONE {
                    let mut end = w;
                    while end != NONE {
                        let (before, next) = (parent[end], partner[parent[end]]);
                        (partner[end], partner[before]) = (before, end);
                        end = next;
                    }
                    return;
                }
                even[partner[w]] = true;
                queue.push_back(partner[w]);
            }
        }
    }
}

/// The base of the blossom that the edge between `v` and `w` closes: where their ways to the root meet.
fn common_base(base: &[usize], parent: &[usize], partner: &[usize], mut v: usize, mut w: usize) -> usize {
    let mut seen = vec![false; base.len()];
    loop {
        v = base[v];
        seen[v] = true;
        if partner[v] == NONE {
            break;
        }
        v = parent[partner[v]];
    }
    loop {
        w = base[w];
        if seen[w] {
            return w;
        }
        w = parent[partner[w]];
    }
}

/// Walks one side of a blossom and leaves a way back through its other side.
fn mark(
    inside: &mut [bool],
    base: &[usize],
    parent: &mut [usize],
    partner: &[usize],
    mut v: usize,
    top: usize,
    mut child: usize,
) {
    while base[v] != top {
        inside[base[v]] = true;
        inside[base[partner[v]]] = true;
        parent[v] = child;
        child = partner[v];
        v = parent[partner[v]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Size of a largest matching by trying everything.
    fn largest(neighbours: &[Vec<usize>], used: &mut Vec<bool>, from: usize) -> usize {
        let Some(i) = (from..used.len()).find(|&i| !used[i]) else { return 0 };
        let mut best = largest(neighbours, used, i + 1);
        for &j in neighbours[i].iter().filter(|&&j| j > i) {
            if !used[j] {
                used[j] = true;
                best = best.max(1 + largest(neighbours, used, i + 1));
                used[j] = false;
            }
        }
        best
    }

    #[test]
    fn matchings_are_as_large_as_exhaustive_search_finds() {
        let mut state = 1u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % below
        };
        for _ in 0..400 {
            let n = 2 + random(9) as usize;
            let mut neighbours = vec![vec![]; n];
            for i in 0..n {
                for j in 0..i {
                    if random(10) < 3 {
                        neighbours[i].push(j);
                        neighbours[j].push(i);
                    }
                }
            }
            let partner = matching(&neighbours);
            for (i, &j) in partner.iter().enumerate().filter(|&(_, &j)| j != NONE) {
                assert!(partner[j] == i && neighbours[i].contains(&j));
            }
            let matched = partner.iter().filter(|&&j| j != NONE).count();
            assert_eq!(matched, 2 * largest(&neighbours, &mut vec![false; n], 0), "{neighbours:?}");
        }
    }
}
