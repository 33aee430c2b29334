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

use super::distances::pairwise;
use crate::Error;
use crate::rows::numbered;

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

    /// `w^2 |c_i - c_j|^2` between the `members` of a batch of `n`; nothing without values.
    fn distances(&self, members: &[usize], n: usize) -> Option<Vec<f64>> {
        if self.values.is_empty() || self.weight == 0.0 {
            return None;
        }
        let (weight, width) = (self.weight.min(1e50), self.values.len() / n);
        let scaled = |i: &usize| self.values[i * width..(i + 1) * width].iter().map(|v| weight * v);
        let scaled: Vec<f64> = members.iter().flat_map(scaled).collect();
        Some(pairwise(&scaled, &scaled, members.len()))
    }

    /// The order in which `solve(cost, n, unit)` pairs `data` with `source`, label by label and kind by kind.
    ///
    /// Rows of one kind are equally long. `unit` is the mean cost without the conditions' share, so that their weight, however
    /// large, does not stretch the scale that an entropy is measured by.
    pub(crate) fn order(
        &self,
        data: &[Vec<f64>],
        source: &[Vec<f64>],
        kinds: &[usize],
        mut solve: impl FnMut(&[f64], usize, f64) -> Vec<usize>,
    ) -> Vec<usize> {
        let n = kinds.len();
        let groups = numbered((0..n).map(|i| (kinds[i], self.labels.get(i).copied())));
        let mut order = vec![0; n];
        for group in 0..groups.iter().max().map_or(0, |last| last + 1) {
            let members: Vec<usize> = (0..n).filter(|&i| groups[i] == group).collect();
            let flat = |rows: &[Vec<f64>]| members.iter().flat_map(|&i| rows[i].iter().copied()).collect::<Vec<f64>>();
            let mut cost = pairwise(&flat(data), &flat(source), members.len());
            let unit = cost.iter().sum::<f64>() / cost.len() as f64;
            if let Some(distances) = self.distances(&members, n) {
                cost.iter_mut().zip(distances).for_each(|(c, d)| *c += d);
            }
            for (&i, j) in members.iter().zip(solve(&cost, members.len(), unit)) {
                order[i] = members[j];
            }
        }
        order
    }
}
