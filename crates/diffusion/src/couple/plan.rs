//! A doubly stochastic plan and permutations drawn from it.
//!
//! Drawing partners row by row would use some twice and others never. Dependent rounding draws a permutation with
//! `E[1(order(i) = j)] = P_ij` exactly: along a cycle of fractional entries mass `+a, -a, +a, ...` or `-b, +b, -b, ...` is
//! moved with probabilities `b/(a + b)` and `a/(a + b)`, which leaves every row's and column's sum and every expectation
//! alone and makes at least one entry 0 or 1. Gandhi, Khuller, Parthasarathy & Srinivasan, J. ACM 53 (2006) 324;
//! the rounding to exact marginals is Altschuler, Weed & Rigollet, arXiv:1705.09634, algorithm 2.

use crate::Rng;

/// A matrix of nonnegative numbers whose rows and columns sum to one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// Rows and columns.
    pub n: usize,
    /// The entries, `[n, n]` row-major: `mass[i n + j]` is the probability that `i` is paired with `j`.
    pub mass: Vec<f64>,
    /// Iterations it took.
    pub iterations: usize,
    /// How far the sum of a row was from one at the end of the iterations, before the rounding to exact marginals.
    pub error: f64,
}

/// Entries nearer than this to 0 or 1 are taken for it.
const GRAIN: f64 = 1e-12;

impl Plan {
    /// The plan with exact marginals nearest to an almost doubly stochastic matrix.
    pub(super) fn rounded(mut mass: Vec<f64>, n: usize, iterations: usize, error: f64) -> Plan {
        let sums = |mass: &[f64]| {
            let (mut rows, mut columns) = (vec![0.0; n], vec![0.0; n]);
            for (i, m) in mass.iter().enumerate() {
                rows[i / n] += m;
                columns[i % n] += m;
            }
            (rows, columns)
        };
        let (rows, _) = sums(&mass);
        mass.iter_mut().enumerate().for_each(|(i, m)| *m /= rows[i / n].max(1.0));
        let (_, columns) = sums(&mass);
        mass.iter_mut().enumerate().for_each(|(i, m)| *m /= columns[i % n].max(1.0));
        let (rows, columns) = sums(&mass);
        let missing: f64 = rows.iter().map(|r| 1.0 - r).sum();
        if missing > 0.0 {
            let gap = |sum: f64| (1.0 - sum).max(0.0);
            mass.iter_mut().enumerate().for_each(|(i, m)| *m += gap(rows[i / n]) * gap(columns[i % n]) / missing);
        }
        Plan { n, mass, iterations, error }
    }

    /// A permutation whose expectation is the plan: `i` is paired with `order[i]`. Keyed by sample `rng.first`; uses up one
    /// draw.
    pub fn draw(&self, rng: &mut Rng) -> Vec<usize> {
        let n = self.n;
        let fractional = |m: f64| m > GRAIN && m < 1.0 - GRAIN;
        let at = |mass: &[f64], row: bool, a: usize, b: usize| if row { mass[a * n + b] } else { mass[b * n + a] };
        let mut mass = self.mass.clone();
        // Fractional entries by row and by column; once 0 or 1 an entry stays so, and is dropped when met.
        let lists = |row: bool| {
            let of = |a| (0..n).filter(|&b| fractional(at(&self.mass, row, a, b))).collect();
            (0..n).map(of).collect::<Vec<Vec<usize>>>()
        };
        let mut open = [lists(false), lists(true)];
        let most = open[1].iter().map(Vec::len).sum();
        let mut choices = rng.uniform(1, most).into_iter();

        for start in 0..n {
            // A walk row - column - row - ... along fractional entries; `place` is a node's position in it.
            let mut walk = vec![(true, start)];
            let mut place = [vec![usize::MAX; n], vec![usize::MAX; n]];
            place[1][start] = 0;
            while let Some(&(row, node)) = walk.last() {
                let from = walk.len().checked_sub(2).map_or(usize::MAX, |w| walk[w].1);
                let list = &mut open[usize::from(row)][node];
                let Some(next) = last_but(list, from, |other| fractional(at(&mass, row, node, other))) else {
                    // The only fractional entry of a line is 0 or 1 up to rounding.
                    if from != usize::MAX {
                        let entry = if row { node * n + from } else { from * n + node };
                        mass[entry] = mass[entry].round();
                    }
                    place[usize::from(row)][node] = usize::MAX;
                    walk.pop();
                    continue;
                };
                let first = place[usize::from(!row)][next];
                if first == usize::MAX {
                    place[usize::from(!row)][next] = walk.len();
                    walk.push((!row, next));
                    continue;
                }
                let cycle = &walk[first..];
                let entries: Vec<usize> = (0..cycle.len())
                    .map(|k| {
                        let ((row, a), (_, b)) = (cycle[k], cycle[(k + 1) % cycle.len()]);
                        if row { a * n + b } else { b * n + a }
                    })
                    .collect();
                shift(&mut mass, &entries, choices.next().unwrap_or(0.5));
                for &(row, node) in &walk[first + 1..] {
                    place[usize::from(row)][node] = usize::MAX;
                }
                walk.truncate(first + 1);
            }
        }
        pairs(&mass, n)
    }
}

/// The last valid number of a list other than `except`; numbers that are no longer valid are dropped when met.
fn last_but(list: &mut Vec<usize>, except: usize, valid: impl Fn(usize) -> bool) -> Option<usize> {
    let mut skipped = false;
    loop {
        let place = list.len().checked_sub(1 + usize::from(skipped))?;
        let number = list[place];
        if !valid(number) {
            list.swap_remove(place);
        } else if number != except {
            return Some(number);
        } else {
            skipped = true;
        }
    }
}

/// Moves mass along a cycle so that an entry becomes 0 or 1, in expectation by nothing.
fn shift(mass: &mut [f64], entries: &[usize], u: f64) {
    let room = |sign: bool| {
        let one = |(k, &e): (usize, &usize)| if (k % 2 == 0) == sign { 1.0 - mass[e] } else { mass[e] };
        entries.iter().enumerate().map(one).fold(f64::INFINITY, f64::min)
    };
    let (a, b) = (room(true), room(false));
    let amount = if u * (a + b) < b { a } else { -b };
    for (k, &e) in entries.iter().enumerate() {
        mass[e] += if k % 2 == 0 { amount } else { -amount };
    }
}

/// Row by row the largest entry among the columns left: the permutation that a matrix of zeros and ones is.
fn pairs(mass: &[f64], n: usize) -> Vec<usize> {
    let mut taken = vec![false; n];
    let partner = |row: &[f64]| {
        let free = (0..n).filter(|&j| !taken[j]);
        let best = free.max_by(|&a, &b| row[a].total_cmp(&row[b])).expect("as many columns as rows");
        taken[best] = true;
        best
    };
    mass.chunks_exact(n.max(1)).map(partner).collect()
}
