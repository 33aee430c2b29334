//! Transport under conditions.
//!
//! Plain minibatch transport gives each condition the noise nearest to its data, so the noise of one condition is no longer
//! normal; at sampling it is, and the conditional flow has never seen most of it. The repair, with noise `j` born beside data
//! `j` and hence with its condition:
//!
//! 1. labels: noise is exchanged within a label only
//! 2. continuous conditions: `cost_ij = |data_i - noise_j|^2 + w^2 |c_i - c_j|^2`
//!
//! Cheng & Schwing, C²OT, arXiv:2503.10636, section 3 (with squared distances of the conditions).

use super::rows::{numbered, squared_distances};
use crate::Error;

/// What the samples of a batch are conditioned on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Condition<'a> {
    /// One label per sample, or none at all.
    pub labels: &'a [usize],
    /// Continuous conditions, row-major with the same number for every sample, or none at all.
    pub values: &'a [f64],
    /// `w`, data units per unit of condition: 0 ignores the values, infinity forbids any exchange between different ones.
    pub weight: f64,
}

impl Condition<'_> {
    /// Whether the condition fits a batch of `n` samples.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of labels, or of values that is no multiple of `n`; [`Error::Parameter`] for a
    /// weight below zero.
    pub fn fits(&self, n: usize) -> Result<(), Error> {
        if !self.labels.is_empty() && self.labels.len() != n {
            return Err(Error::Length { what: "labels of a batch", expected: n, got: self.labels.len() });
        }
        if !self.values.is_empty() && !self.values.len().is_multiple_of(n.max(1)) {
            let expected = self.values.len().div_ceil(n.max(1)) * n;
            return Err(Error::Length { what: "conditions of a batch", expected, got: self.values.len() });
        }
        if self.weight.is_nan() || self.weight < 0.0 {
            return Err(Error::Parameter { what: "weight", value: self.weight, allowed: "a number >= 0" });
        }
        Ok(())
    }

    /// `w^2 |c_i - c_j|^2`, `[n, n]`; nothing without values.
    fn distances(&self, n: usize) -> Option<Vec<f64>> {
        if self.values.is_empty() || self.weight == 0.0 {
            return None;
        }
        let weight = self.weight.min(1e50);
        let scaled: Vec<f64> = self.values.iter().map(|v| weight * v).collect();
        Some(squared_distances(&scaled, &scaled, n))
    }

    /// The order in which `solve(cost, n, unit)` pairs data with source, label by label and kind by kind.
    ///
    /// `cost` is `[n, n]`; `unit` is its mean without the conditions' share, so that their weight, however large, does not
    /// stretch the scale that an entropy is measured by.
    pub(crate) fn order(
        &self,
        cost: &[f64],
        kinds: &[usize],
        mut solve: impl FnMut(&[f64], usize, f64) -> Vec<usize>,
    ) -> Vec<usize> {
        let n = kinds.len();
        let distances = self.distances(n);
        let groups = numbered((0..n).map(|i| (kinds[i], self.labels.get(i).copied())));
        let mut order = vec![0; n];
        for group in 0..groups.iter().max().map_or(0, |last| last + 1) {
            let members: Vec<usize> = (0..n).filter(|&i| groups[i] == group).collect();
            let places = || members.iter().flat_map(|&i| members.iter().map(move |&j| i * n + j));
            let mut part: Vec<f64> = places().map(|k| cost[k]).collect();
            let unit = part.iter().sum::<f64>() / part.len() as f64;
            if let Some(distances) = &distances {
                part.iter_mut().zip(places()).for_each(|(c, k)| *c += distances[k]);
            }
            for (&i, j) in members.iter().zip(solve(&part, members.len(), unit)) {
                order[i] = members[j];
            }
        }
        order
    }
}
