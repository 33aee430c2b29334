//! Entropic optimal transport between two batches of `n` points.
//!
//! 1. `P = argmin <P, c> + eps sum P (ln P - 1)` over `P >= 0` whose rows and columns sum to one
//! 2. `P_ij = exp(f_i + g_j - c_ij/eps)`, with `f` and `g` found by normalising rows and columns in turn
//!
//! Steps that touch the potentials are taken in the log domain; between them the kernel that has absorbed the potentials
//! is scaled by plain matrix-vector products, which is as safe and far cheaper. `eps` falls to its value by halving.
//! Cuturi, arXiv:1306.0895; Schmitzer, arXiv:1610.06519 (absorption, scaling of eps).

use super::Plan;
use super::distances::square;
use crate::error::{Error, positive};

/// The entropic plan's constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sinkhorn {
    /// Entropy's weight in units of the mean cost (see [`Sinkhorn::plan_in_units`] for others): 0 is exact transport, infinity the independent coupling.
    pub epsilon: f64,
    /// Iterations stop when no row's sum is farther than this from one.
    pub tolerance: f64,
    /// Most iterations at the final epsilon.
    pub iterations: usize,
}

/// Plain scalings between two absorptions.
const SCALINGS: usize = 50;

impl Sinkhorn {
    /// Constants with tolerance 1e-4 and at most 1,000 iterations.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an epsilon not above zero.
    pub fn new(epsilon: f64) -> Result<Sinkhorn, Error> {
        Ok(Sinkhorn { epsilon: positive("epsilon", epsilon)?, tolerance: 1e-4, iterations: 1000 })
    }

    /// The plan of a cost matrix, `[n, n]` row-major, finite and not negative; epsilon in units of its mean.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are `n²` costs, [`Error::Parameter`] for one that is not finite, a mean below zero or
    /// an epsilon not above zero.
    pub fn plan(&self, cost: &[f64], n: usize) -> Result<Plan, Error> {
        self.plan_in_units(cost, n, cost.iter().sum::<f64>() / cost.len().max(1) as f64)
    }

    /// The same with epsilon in units of `unit`: 1 for an absolute epsilon, e.g. the `2 sigma^2` of a Schrödinger bridge.
    ///
    /// # Errors
    /// As [`Sinkhorn::plan`], with `unit` for the mean.
    pub fn plan_in_units(&self, cost: &[f64], n: usize, unit: f64) -> Result<Plan, Error> {
        square(cost, n)?;
        positive("epsilon", self.epsilon)?;
        if !(unit.is_finite() && unit >= 0.0) {
            let allowed = "a finite number >= 0 (costs are not negative)";
            return Err(Error::Parameter { what: "unit of epsilon", value: unit, allowed });
        }
        Ok(self.solve(cost, n, unit))
    }

    /// [`Sinkhorn::plan_in_units`] for costs known to be `n²`, finite and not negative.
    pub(crate) fn solve(&self, cost: &[f64], n: usize, unit: f64) -> Plan {
        let last = (self.epsilon * unit).max(f64::MIN_POSITIVE);
        let mut state = Scaling { cost, n, f: vec![0.0; n], g: vec![0.0; n], kernel: vec![0.0; n * n] };
        let mut epsilon = last.max(unit);
        while epsilon > last {
            state.iterate(epsilon, 0.1, SCALINGS);
            epsilon = (0.5 * epsilon).max(last);
        }
        let (iterations, error) = state.iterate(last, self.tolerance, self.iterations);
        Plan::rounded(state.kernel, n, iterations, error)
    }
}

struct Scaling<'a> {
    cost: &'a [f64],
    n: usize,
    /// Potentials in units of the cost.
    f: Vec<f64>,
    g: Vec<f64>,
    /// `exp((f_i + g_j - c_ij)/eps)`, the plan.
    kernel: Vec<f64>,
}

impl Scaling<'_> {
    /// Normalises until the rows are right to `tolerance`; the columns always are. Returns the iterations and the rows' error.
    fn iterate(&mut self, epsilon: f64, tolerance: f64, most: usize) -> (usize, f64) {
        let mut done = 0;
        loop {
            self.absorb(epsilon);
            done += 1;
            let (mut u, mut v) = (vec![1.0; self.n], vec![1.0; self.n]);
            let mut error;
            let mut rounds = 0;
            loop {
                let sums = self.row_sums(&v);
                error = sums.iter().zip(&u).map(|(s, u)| (s * u - 1.0).abs()).fold(0.0, f64::max);
                // Near the limits of the exponent the logarithms take over again.
                let safe = sums.iter().all(|s| (1e-200..1e200).contains(s));
                if error <= tolerance || done >= most || rounds == SCALINGS || !safe {
                    break;
                }
                u = sums.iter().map(|s| 1.0 / s).collect();
                v = self.column_sums(&u).iter().map(|s| 1.0 / s).collect();
                (done, rounds) = (done + 1, rounds + 1);
            }
            let add = |potential: &mut [f64], scale: &[f64]| {
                potential.iter_mut().zip(scale).for_each(|(p, s)| *p += epsilon * s.ln());
            };
            add(&mut self.f, &u);
            add(&mut self.g, &v);
            if error <= tolerance || done >= most {
                for (row, u) in self.kernel.chunks_exact_mut(self.n.max(1)).zip(&u) {
                    row.iter_mut().zip(&v).for_each(|(k, v)| *k *= u * v);
                }
                return (done, error);
            }
        }
    }

    /// One iteration in the log domain, and the kernel with its potentials.
    fn absorb(&mut self, epsilon: f64) {
        let n = self.n;
        for (f, costs) in self.f.iter_mut().zip(self.cost.chunks_exact(n.max(1))) {
            let terms = || self.g.iter().zip(costs).map(|(g, c)| (g - c) / epsilon);
            let top = terms().fold(f64::NEG_INFINITY, f64::max);
            *f = -epsilon * (top + terms().map(|t| (t - top).exp()).sum::<f64>().ln());
        }
        let mut top = vec![f64::NEG_INFINITY; n];
        for (i, k) in self.kernel.iter_mut().enumerate() {
            *k = (self.f[i / n] - self.cost[i]) / epsilon;
            top[i % n] = top[i % n].max(*k);
        }
        self.kernel.iter_mut().enumerate().for_each(|(i, k)| *k = (*k - top[i % n]).exp());
        let sums = self.column_sums(&vec![1.0; n]);
        self.kernel.iter_mut().enumerate().for_each(|(i, k)| *k /= sums[i % n]);
        self.g = top.iter().zip(&sums).map(|(top, sum)| -epsilon * (top + sum.ln())).collect();
    }

    fn row_sums(&self, v: &[f64]) -> Vec<f64> {
        let sum = |row: &[f64]| row.iter().zip(v).map(|(k, v)| k * v).sum();
        self.kernel.chunks_exact(self.n.max(1)).map(sum).collect()
    }

    fn column_sums(&self, u: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.n];
        for (row, u) in self.kernel.chunks_exact(self.n.max(1)).zip(u) {
            sums.iter_mut().zip(row).for_each(|(s, k)| *s += u * k);
        }
        sums
    }
}
