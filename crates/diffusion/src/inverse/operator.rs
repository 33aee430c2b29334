//! Linear measurements of a sample: `y = A x + sigma_y n`, with `n` standard normal.
//!
//! An [`Operator`] knows `A` and its transpose; everything else (pseudo-inverse, guidance, posteriors) follows from those
//! two. Samples are flattened row by row and measured on the host in double precision, whatever device a model lives on.

use super::cg;
use crate::error::{Error, finite};
use crate::{Rng, Rows};

/// A real linear map that need not be stored.
pub trait Operator {
    /// Numbers in a measurement.
    fn range(&self) -> usize;

    /// Numbers in a sample.
    fn domain(&self) -> usize;

    /// `A x`, of length [`Operator::range`].
    ///
    /// # Errors
    /// [`Error::Length`] unless `x` has length [`Operator::domain`].
    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error>;

    /// `A^T y`, of length [`Operator::domain`].
    ///
    /// # Errors
    /// [`Error::Length`] unless `y` has length [`Operator::range`].
    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error>;

    /// `A^+ y`, the shortest of the samples whose measurement is nearest to `y`; by conjugate gradients on the normal
    /// equations unless an operator knows better.
    ///
    /// # Errors
    /// [`Error::Length`] unless `y` has length [`Operator::range`].
    fn pseudo_inverse(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("measurement", self.range(), y)?;
        cg::least_squares(self, y)
    }

    /// The singular vectors, of operators that know them.
    fn spectral(&self) -> Option<&dyn Spectral> {
        None
    }
}

/// Access to `A = U S V^T`, with as many singular values as the rank.
pub trait Spectral {
    /// Singular values above zero.
    fn singular(&self) -> &[f64];

    /// `V^T x`: a sample's coordinates that are measured, one for each singular value.
    fn of_sample(&self, x: &[f64]) -> Vec<f64>;

    /// `V c`: the sample with these coordinates and no others.
    fn sample(&self, c: &[f64]) -> Vec<f64>;

    /// `U^T y`.
    fn of_measurement(&self, y: &[f64]) -> Vec<f64>;
}

impl<A: Operator + ?Sized> Operator for &A {
    fn range(&self) -> usize {
        (**self).range()
    }

    fn domain(&self) -> usize {
        (**self).domain()
    }

    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        (**self).apply(x)
    }

    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        (**self).adjoint(y)
    }

    fn pseudo_inverse(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        (**self).pseudo_inverse(y)
    }

    fn spectral(&self) -> Option<&dyn Spectral> {
        (**self).spectral()
    }
}

/// Refuses vectors of another length.
pub(super) fn length(what: &'static str, expected: usize, values: &[f64]) -> Result<(), Error> {
    let got = values.len();
    if got == expected { Ok(()) } else { Err(Error::Length { what, expected, got }) }
}

/// What was measured: an operator, its outcome and the noise on it.
#[derive(Clone, Debug)]
pub struct Measurement<A> {
    operator: A,
    outcomes: Vec<Vec<f64>>,
    sigma: f64,
}

const WHY: &str = "a state that fits its measurement (see `Measurement::fits`)";

impl<A: Operator> Measurement<A> {
    /// One outcome `y`, the same for every sample of a batch, with noise of standard deviation `sigma >= 0`.
    ///
    /// # Errors
    /// [`Error::Length`] for an outcome of another length than the operator's, [`Error::Parameter`] for a number that is not
    /// finite or a negative `sigma`.
    pub fn new(operator: A, y: Vec<f64>, sigma: f64) -> Result<Measurement<A>, Error> {
        Measurement::per_sample(operator, vec![y], sigma)
    }

    /// One outcome for each sample of a batch.
    ///
    /// # Errors
    /// As [`Measurement::new`], and [`Error::Length`] for no outcome.
    pub fn per_sample(operator: A, outcomes: Vec<Vec<f64>>, sigma: f64) -> Result<Measurement<A>, Error> {
        if !(sigma.is_finite() && sigma >= 0.0) {
            return Err(Error::Parameter { what: "sigma_y", value: sigma, allowed: "a finite number >= 0" });
        }
        if outcomes.is_empty() {
            return Err(Error::Length { what: "outcomes (at least one)", expected: 1, got: 0 });
        }
        for y in &outcomes {
            length("outcome of a measurement", operator.range(), y)?;
            y.iter().try_for_each(|y| finite("outcome of a measurement", *y).map(|_| ()))?;
        }
        Ok(Measurement { operator, outcomes, sigma })
    }

