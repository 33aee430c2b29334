//! Gradient-boosted decision trees for two classes (Friedman 2001; histograms and leaf-wise growth as in Ke et al. 2017, second-order
//! gain as in Chen and Guestrin, arXiv:1603.02754).
//!
//! Logistic loss, quantile bins, shrinkage, early stopping on a validation sample. The defaults are meant to be strong without tuning.
//! Parallel over features; the sums of a feature run in the order of the rows, so the number of threads does not change the trees.

mod bins;
mod tree;

use crate::{
    error::{Result, at_least, setting},
    matrix::Matrix,
};
use bins::Bins;
use rayon::prelude::*;
use tree::{Grower, Tree};

/// Settings of the classifier. The defaults favour weak differences: small, well-filled trees and a low learning rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosting {
    /// Most trees to grow.
    pub rounds: usize,
    /// Stop after this many trees without a better validation loss, and keep the trees up to the best (at least one).
    pub patience: usize,
    /// Factor on every leaf value.
    pub learning_rate: f64,
    /// Leaves per tree.
    pub leaves: usize,
    /// Bins per feature, 2 to 256.
    pub bins: usize,
    /// L2 penalty on leaf values.
    pub l2: f64,
    /// Least sum of second derivatives in a leaf; near an even split it is a quarter of the number of events.
    pub min_hessian: f64,
}

impl Default for Boosting {
    fn default() -> Self {
        Self { rounds: 1000, patience: 30, learning_rate: 0.05, leaves: 15, bins: 255, l2: 10.0, min_hessian: 20.0 }
    }
}

/// A trained classifier of two classes, calibrated for equal total weight of both.
#[derive(Debug, Clone)]
pub struct Classifier {
    bins: Bins,
    trees: Vec<Tree>,
    /// Mean logistic loss of the validation sample after 0, 1, 2, ... trees, in nats.
    pub validation_loss: Vec<f64>,
}

impl Classifier {
    /// Number of trees kept.
    pub fn rounds(&self) -> usize {
        self.trees.len()
    }

    /// Log odds ln(D/(1-D)) of the positive class for each row of `x`, which must have the columns of the training sample.
    pub fn log_odds(&self, x: &Matrix) -> Result<Vec<f64>> {
        if x.cols() != self.bins.features() {
            return Err(crate::Error::Columns { real: self.bins.features(), generated: x.cols() });
        }
        let columns = self.bins.apply(x);
        Ok((0..x.rows())
            .into_par_iter()
            .with_min_len(1024)
            .map(|row| self.trees.iter().map(|t| t.value(&columns, row)).sum())
            .collect())
    }

    /// Probability D of the positive class for each row of `x`.
    pub fn predict(&self, x: &Matrix) -> Result<Vec<f64>> {
        Ok(self.log_odds(x)?.into_iter().map(sigmoid).collect())
    }
}

pub(crate) fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// A sample with its classes and event weights.
struct Labelled {
    columns: Vec<Vec<u8>>,
    positive: Vec<bool>,
    weight: Vec<f64>,
    log_odds: Vec<f64>,
}

impl Labelled {
    fn new(bins: &Bins, x: &Matrix, positive: &[bool]) -> Self {
        let n = positive.len() as f64;
        let ones = positive.iter().filter(|p| **p).count() as f64;
        let weight = positive.iter().map(|p| 0.5 * n / if *p { ones } else { n - ones }).collect();
        Self { columns: bins.apply(x), positive: positive.to_vec(), weight, log_odds: vec![0.0; x.rows()] }
    }

    /// Mean logistic loss in nats.
    fn loss(&self) -> f64 {
        let each = self.log_odds.iter().zip(&self.positive).zip(&self.weight);
        let sum: f64 = each.map(|((&s, &p), w)| w * softplus(if p { -s } else { s })).sum();
        sum / self.weight.len() as f64
    }
}

/// ln(1 + e^s) without overflow.
fn softplus(s: f64) -> f64 {
    s.max(0.0) + (-s.abs()).exp().ln_1p()
}

fn both_classes(what: &'static str, positive: &[bool]) -> Result<()> {
    let ones = positive.iter().filter(|p| **p).count();
    at_least(what, ones.min(positive.len() - ones), 1)
}

impl Boosting {
    /// Trains on `(table, class of each row)` and stops early by the validation pair. Both classes count with equal total weight.
    ///
    /// Fails if a class is missing, the columns differ, or a setting is out of range.
    pub fn train(&self, train: (&Matrix, &[bool]), validation: (&Matrix, &[bool])) -> Result<Classifier> {
        for (x, positive) in [train, validation] {
            if x.rows() != positive.len() {
                return Err(crate::Error::Shape { rows: x.rows(), cols: 1, len: positive.len() });
            }
        }
        if train.0.cols() != validation.0.cols() {
            return Err(crate::Error::Columns { real: train.0.cols(), generated: validation.0.cols() });
        }
        at_least("features", train.0.cols(), 1)?;
        both_classes("training events of a class", train.1)?;
        both_classes("validation events of a class", validation.1)?;
        setting("bins", self.bins as f64, (2..=256).contains(&self.bins), "2 to 256")?;
        at_least("leaves", self.leaves, 2)?;
        at_least("rounds", self.rounds, 1)?;
        setting("learning_rate", self.learning_rate, self.learning_rate > 0.0, "positive")?;
        setting("l2", self.l2, self.l2 >= 0.0, "zero or more")?;
        setting("min_hessian", self.min_hessian, self.min_hessian > 0.0, "positive")?;

        let bins = Bins::new(train.0, self.bins);
        let mut train = Labelled::new(&bins, train.0, train.1);
        let mut validation = Labelled::new(&bins, validation.0, validation.1);
        let mut grower = Grower::new(self, train.positive.len(), bins.features());
        let (mut trees, mut losses) = (Vec::new(), vec![validation.loss()]);
        // Even where nothing can be learnt the first tree stays: a constant score could not be tested.
        let mut best = 1;
        for round in 1..=self.rounds {
            let slopes: Vec<[f32; 2]> = (train.log_odds.iter().zip(&train.positive).zip(&train.weight))
                .map(|((&s, &p), &w)| {
                    let d = sigmoid(s);
                    [(w * (d - f64::from(u8::from(p)))) as f32, (w * d * (1.0 - d)) as f32]
                })
                .collect();
            let tree = grower.grow(&train.columns, &slopes, &mut train.log_odds);
            for (row, s) in validation.log_odds.iter_mut().enumerate() {
                *s += tree.value(&validation.columns, row);
            }
            let stump = tree.is_constant();
            trees.push(tree);
            losses.push(validation.loss());
            if losses[round] < losses[best] {
                best = round;
            }
            if stump || round - best >= self.patience {
                break;
            }
        }
        trees.truncate(best);
        Ok(Classifier { bins, trees, validation_loss: losses })
    }
}

#[cfg(test)]
mod tests;
