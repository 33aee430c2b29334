//! Exact optimal transport between two small weighted point sets: min sum f_ij c_ij with sum_j f_ij <= a_i, sum_i f_ij <= b_j,
//! sum f = min(sum a, sum b), f >= 0.
//!
//! Network simplex on the complete bipartite graph (Dantzig 1951) with strongly feasible trees, which cannot cycle
//! (Cunningham 1976): the basis is a spanning tree hung from an artificial root; each pivot brings in the cell of most negative
//! reduced cost of one row (rows in turn) and takes out the last blocking arc of the cycle. Unequal totals are balanced by one point
//! that costs nothing. The solver keeps its memory between calls.

use crate::error::{Error, Result};

const NONE: usize = usize::MAX;

/// Transport solver; reuse one per thread.
#[derive(Debug, Clone, Default)]
pub struct Transport {
    /// Points of the balanced problem: sources 0..m, sinks m..m+n, root m+n. `flow`, `parent`: of the arc between a node and its parent.
    m: usize,
    n: usize,
    cost: Vec<f64>,
    parent: Vec<usize>,
    flow: Vec<f64>,
    depth: Vec<usize>,
    potential: Vec<f64>,
    first_child: Vec<usize>,
    next: Vec<usize>,
    previous: Vec<usize>,
    stack: Vec<usize>,
    rows: Vec<usize>,
    columns: Vec<usize>,
    artificial: f64,
}

impl Transport {
    /// Solver without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Least cost of moving min(sum `supply`, sum `demand`) at `cost` (row-major, supply x demand, finite and not negative).
    pub fn solve(&mut self, supply: &[f64], demand: &[f64], cost: &[f64]) -> Result<f64> {
        let (rows, cols) = (supply.len(), demand.len());
        if cost.len() != rows * cols {
            return Err(Error::Shape { rows, cols, len: cost.len() });
        }
        let (a, b) = (total(supply)?, total(demand)?);
        if let Some(at) = cost.iter().position(|c| !c.is_finite() || *c < 0.0) {
            return Err(Error::Weight { index: at, value: cost[at] });
        }
        if a == 0.0 || b == 0.0 {
            return Ok(0.0);
        }
        self.build(supply, demand, cost, a - b);
        let (m, n) = (self.m, self.n);
        let limit = 1000 + 100 * m * n;
        let (mut row, mut idle, mut pivots) = (0, 0, 0);
        let tolerance = 1e-13 * self.artificial;
        while idle < m {
            match self.entering(row, tolerance) {
                Some(column) => {
                    self.pivot(row, m + column);
                    idle = 0;
                    pivots += 1;
                    if pivots > limit {
                        return Err(Error::Unconverged { pivots });
                    }
                }
                None => idle += 1,
            }
            row = if row + 1 == m { 0 } else { row + 1 };
        }
        Ok((0..m + n).filter(|&v| self.parent[v] != m + n).map(|v| self.flow[v] * self.arc_cost(v)).sum())
    }

    /// Copies the problem without weightless points, balances it, and hangs every point from the root.
    fn build(&mut self, supply: &[f64], demand: &[f64], cost: &[f64], excess: f64) {
        let positive = |out: &mut Vec<usize>, w: &[f64]| {
            out.clear();
            out.extend((0..w.len()).filter(|&i| w[i] > 0.0));
        };
        positive(&mut self.rows, supply);
        positive(&mut self.columns, demand);
        self.cost.clear();
        let mut largest = 0.0_f64;
        for &i in &self.rows {
            for &j in &self.columns {
                let c = cost[i * demand.len() + j];
                largest = largest.max(c);
                self.cost.push(c);
            }
            if excess > 0.0 {
                self.cost.push(0.0);
            }
        }
        (self.m, self.n) = (self.rows.len(), self.columns.len());
        if excess > 0.0 {
            self.n += 1;
        } else if excess < 0.0 {
            self.m += 1;
            self.cost.resize(self.m * self.n, 0.0);
        }
        let (m, n) = (self.m, self.n);
        let (root, nodes) = (m + n, m + n + 1);
        // Dearer than any path through real cells, so that no artificial arc stays in use.
        self.artificial = if largest > 0.0 { largest * (m.min(n) + 1) as f64 } else { 1.0 };
        self.flow.clear();
        self.flow.extend(self.rows.iter().map(|&i| supply[i]));
        self.flow.resize(m, excess.abs());
        self.flow.extend(self.columns.iter().map(|&j| demand[j]));
        self.flow.resize(nodes, excess.abs());
        let fill = |v: &mut Vec<usize>, value| {
            v.clear();
            v.resize(nodes, value);
        };
        fill(&mut self.parent, root);
        fill(&mut self.depth, 1);
        fill(&mut self.first_child, NONE);
        fill(&mut self.next, NONE);
        fill(&mut self.previous, NONE);
        self.parent[root] = NONE;
        self.depth[root] = 0;
        self.potential.clear();
        self.potential.resize(m, -self.artificial);
        self.potential.resize(root, self.artificial);
        self.potential.push(0.0);
        for v in 0..root {
            self.adopt(v, root);
        }
    }

