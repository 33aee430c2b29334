//! What a linear measurement `y = A data + sigma_y n` leaves of a mixture of normals: another one, exactly.
//!
//! Write a component as `data = m + L z`, `z ~ N(0, I)`, and decompose `A L = U S V^T`. Then, given `y`,
//!
//! 1. `z ~ N(V s/(s² + sigma_y²) U^T (y - A m), I - V s²/(s² + sigma_y²) V^T)`
//! 2. `ln w' = ln w + ln N(y; A m, A L L^T A^T + sigma_y²)`
//!
//! The covariance is `F F^T` with `F = L (I - V (1 - sigma_y/sqrt(s² + sigma_y²)) V^T)`: never negative, at `sigma_y = 0` too.

use super::full_mixture::{FullComponent, FullMixture};
use crate::inverse::{Matrix, Measurement, Operator, Svd};
use crate::vector::{combine, dot};
use crate::{Error, Path};

impl<P: Path + Clone> FullMixture<P> {
    /// The distribution of the data given a measurement (its outcome for sample 0), a mixture on the same path.
    ///
    /// # Errors
    /// [`Error::Length`] if the operator measures samples of another dimension.
    pub fn posterior<A: Operator>(&self, path: P, measured: &Measurement<A>) -> Result<FullMixture<P>, Error> {
        let (dim, expected) = (self.components()[0].mean.len(), measured.operator().domain());
        if dim != expected {
            return Err(Error::Length { what: "sample of the mixture", expected, got: dim });
        }
        let matrix = Matrix::of(measured.operator())?;
        let y = measured.outcome(0)?;
        let given = |c: &FullComponent| condition(c, &matrix, y, measured.sigma());
        FullMixture::new(path, self.components().iter().map(given).collect::<Result<_, _>>()?)
    }
}

fn condition(c: &FullComponent, matrix: &Matrix, y: &[f64], sigma: f64) -> Result<FullComponent, Error> {
    let (dim, noise) = (c.mean.len(), sigma * sigma);
    let scaled = |e: &Vec<f64>, v: &f64| e.iter().map(|e| e * v.sqrt()).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = c.axes.iter().zip(&c.variances).map(|(e, v)| scaled(e, v)).collect();
    let seen = columns.iter().map(|l| matrix.apply(l)).collect::<Result<Vec<_>, _>>()?;
    // Rows of (A L)^T, so left and right change places.
    let Svd { singular, left: right, right: left } = Svd::of(&seen);
    let residual: Vec<f64> = y.iter().zip(matrix.apply(&c.mean)?).map(|(y, a)| y - a).collect();
    let along: Vec<f64> = left.iter().map(|u| dot(u, &residual)).collect();

    let shift = singular.iter().zip(&along).map(|(s, a)| s / (s * s + noise) * a);
    let moved = combine(combine(shift, &right, columns.len()), &columns, dim);
    let mean = c.mean.iter().zip(moved).map(|(m, d)| m + d).collect();

    let normal = |square: f64, q: f64| square / q + (std::f64::consts::TAU * q).ln();
    let inside: f64 = singular.iter().zip(&along).map(|(s, a)| normal(a * a, s * s + noise)).sum();
    let missed = combine(along.iter().copied(), &left, y.len());
    let outside: f64 = residual.iter().zip(missed).map(|(r, i)| (r - i).powi(2)).sum();
    let blind = (y.len() - left.len()) as f64;
    // Without noise, numbers that no component can explain weigh on none of them.
    let rest = if noise > 0.0 { outside / noise + blind * (std::f64::consts::TAU * noise).ln() } else { 0.0 };
    let log_weight = c.log_weight - 0.5 * (inside + rest);

    let shrink: Vec<f64> = singular.iter().map(|s| 1.0 - sigma / s.hypot(sigma)).collect();
    let factor = |k: usize| {
        let loss = combine(right.iter().zip(&shrink).map(|(v, h)| h * v[k]), &right, columns.len());
        let kept = loss.iter().enumerate().map(|(i, l)| f64::from(u8::from(i == k)) - l);
        combine(kept, &columns, dim)
    };
    let svd = Svd::of(&(0..columns.len()).map(factor).collect::<Vec<_>>());
    let variances = svd.singular.iter().map(|s| s * s).collect();
    Ok(FullComponent { log_weight, mean, axes: svd.right, variances })
}
