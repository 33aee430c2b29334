//! Strided sampling: a model trained with T steps is sampled with K of them.
//!
//! `K` evenly spaced numbers from T to 1, rounded, are the steps kept; the betas between them follow from the path, since
//! [`Posterior`](super::Posterior) takes any two times: `beta_i = 1 - alpha^2(S_i)/alpha^2(S_(i-1))`.
//! Nichol & Dhariwal, arXiv:2102.09672, section 4.

use crate::error::Error;
use crate::{DdpmTable, Grid};

impl Grid {
    /// `n` of the table's steps, from its last to its first, and then to clean data.
    ///
    /// # Errors
    /// [`Error::Length`] for `n = 0`, [`Error::Grid`] for more steps than the table has.
    pub fn strided(table: &DdpmTable, n: usize) -> Result<Grid, Error> {
        let last = table.steps() as f64;
        let kept = |i: usize| (last - (last - 1.0) * i as f64 / (n.max(2) - 1) as f64).round() / last;
        Grid::new((0..n).map(kept).collect())
    }
}