    /// Cost of the arc between a node and its parent.
    fn arc_cost(&self, v: usize) -> f64 {
        let (m, p) = (self.m, self.parent[v]);
        if p == m + self.n {
            self.artificial
        } else if v < m {
            self.cost[v * self.n + p - m]
        } else {
            self.cost[p * self.n + v - m]
        }
    }

    /// Column of the most negative reduced cost c_ij + u_i - u_j of a row, if below the tolerance.
    fn entering(&self, row: usize, tolerance: f64) -> Option<usize> {
        let costs = &self.cost[row * self.n..(row + 1) * self.n];
        let sinks = &self.potential[self.m..self.m + self.n];
        let (mut best, mut at) = (-tolerance - self.potential[row], NONE);
        for (j, (c, u)) in costs.iter().zip(sinks).enumerate() {
            let reduced = c - u;
            if reduced < best {
                (best, at) = (reduced, j);
            }
        }
        (at != NONE).then_some(at)
    }

    /// Brings the cell (source, sink) into the tree.
    fn pivot(&mut self, source: usize, sink: usize) {
        let m = self.m;
        let (mut u, mut v) = (source, sink);
        // Flow circulates from the apex down to the source, over the new cell, and from the sink up to the apex. Arcs that point against
        // it block: those of sources on the first side and those of sinks on the second. The last in that direction leaves.
        let (mut down, mut up) = ((f64::INFINITY, NONE), (f64::INFINITY, NONE));
        while u != v {
            if self.depth[u] >= self.depth[v] {
                if u < m && self.flow[u] < down.0 {
                    down = (self.flow[u], u);
                }
                u = self.parent[u];
            } else {
                if v >= m && self.flow[v] <= up.0 {
                    up = (self.flow[v], v);
                }
                v = self.parent[v];
            }
        }
        let apex = u;
        let (delta, leaving, below, above) =
            if up.0 <= down.0 { (up.0, up.1, sink, source) } else { (down.0, down.1, source, sink) };
        let mut w = source;
        while w != apex {
            self.flow[w] += if w < m { -delta } else { delta };
            w = self.parent[w];
        }
        w = sink;
        while w != apex {
            self.flow[w] += if w < m { delta } else { -delta };
            w = self.parent[w];
        }
        // Re-root the part that was cut off at its end of the new cell.
        let (mut node, mut parent, mut flow) = (below, above, delta);
        loop {
            let (old_parent, old_flow) = (self.parent[node], self.flow[node]);
            self.orphan(node, old_parent);
            self.parent[node] = parent;
            self.flow[node] = flow;
            self.adopt(node, parent);
            if node == leaving {
                break;
            }
            (parent, node, flow) = (node, old_parent, old_flow);
        }
        self.refresh(below);
    }

    fn adopt(&mut self, node: usize, parent: usize) {
        let sibling = self.first_child[parent];
        self.next[node] = sibling;
        self.previous[node] = NONE;
        if sibling != NONE {
            self.previous[sibling] = node;
        }
        self.first_child[parent] = node;
    }

    fn orphan(&mut self, node: usize, parent: usize) {
        let (previous, next) = (self.previous[node], self.next[node]);
        if previous == NONE {
            self.first_child[parent] = next;
        } else {
            self.next[previous] = next;
        }
        if next != NONE {
            self.previous[next] = previous;
        }
    }

    /// Depths and potentials below and at `top`, from its parent (recomputed, not shifted, so that rounding does not build up).
    fn refresh(&mut self, top: usize) {
        self.stack.push(top);
        while let Some(v) = self.stack.pop() {
            let p = self.parent[v];
            let cost = self.arc_cost(v);
            self.depth[v] = self.depth[p] + 1;
            self.potential[v] = self.potential[p] + if v < self.m { -cost } else { cost };
            let mut child = self.first_child[v];
            while child != NONE {
                self.stack.push(child);
                child = self.next[child];
            }
        }
    }
}