    /// Measures every sample of `x`, adding noise drawn for it; uses up one draw.
    ///
    /// # Errors
    /// [`Error::Length`] for samples of another length than the operator's, [`Error::Parameter`] for a negative `sigma`.
    pub fn of<X: Rows>(operator: A, x: &X, sigma: f64, rng: &mut Rng) -> Result<Measurement<A>, Error> {
        let clean = x.to_host().iter().map(|x| operator.apply(x)).collect::<Result<Vec<_>, _>>()?;
        let noise = rng.normal_f64(clean.len(), operator.range());
        let noisy = |(y, z): (&Vec<f64>, &[f64])| y.iter().zip(z).map(|(y, z)| y + sigma * z).collect();
        let outcomes = clean.iter().zip(noise.chunks(operator.range().max(1))).map(noisy).collect();
        Measurement::per_sample(operator, outcomes, sigma)
    }

    /// The operator.
    pub fn operator(&self) -> &A {
        &self.operator
    }

    /// Standard deviation of the noise.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The outcome for sample `row` of a batch.
    ///
    /// # Errors
    /// [`Error::Length`] if there is neither one outcome for all samples nor one for this.
    pub fn outcome(&self, row: usize) -> Result<&[f64], Error> {
        let found = if self.outcomes.len() == 1 { self.outcomes.first() } else { self.outcomes.get(row) };
        let missing = Error::Length { what: "outcomes of a measurement", expected: row + 1, got: self.outcomes.len() };
        found.map(Vec::as_slice).ok_or(missing)
    }

    /// Whether a batch of samples is one that this can have been measured of. The methods that use a measurement cannot
    /// refuse a state, and panic where this is an error.
    ///
    /// # Errors
    /// [`Error::Length`] for samples of another length than the operator's, or another number of them than of outcomes
    /// (unless there is one for all).
    pub fn fits<X: Rows>(&self, x: &X) -> Result<(), Error> {
        let (numbers, expected) = (x.numbers(), self.operator.domain());
        if let Some(&got) = numbers.iter().find(|n| **n != expected) {
            return Err(Error::Length { what: "sample of a measured batch", expected, got });
        }
        let (expected, got) = (numbers.len(), self.outcomes.len());
        if got == 1 || got == expected {
            Ok(())
        } else {
            Err(Error::Length { what: "outcomes of a measurement", expected, got })
        }
    }

    /// [`Measurement::outcome`] of a batch that [`Measurement::fits`].
    pub(super) fn of_row(&self, row: usize) -> &[f64] {
        self.outcome(row).expect(WHY)
    }

    /// `y - A x` of each sample.
    pub(super) fn residual<X: Rows>(&self, x: &X) -> Vec<Vec<f64>> {
        let one = |(row, x): (usize, &Vec<f64>)| {
            let seen = self.operator.apply(x).expect(WHY);
            self.of_row(row).iter().zip(seen).map(|(y, a)| y - a).collect()
        };
        x.to_host().iter().enumerate().map(one).collect()
    }

    /// `A x` of each sample.
    pub(super) fn apply<X: Rows>(&self, x: &X) -> Vec<Vec<f64>> {
        x.to_host().iter().map(|x| self.operator.apply(x).expect(WHY)).collect()
    }

    /// `A^T y` of each sample, as a state like `like`.
    pub(super) fn adjoint<X: Rows>(&self, like: &X, rows: &[Vec<f64>]) -> X {
        let rows: Vec<Vec<f64>> = rows.iter().map(|y| self.operator.adjoint(y).expect(WHY)).collect();
        like.with_host(&rows)
    }

    /// `A^+ y` of each sample, as a state like `like`.
    pub(super) fn pseudo_inverse<X: Rows>(&self, like: &X, rows: &[Vec<f64>]) -> X {
        let rows: Vec<Vec<f64>> = rows.iter().map(|y| self.operator.pseudo_inverse(y).expect(WHY)).collect();
        like.with_host(&rows)
    }
}
