//! The divergence of the probability-flow velocity, from the trace of the estimate's Jacobian:
//!
//! 1. `div velocity = a tr(dD/dx) + b n`, where `velocity = a D + b x` and a sample has `n` numbers
//! 2. exactly: `tr J = sum_j e_j . J e_j`, `n` derivatives forward
//! 3. Hutchinson (1989): `E[z . J z] = tr J` for any `z` with `E[z z^T] = 1`, one derivative backward per probe
//!
//! The laws of `z` are [`Probe`]'s. Grathwohl et al., arXiv:1810.01367, eq. 7 (FFJORD): the probes stay the same along a
//! whole trajectory.

use super::{JvpRows, VjpRows};
use crate::{Path, Probe, Rng, Rows};

/// An estimate of the data together with the trace of its Jacobian.
pub trait Trace<X> {
    /// The path that the times refer to.
    fn path(&self) -> &dyn Path;

    /// `D(x, t)` and `tr(dD/dx)` of each sample of `x`, at its own time; `rows` are the samples' numbers in their batch.
    fn trace(&self, x: &X, t: &[f64], rows: &[usize]) -> (X, Vec<f64>);
}

/// The exact trace, at one forward derivative per number of a sample.
pub struct ExactTrace<'a, X> {
    /// The model.
    pub model: &'a dyn JvpRows<X>,
}

impl<X: Rows> Trace<X> for ExactTrace<'_, X> {
    fn path(&self) -> &dyn Path {
        self.model.path()
    }

    fn trace(&self, x: &X, t: &[f64], rows: &[usize]) -> (X, Vec<f64>) {
        let mut total = vec![0.0; x.rows()];
        let mut estimate = None;
        for j in 0..x.numbers().into_iter().max().unwrap_or(0) {
            let direction = x.unit(j);
            let (value, change) = self.model.jvp_rows(x, t, rows, &direction);
            total.iter_mut().zip(direction.dot(&change)).for_each(|(sum, term)| *sum += term);
            estimate = Some(value);
        }
        // Samples without numbers are their own estimate.
        (estimate.unwrap_or_else(|| x.clone()), total)
    }
}

/// Hutchinson's unbiased estimate of the trace, the mean over fixed probes.
pub struct Hutchinson<'a, X> {
    model: &'a dyn VjpRows<X>,
    probes: Vec<X>,
}

impl<'a, X: Rows> Hutchinson<'a, X> {
    /// `count` probes (at least one) for each sample of a batch like `like`, using up one draw each.
    pub fn new(model: &'a dyn VjpRows<X>, like: &X, law: Probe, count: usize, rng: &mut Rng) -> Hutchinson<'a, X> {
        Hutchinson { model, probes: (0..count.max(1)).map(|_| law.draw(like, rng)).collect() }
    }
}

impl<X: Rows> Trace<X> for Hutchinson<'_, X> {
    fn path(&self) -> &dyn Path {
        self.model.path()
    }

    fn trace(&self, x: &X, t: &[f64], rows: &[usize]) -> (X, Vec<f64>) {
        let (estimate, pullback) = self.model.vjp_rows(x, t, rows);
        let places: Vec<(usize, usize)> = rows.iter().map(|r| (0, *r)).collect();
        let mut total = vec![0.0; rows.len()];
        for probe in &self.probes {
            let probe = X::regroup(&[probe], &places);
            let share = 1.0 / self.probes.len() as f64;
            total.iter_mut().zip(probe.dot(&pullback(&probe))).for_each(|(sum, term)| *sum += share * term);
        }
        (estimate, total)
    }
}
