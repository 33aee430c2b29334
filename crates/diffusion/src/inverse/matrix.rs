//! Any matrix as a measurement, with its singular value decomposition on demand.

use std::sync::OnceLock;

use super::Svd;
use super::operator::{Operator, Spectral, length};
use crate::Error;
use crate::error::finite;
use crate::vector::{combine, dot};

/// A dense matrix.
#[derive(Clone, Debug)]
pub struct Matrix {
    rows: Vec<Vec<f64>>,
    domain: usize,
    svd: OnceLock<Svd>,
}

impl Matrix {
    /// The matrix with these rows, one for each measured number.
    ///
    /// # Errors
    /// [`Error::Length`] for no rows, empty rows or rows of different lengths, [`Error::Parameter`] for a number that is not
    /// finite.
    pub fn new(rows: Vec<Vec<f64>>) -> Result<Matrix, Error> {
        let domain = rows.first().map_or(0, Vec::len);
        if domain == 0 {
            return Err(Error::Length { what: "numbers of a matrix (at least one)", expected: 1, got: 0 });
        }
        for row in &rows {
            length("row of a matrix", domain, row)?;
            row.iter().try_for_each(|a| finite("matrix element", *a).map(|_| ()))?;
        }
        Ok(Matrix { rows, domain, svd: OnceLock::new() })
    }

    /// The matrix of any operator, from its action on unit vectors.
    ///
    /// # Errors
    /// As [`Matrix::new`].
    pub fn of<A: Operator + ?Sized>(operator: &A) -> Result<Matrix, Error> {
        let unit = |n: usize, k: usize| (0..n).map(|i| f64::from(u8::from(i == k))).collect::<Vec<f64>>();
        let rows = (0..operator.range()).map(|k| operator.adjoint(&unit(operator.range(), k)));
        Matrix::new(rows.collect::<Result<_, _>>()?)
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// The singular value decomposition, computed once.
    pub fn svd(&self) -> &Svd {
        self.svd.get_or_init(|| Svd::of(&self.rows))
    }
}

impl Operator for Matrix {
    fn range(&self) -> usize {
        self.rows.len()
    }

    fn domain(&self) -> usize {
        self.domain
    }

    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        length("sample", self.domain, x)?;
        Ok(self.rows.iter().map(|row| dot(row, x)).collect())
    }

    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("measurement", self.rows.len(), y)?;
        Ok(combine(y.iter().copied(), &self.rows, self.domain))
    }

    fn pseudo_inverse(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("measurement", self.rows.len(), y)?;
        let c = self.of_measurement(y);
        Ok(self.sample(&c.iter().zip(&self.svd().singular).map(|(c, s)| c / s).collect::<Vec<f64>>()))
    }

    fn spectral(&self) -> Option<&dyn Spectral> {
        Some(self)
    }
}

impl Spectral for Matrix {
    fn singular(&self) -> &[f64] {
        &self.svd().singular
    }

    fn of_sample(&self, x: &[f64]) -> Vec<f64> {
        self.svd().right.iter().map(|v| dot(v, x)).collect()
    }

    fn sample(&self, c: &[f64]) -> Vec<f64> {
        combine(c.iter().copied(), &self.svd().right, self.domain)
    }

    fn of_measurement(&self, y: &[f64]) -> Vec<f64> {
        self.svd().left.iter().map(|u| dot(u, y)).collect()
    }
}