fn total(weights: &[f64]) -> Result<f64> {
    match weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
        Some(index) => Err(Error::Weight { index, value: weights[index] }),
        None => Ok(weights.iter().sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SplitMix64, tests::uniform};
    use crate::{Bootstrap, Pool, bootstrap::Side, bootstrap_wasserstein};

    /// Cheapest way to give each of the first rows its own column.
    fn best_assignment(cost: &dyn Fn(usize, usize) -> f64, row: usize, n: usize, used: &mut Vec<bool>) -> f64 {
        if row == n {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for j in 0..used.len() {
            if !used[j] {
                used[j] = true;
                best = best.min(cost(row, j) + best_assignment(cost, row + 1, n, used));
                used[j] = false;
            }
        }
        best
    }

    fn random(rng: &mut SplitMix64, n: usize) -> Vec<f64> {
        (0..n).map(|_| uniform(rng)).collect()
    }

    #[test]
    fn equal_weights_agree_with_the_best_permutation() {
        let mut rng = SplitMix64::keyed(1, &[]);
        let mut solver = Transport::new();
        for n in 1..=6 {
            for _ in 0..20 {
                // A coarse grid of costs makes ties, the hard case for a simplex method.
                let cost: Vec<f64> = random(&mut rng, n * n).iter().map(|c| (c * 5.0).round() / 5.0).collect();
                let truth = best_assignment(&|i, j| cost[i * n + j], 0, n, &mut vec![false; n]) / n as f64;
                let w = vec![1.0 / n as f64; n];
                assert!((solver.solve(&w, &w, &cost).unwrap() - truth).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn integer_weights_agree_with_the_best_assignment_of_their_units() {
        let mut rng = SplitMix64::keyed(2, &[]);
        let mut solver = Transport::new();
        for _ in 0..60 {
            let (m, n) = (1 + rng.below(4), 1 + rng.below(4));
            let cost = random(&mut rng, m * n);
            let mut units = |k: usize, n: usize| -> Vec<usize> { (0..k).map(|_| rng.below(n)).collect() };
            let (rows, columns) = (units(5, m), units(7, n));
            let weights = |units: &[usize], n: usize| -> Vec<f64> {
                (0..n).map(|i| units.iter().filter(|u| **u == i).count() as f64).collect()
            };
            // Five units are moved into seven places, so two places stay empty.
            let truth = best_assignment(&|i, j| cost[rows[i] * n + columns[j]], 0, 5, &mut vec![false; 7]);
            let found = solver.solve(&weights(&rows, m), &weights(&columns, n), &cost).unwrap();
            assert!((found - truth).abs() < 1e-12, "{found} {truth}");
        }
    }

    #[test]
    fn on_a_line_it_is_the_one_dimensional_wasserstein_distance() {
        let mut rng = SplitMix64::keyed(3, &[]);
        let (x, y) = (random(&mut rng, 60), random(&mut rng, 45));
        let cost: Vec<f64> = x.iter().flat_map(|a| y.iter().map(move |b| (a - b).abs())).collect();
        let draws = Bootstrap { size: 700, batches: 1, seed: 4 };
        let weights = |n, side| draws.counts(n, 0, side).iter().map(|&c| f64::from(c) / 700.0).collect::<Vec<f64>>();
        let found = Transport::new().solve(&weights(60, Side::Real), &weights(45, Side::Generated), &cost).unwrap();
        let pool = |v: Vec<f64>| Pool::scalar(v).unwrap();
        let truth = bootstrap_wasserstein(&pool(x), &pool(y), &draws).unwrap().value;
        assert!((found - truth).abs() < 1e-12, "{found} {truth}");
    }

    #[test]
    fn a_shuffled_copy_is_free_to_match() {
        let mut rng = SplitMix64::keyed(4, &[]);
        let mut solver = Transport::new();
        for n in [1, 2, 10, 150] {
            let (x, w) = (random(&mut rng, n), random(&mut rng, n));
            let order = rng.permutation(n);
            let cost: Vec<f64> = (0..n * n).map(|k| (x[k / n] - x[order[k % n] as usize]).abs()).collect();
            let shuffled: Vec<f64> = order.iter().map(|&j| w[j as usize]).collect();
            assert!(solver.solve(&w, &shuffled, &cost).unwrap().abs() < 1e-12);
        }
    }

    #[test]
    fn impossible_input_is_an_error() {
        let mut solver = Transport::new();
        assert_eq!(solver.solve(&[-1.0], &[1.0], &[1.0]), Err(Error::Weight { index: 0, value: -1.0 }));
        assert_eq!(solver.solve(&[1.0], &[1.0], &[]), Err(Error::Shape { rows: 1, cols: 1, len: 0 }));
        assert_eq!(solver.solve(&[], &[1.0], &[]), Ok(0.0));
    }
}
