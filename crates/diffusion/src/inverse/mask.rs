//! Masking: some of the numbers of a sample are seen, the others are not. Inpainting, imputation, conditioning on features.

use super::operator::{Operator, Spectral, length};
use crate::Error;

/// The measurement that picks numbers of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    seen: Vec<usize>,
    domain: usize,
    ones: Vec<f64>,
}

impl Mask {
    /// Sees the numbers where `seen` is true, in their order.
    ///
    /// # Errors
    /// [`Error::Length`] if nothing is seen.
    pub fn new(seen: &[bool]) -> Result<Mask, Error> {
        let domain = seen.len();
        let seen: Vec<usize> = (0..domain).filter(|i| seen[*i]).collect();
        if seen.is_empty() {
            return Err(Error::Length { what: "seen numbers of a mask (at least one)", expected: 1, got: 0 });
        }
        Ok(Mask { ones: vec![1.0; seen.len()], seen, domain })
    }

    /// Places of the seen numbers in the sample, increasing.
    pub fn seen(&self) -> &[usize] {
        &self.seen
    }
}

impl Operator for Mask {
    fn range(&self) -> usize {
        self.seen.len()
    }

    fn domain(&self) -> usize {
        self.domain
    }

    fn apply(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        length("sample", self.domain, x)?;
        Ok(self.of_sample(x))
    }

    fn adjoint(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        length("measurement", self.seen.len(), y)?;
        Ok(self.sample(y))
    }

    fn pseudo_inverse(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        self.adjoint(y)
    }

    fn spectral(&self) -> Option<&dyn Spectral> {
        Some(self)
    }
}

impl Spectral for Mask {
    fn singular(&self) -> &[f64] {
        &self.ones
    }

    fn of_sample(&self, x: &[f64]) -> Vec<f64> {
        self.seen.iter().map(|i| x[*i]).collect()
    }

    fn sample(&self, c: &[f64]) -> Vec<f64> {
        let mut x = vec![0.0; self.domain];
        self.seen.iter().zip(c).for_each(|(i, c)| x[*i] = *c);
        x
    }

    fn of_measurement(&self, y: &[f64]) -> Vec<f64> {
        y.to_vec()
    }
}
