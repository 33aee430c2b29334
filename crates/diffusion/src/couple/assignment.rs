//! Exact optimal transport between two batches of `n` points: the linear assignment problem.
//!
//! 1. minimise `sum_i c[i, order(i)]` over permutations
//! 2. dual: maximise `sum_i u_i + sum_j v_j` under `u_i + v_j <= c[i, j]`; equal values prove both optimal
//!
//! Column reduction, then one shortest augmenting path (Dijkstra on reduced costs) for each row left: O(n^3) at worst.
//! Jonker & Volgenant, Computing 38 (1987) 325; Crouse, IEEE Trans. Aerosp. Electron. Syst. 52 (2016) 1679.

use super::distances::square;
use crate::Error;

/// An optimal assignment and the potentials that prove it optimal.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Row `i` is paired with column `order[i]`: a permutation of `0..n`.
    pub order: Vec<usize>,
    /// Dual potentials `u_i` of the rows, in units of the cost.
    pub rows: Vec<f64>,
    /// Dual potentials `v_j` of the columns, in units of the cost.
    pub columns: Vec<f64>,
}

const FREE: usize = usize::MAX;

/// The permutation of least total cost; `cost` is `[n, n]`, row-major and finite.
///
/// # Errors
/// [`Error::Length`] unless there are `n²` costs, [`Error::Parameter`] for one that is not finite.
pub fn assignment(cost: &[f64], n: usize) -> Result<Assignment, Error> {
    square(cost, n)?;
    Ok(least(cost, n))
}

/// [`assignment`] for `n²` costs known to be finite.
pub(crate) fn least(cost: &[f64], n: usize) -> Assignment {
    let mut solver = Solver {
        cost,
        n,
        rows: vec![0.0; n],
        columns: vec![f64::INFINITY; n],
        column_of: vec![FREE; n],
        row_of: vec![FREE; n],
    };
    solver.reduce_columns();
    let mut search = Search::default();
    for row in 0..n {
        if solver.column_of[row] == FREE {
            solver.augment(row, &mut search);
        }
    }
    Assignment { order: solver.column_of, rows: solver.rows, columns: solver.columns }
}

struct Solver<'a> {
    cost: &'a [f64],
    n: usize,
    rows: Vec<f64>,
    columns: Vec<f64>,
    column_of: Vec<usize>,
    row_of: Vec<usize>,
}

/// The state of one search for a shortest path from a free row to a free column.
#[derive(Default)]
struct Search {
    shortest: Vec<f64>,
    parent: Vec<usize>,
    open: Vec<usize>,
    settled: Vec<usize>,
}

impl Solver<'_> {
    /// Each column's potential is its least cost, and its cheapest row takes it if that row is free.
    fn reduce_columns(&mut self) {
        let mut cheapest = vec![0; self.n];
        for row in 0..self.n {
            for (column, &cost) in self.cost[row * self.n..][..self.n].iter().enumerate() {
                if cost < self.columns[column] {
                    (self.columns[column], cheapest[column]) = (cost, row);
                }
            }
        }
        for (column, &row) in cheapest.iter().enumerate() {
            if self.column_of[row] == FREE {
                (self.column_of[row], self.row_of[column]) = (column, row);
            }
        }
    }

    fn augment(&mut self, start: usize, search: &mut Search) {
        let Search { shortest, parent, open, settled } = search;
        shortest.clear();
        shortest.resize(self.n, f64::INFINITY);
        parent.resize(self.n, FREE);
        settled.clear();
        open.clear();
        open.extend(0..self.n);

        let (mut row, mut reached) = (start, 0.0);
        let sink = loop {
            let costs = &self.cost[row * self.n..][..self.n];
            let base = reached - self.rows[row];
            let (mut nearest, mut place) = (f64::INFINITY, 0);
            for (at, &column) in open.iter().enumerate() {
                let length = base + costs[column] - self.columns[column];
                if length < shortest[column] {
                    (shortest[column], parent[column]) = (length, row);
                }
                let length = shortest[column];
                // Among equals a free column ends the search at once.
                if length < nearest || (length == nearest && self.row_of[column] == FREE) {
                    (nearest, place) = (length, at);
                }
            }
            reached = nearest;
            let column = open.swap_remove(place);
            if self.row_of[column] == FREE {
                break column;
            }
            settled.push(column);
            row = self.row_of[column];
        };

        self.rows[start] += reached;
        for &column in settled.iter() {
            let slack = reached - shortest[column];
            self.rows[self.row_of[column]] += slack;
            self.columns[column] -= slack;
        }
        let mut column = sink;
        loop {
            let row = parent[column];
            self.row_of[column] = row;
            std::mem::swap(&mut self.column_of[row], &mut column);
            if row == start {
                break;
            }
        }
    }
}
