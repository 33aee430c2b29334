//! Which noise goes with which data.
//!
//! Under [`Coupling::Independent`] a sample's noise depends on nothing but its own number. Minibatch couplings pair the
//! noise of a batch with the data of that batch, so by their nature a pair depends on the whole batch; the noise itself
//! is still drawn by sample number. Samples exchange noise only with their kind ([`Rows::kinds`]): clouds with clouds of the
//! same mask.
//! Tong et al., arXiv:2302.00482, section 3; Pooladian et al., arXiv:2304.14772.

use std::str::FromStr;

use crate::couple::{Condition, Sinkhorn, least};
use crate::error::unknown;
use crate::{Error, Rng, Rows};

/// A joint law of data and noise whose marginals are the data and the standard normal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Coupling {
    /// Every sample gets its own noise, whatever its data.
    #[default]
    Independent,
    /// The permutation of a batch with the least sum of squared distances ([`assignment`](crate::couple::assignment)).
    Exact,
    /// A permutation drawn from the batch's entropic plan ([`Sinkhorn`]).
    Sinkhorn {
        /// Entropy's weight in units of the mean squared distance, e.g. 0.05; at or below zero the plan is exact, at infinity independent.
        epsilon: f64,
    },
}

impl Coupling {
    /// The names that parse; `sinkhorn` has `epsilon = 0.05`.
    pub const NAMES: [&str; 3] = ["independent", "exact", "sinkhorn"];

    /// The noise that goes with a batch of data, of its shape; row `r` is drawn as sample `rng.first + r`.
    pub fn noise<X: Rows>(&self, data: &X, rng: &mut Rng) -> X {
        let noise = data.randn_like(rng);
        self.reorder(data, noise, &Condition::default(), rng)
    }

    /// [`Coupling::noise`] for a model with conditions: whatever the condition, its noise is standard normal.
    ///
    /// # Errors
    /// As [`Condition::fits`].
    pub fn noise_given<X: Rows>(&self, data: &X, condition: &Condition, rng: &mut Rng) -> Result<X, Error> {
        let noise = data.randn_like(rng);
        self.pair(data, noise, condition, rng)
    }

    /// A source other than noise, in the order that pairs it with `data`: for flows between two data sets.
    ///
    /// The condition of a source is that of the data it comes in beside.
    ///
    /// # Errors
    /// [`Error::Length`] if source and data are not equally many or a source has not its data's length; as
    /// [`Condition::fits`].
    pub fn pair<X: Rows>(&self, data: &X, source: X, condition: &Condition, rng: &mut Rng) -> Result<X, Error> {
        let (expected, got) = (data.numbers(), source.numbers());
        if expected.len() != got.len() {
            return Err(Error::Length { what: "source of a batch", expected: expected.len(), got: got.len() });
        }
        if let Some((expected, got)) = expected.into_iter().zip(got).find(|(expected, got)| expected != got) {
            return Err(Error::Length { what: "sample of a source", expected, got });
        }
        condition.fits(data.rows())?;
        Ok(self.reorder(data, source, condition, rng))
    }

    fn reorder<X: Rows>(&self, data: &X, source: X, condition: &Condition, rng: &mut Rng) -> X {
        let sinkhorn = match *self {
            Coupling::Independent | Coupling::Sinkhorn { epsilon: f64::INFINITY } => return source,
            Coupling::Exact => None,
            Coupling::Sinkhorn { epsilon } => Sinkhorn::new(epsilon).ok(),
        };
        let solve = |cost: &[f64], n: usize, unit: f64| match sinkhorn {
            Some(sinkhorn) => sinkhorn.solve(cost, n, unit).draw(rng),
            None => least(cost, n).order,
        };
        source.reordered(&condition.order(&data.to_host(), &source.to_host(), &data.kinds(), solve))
    }
}

impl FromStr for Coupling {
    type Err = Error;

    fn from_str(name: &str) -> Result<Coupling, Error> {
        Ok(match name {
            "independent" => Coupling::Independent,
            "exact" => Coupling::Exact,
            "sinkhorn" => Coupling::Sinkhorn { epsilon: 0.05 },
            _ => return Err(unknown("coupling", name, &Coupling::NAMES)),
        })
    }
}
