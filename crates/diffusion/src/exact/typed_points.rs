//! A point with a type, a molecule in miniature: `type ~ w_k`, `coordinate ~ N(m_k, s_k^2)`; the type is noised as a token and
//! the coordinate along a path, independently given the data. With `q_k^2 = alpha^2 s_k^2 + sigma^2`:
//!
//! 1. `p(type = k | x_t) ~ w_k q(token | k) N(y; alpha m_k, q_k^2)`
//! 2. `E[coordinate | x_t] = sum_k p(k | x_t) (m_k + (alpha s_k^2/q_k^2)(y - alpha m_k))`

use super::gaussian::spread;
use crate::discrete::{Categorical, Probabilities, Tokens};
use crate::error::{Error, finite, positive};
use crate::vector::log_sum;
use crate::{Path, Samples};

/// One type of point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointType {
    /// Its probability, relative to the others.
    pub weight: f64,
    /// Mean of its coordinate.
    pub mean: f64,
    /// Standard deviation of its coordinate.
    pub std: f64,
}

/// The exact joint model of one typed point per sample.
#[derive(Clone, Debug)]
pub struct TypedPoints<P> {
    types: Vec<PointType>,
    process: Categorical,
    path: P,
}

impl<P: Path> TypedPoints<P> {
    /// The model of points whose types are noised by `process` and whose coordinates go along `path`.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one type per class, [`Error::Parameter`] for weights or widths not above zero.
    pub fn new(process: Categorical, path: P, types: Vec<PointType>) -> Result<TypedPoints<P>, Error> {
        if types.len() != process.classes() {
            return Err(Error::Length { what: "types", expected: process.classes(), got: types.len() });
        }
        for kind in &types {
            positive("weight", kind.weight)?;
            positive("std", kind.std)?;
            finite("mean", kind.mean)?;
        }
        Ok(TypedPoints { types, process, path })
    }

    /// The probabilities of the types and the mean coordinate, given noisy tokens (one per sample) and coordinates at `t`.
    ///
    /// # Errors
    /// [`Error::Token`] for a token that is no state of the process, [`Error::Length`] unless there are as many tokens as
    /// samples, each with one coordinate.
    pub fn estimate(&self, x: &(Tokens, Samples), t: f64) -> Result<(Probabilities, Samples), Error> {
        x.0.below(self.process.states())?;
        if x.0.values.len() != x.1.0.len() {
            return Err(Error::Length { what: "tokens", expected: x.1.0.len(), got: x.0.values.len() });
        }
        if let Some(y) = x.1.0.iter().find(|y| y.len() != 1) {
            return Err(Error::Length { what: "coordinates of a point", expected: 1, got: y.len() });
        }
        let c = self.path.at(t);
        let seen: Vec<Vec<f64>> = (0..self.types.len()).map(|k| self.process.marginal(k, t)).collect();
        let (mut values, mut means) = (Vec::new(), Vec::new());
        for (token, y) in x.0.values.iter().zip(&x.1.0) {
            let log_joint = |(k, kind): (usize, &PointType)| {
                let variance = spread(c, kind.std);
                (kind.weight * seen[k][*token as usize]).ln()
                    - 0.5 * ((y[0] - c.alpha * kind.mean).powi(2) / variance + variance.ln())
            };
            let logs: Vec<f64> = self.types.iter().enumerate().map(log_joint).collect();
            let total = log_sum(&logs);
            let mean = |kind: &PointType| {
                kind.mean + c.alpha * kind.std.powi(2) / spread(c, kind.std) * (y[0] - c.alpha * kind.mean)
            };
            let shares: Vec<f64> = logs.iter().map(|l| (l - total).exp()).collect();
            means.push(vec![shares.iter().zip(&self.types).map(|(p, kind)| p * mean(kind)).sum()]);
            values.extend(shares);
        }
        Ok((Probabilities { values, classes: self.types.len() }, Samples(means)))
    }
}
