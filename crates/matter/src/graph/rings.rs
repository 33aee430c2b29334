//! Rings: bonds on cycles, and the relevant cycles.
//!
//! A cycle is relevant if it is no sum (modulo 2) of shorter ones; the relevant cycles are the union of all smallest sets of smallest rings and,
//! unlike one such set, do not depend on the numbering (Vismara, Electron. J. Combin. 4 (1997) R9). Cubane has six.

use super::Graph;

/// A cycle: its atoms in order, and its bonds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) atoms: Vec<usize>,
    pub(super) edges: Vec<usize>,
}

impl Graph {
    /// Whether each bond is on a cycle: all but the bridges.
    pub fn ring_edges(&self) -> Vec<bool> {
        let n = self.len();
        let (mut found, mut low) = (vec![usize::MAX; n], vec![usize::MAX; n]);
        let mut ring = vec![true; self.edges.len()];
        let mut time = 0;
        for start in 0..n {
            if found[start] != usize::MAX {
                continue;
            }
            // (atom, bond it was reached by, next neighbour to look at)
            let mut stack = vec![(start, usize::MAX, 0)];
            while let Some(&mut (v, by, ref mut next)) = stack.last_mut() {
                if *next == 0 {
                    (found[v], low[v]) = (time, time);
                    time += 1;
                }
                if let Some(&(w, e)) = self.neighbours[v].get(*next) {
                    *next += 1;
                    if e == by {
                    } else if found[w] == usize::MAX {
                        stack.push((w, e, 0));
                    } else {
                        low[v] = low[v].min(found[w]);
                    }
                } else {
                    stack.pop();
                    if let Some(&(parent, ..)) = stack.last() {
                        low[parent] = low[parent].min(low[v]);
                        ring[by] = low[v] <= found[parent];
                    }
                }
            }
        }
        ring
    }

    /// Number of the bond between two atoms.
    pub fn edge_between(&self, a: usize, b: usize) -> Option<usize> {
        self.neighbours[a].iter().find(|&&(j, _)| j == b).map(|&(_, e)| e)
    }

    /// Atoms of each relevant cycle of at most `longest` bonds, in order around it; the shortest cycles first.
    pub fn rings(&self, longest: usize) -> Vec<Vec<usize>> {
        self.relevant_cycles(longest).into_iter().map(|ring| ring.atoms).collect()
    }

    /// Relevant cycles of at most `longest` bonds, the shortest first.
    pub(super) fn relevant_cycles(&self, longest: usize) -> Vec<Ring> {
        let ring_edge = self.ring_edges();
        if !ring_edge.contains(&true) {
            return vec![];
        }
        let mut candidates: Vec<Ring> =
            (0..self.len()).flat_map(|r| self.cycles_from(r, longest, &ring_edge)).collect();
        candidates.sort_by(|a, b| a.edges.len().cmp(&b.edges.len()).then_with(|| a.edges.cmp(&b.edges)));
        candidates.dedup_by(|a, b| a.edges == b.edges);
        // Gaussian elimination over the field of two elements; a cycle is compared with strictly shorter ones only.
        let words = self.edges.len().div_ceil(64);
        let bits = |ring: &Ring| {
            let mut row = vec![0u64; words];
            ring.edges.iter().for_each(|&e| row[e / 64] |= 1 << (e % 64));
            row
        };
        let mut basis: Vec<(usize, Vec<u64>)> = vec![];
        let mut relevant = vec![];
        let mut from = 0;
        while from < candidates.len() {
            let length = candidates[from].edges.len();
            let to = from + candidates[from..].iter().take_while(|c| c.edges.len() == length).count();
            let shorter = basis.len();
            for ring in &candidates[from..to] {
                let reduced = reduce(bits(ring), &basis[..shorter]);
                if reduced.iter().all(|&w| w == 0) {
                    continue;
                }
                relevant.push(ring.clone());
                let rest = reduce(reduced, &basis[shorter..]);
                if let Some(w) = rest.iter().position(|&w| w != 0) {
                    basis.push((64 * w + rest[w].trailing_zeros() as usize, rest));
                }
            }
            from = to;
        }
        relevant
    }

    /// Cycles whose atom of highest number is `r` and which consist of two shortest paths from it and at most one atom between their ends.
    fn cycles_from(&self, r: usize, longest: usize, ring_edge: &[bool]) -> Vec<Ring> {
        let mut distance = vec![usize::MAX; r + 1];
        let mut order = vec![r];
        distance[r] = 0;
        let mut k = 0;
        let around =
            |v: usize| self.neighbours[v].iter().filter(move |&&(w, e)| w <= r && ring_edge[e]).map(|&(w, _)| w);
        while k < order.len() {
            let v = order[k];
            k += 1;
            if 2 * distance[v] >= longest {
                continue;
            }
            for w in around(v) {
                if distance[w] == usize::MAX {
                    distance[w] = distance[v] + 1;
                    order.push(w);
                }
            }
        }
        let mut paths: Vec<Vec<Vec<usize>>> = vec![vec![]; r + 1];
        paths[r].push(vec![]);
        for &v in &order[1..] {
            let before = around(v).filter(|&w| distance[w] != usize::MAX && distance[w] + 1 == distance[v]);
            let extended = before.flat_map(|w| paths[w].iter().map(move |p| p.iter().copied().chain([v]).collect()));
            paths[v] = extended.collect();
        }
        let mut cycles = vec![];
        let mut close = |p: &[usize], middle: Option<usize>, q: &[usize]| {
            if p.iter().any(|v| q.contains(v)) || 1 + p.len() + q.len() + usize::from(middle.is_some()) > longest {
                return;
            }
            let atoms: Vec<usize> =
                [r].into_iter().chain(p.iter().copied()).chain(middle).chain(q.iter().rev().copied()).collect();
            let mut edges: Vec<usize> = (0..atoms.len())
                .map(|i| self.edge_between(atoms[i], atoms[(i + 1) % atoms.len()]).expect("they are neighbours"))
                .collect();
            edges.sort_unstable();
            cycles.push(Ring { atoms, edges });
        };
        for &y in &order[1..] {
            let d = distance[y];
            for p in around(y).filter(|&p| distance[p] != usize::MAX) {
                if distance[p] == d && p < y {
                    for (a, b) in pairs(&paths[p], &paths[y]) {
                        close(a, None, b);
                    }
                } else if distance[p] + 1 == d && p != r {
                    for q in around(y).filter(|&q| q < p && q != r && distance[q] != usize::MAX && distance[q] + 1 == d)
                    {
                        for (a, b) in pairs(&paths[p], &paths[q]) {
                            close(a, Some(y), b);
                        }
                    }
                }
            }
        }
        cycles
    }
}

fn pairs<'a>(a: &'a [Vec<usize>], b: &'a [Vec<usize>]) -> impl Iterator<Item = (&'a [usize], &'a [usize])> {
    a.iter().flat_map(move |p| b.iter().map(move |q| (p.as_slice(), q.as_slice())))
}

fn reduce(mut row: Vec<u64>, basis: &[(usize, Vec<u64>)]) -> Vec<u64> {
    for (pivot, other) in basis {
        if row[pivot / 64] >> (pivot % 64) & 1 == 1 {
            row.iter_mut().zip(other).for_each(|(a, b)| *a ^= b);
        }
    }
    row
}
