//! Kernel physics distance (Kansal et al., arXiv:2211.10295; protocol of the JetNet library): unbiased squared maximum mean
//! discrepancy (Gretton et al. 2012, eq. 3) with the kernel k(x, y) = (x.y/d + 1)^4.
//!
//! Value: median over batches; error: half of the 16.275 to 83.725 percentile range.

use crate::{
    bootstrap::{Bootstrap, Side},
    error::{Result, at_least},
    estimate::{Estimate, quantile},
    matrix::{Matrix, comparable, normalise},
};
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

/// Settings of [`kpd`]; the default is the JetNet protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Kpd {
    /// Draws.
    pub batches: usize,
    /// Events per draw.
    pub size: usize,
    /// Divide every feature by max|real| first.
    pub normalise: bool,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Kpd {
    fn default() -> Self {
        Self { batches: 10, size: 5_000, normalise: true, seed: 42 }
    }
}

/// Kernel physics distance: median and half the central 67.45 % range over the batches; an unbiased estimate may be negative.
///
/// Fails if the samples have different or no columns or fewer than two rows.
pub fn kpd(real: &Matrix, generated: &Matrix, settings: &Kpd) -> Result<Estimate> {
    comparable(real, generated)?;
    at_least("KPD batches", settings.batches, 1)?;
    at_least("KPD size", settings.size, 2)?;
    let scaled = settings.normalise.then(|| normalise(real, generated));
    let (x, y) = scaled.as_ref().map_or((real, generated), |(x, y)| (x, y));
    let draws = Bootstrap { size: settings.size, batches: settings.batches, seed: settings.seed };
    let values: Vec<f64> = (0..settings.batches)
        .map(|batch| {
            let a = x.select(&draws.indices(x.rows(), batch, Side::Real));
            let b = y.select(&draws.indices(y.rows(), batch, Side::Generated));
            mmd(&a, &b)
        })
        .collect();
    let error = (quantile(&values, 0.83725) - quantile(&values, 0.16275)) / 2.0;
    Ok(Estimate { value: quantile(&values, 0.5), error })
}

/// Rows on a side of one tile of the kernel matrix: the tile fits in a second-level cache.
const TILE: usize = 256;

/// Unbiased squared MMD.
fn mmd(x: &Matrix, y: &Matrix) -> f64 {
    let (m, n) = (x.rows() as f64, y.rows() as f64);
    within(x) / (m * (m - 1.0)) + within(y) / (n * (n - 1.0)) - 2.0 * between(x, y) / (m * n)
}

/// Sum of k(x_i, x_j) over i != j.
fn within(x: &Matrix) -> f64 {
    let tiles = x.rows().div_ceil(TILE);
    let pairs: Vec<(usize, usize)> = (0..tiles).flat_map(|a| (a..tiles).map(move |b| (a, b))).collect();
    let sum = ordered_sum(&pairs, |&(a, b)| tile(x, a, x, b) * if a == b { 1.0 } else { 2.0 });
    let diagonal: f64 = (0..x.rows()).map(|i| kernel(x.row(i).iter().map(|v| v * v).sum(), x.cols())).sum();
    sum - diagonal
}

/// Sum of k(x_i, y_j).
fn between(x: &Matrix, y: &Matrix) -> f64 {
    let columns = y.rows().div_ceil(TILE);
    let pairs: Vec<(usize, usize)> =
        (0..x.rows().div_ceil(TILE)).flat_map(|a| (0..columns).map(move |b| (a, b))).collect();
    ordered_sum(&pairs, |&(a, b)| tile(x, a, y, b))
}

/// Parallel evaluation, sequential sum: the rounding does not depend on the number of threads.
fn ordered_sum(pairs: &[(usize, usize)], value: impl Fn(&(usize, usize)) -> f64 + Sync) -> f64 {
    pairs.par_iter().map(&value).collect::<Vec<f64>>().iter().sum()
}

fn kernel(dot: f64, d: usize) -> f64 {
    let k = dot / d as f64 + 1.0;
    (k * k) * (k * k)
}

/// Sum of the kernel over tile a of x and tile b of y.
fn tile(x: &Matrix, a: usize, y: &Matrix, b: usize) -> f64 {
    let d = x.cols();
    let part = |m: &Matrix, t: usize| (t * TILE, TILE.min(m.rows() - t * TILE));
    let ((i, rows), (j, columns)) = (part(x, a), part(y, b));
    let left = DMatrix::from_row_slice(rows, d, &x.data()[i * d..(i + rows) * d]);
    let right = DMatrixView::from_slice(&y.data()[j * d..(j + columns) * d], d, columns);
    let mut dots = DMatrix::zeros(rows, columns);
    dots.gemm(1.0, &left, &right, 0.0);
    dots.iter().map(|&v| kernel(v, d)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::gaussian;

    #[test]
    fn constant_samples_have_the_kernel_values_of_their_two_points() {
        // k(1,1)+k(0,0)-2k(1,0) = 2^4+1-2 = 15 normalised; (8/2+1)^4+1-2 = 624 otherwise.
        let constant = |v: f64| Matrix::new(300, 2, vec![v; 600]).unwrap();
        for (normalise, truth) in [(true, 15.0), (false, 624.0)] {
            let settings = Kpd { normalise, size: 700, ..Kpd::default() };
            let found = kpd(&constant(2.0), &constant(0.0), &settings).unwrap();
            assert!((found.value - truth).abs() < 1e-9 && found.error < 1e-9, "{found}");
        }
    }

    #[test]
    fn tiles_agree_with_the_double_sum() {
        let (x, y) = (gaussian(1, 300, 7, 0.0), gaussian(2, 519, 7, 0.3));
        let k = |a: &[f64], b: &[f64]| (a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>() / 7.0 + 1.0).powi(4);
        let mean = |a: &Matrix, b: &Matrix, skip: bool| {
            let mut sum = 0.0;
            for i in 0..a.rows() {
                sum += (0..b.rows()).filter(|&j| !skip || i != j).map(|j| k(a.row(i), b.row(j))).sum::<f64>();
            }
            sum / (a.rows() * (b.rows() - usize::from(skip))) as f64
        };
        let truth = mean(&x, &x, true) + mean(&y, &y, true) - 2.0 * mean(&x, &y, false);
        assert!((mmd(&x, &y) - truth).abs() < 1e-9);
    }

    #[test]
    fn two_samples_of_one_distribution_are_compatible_with_zero() {
        // The median of 10 batches is known to about 1.25 error/sqrt(10) = 0.4 errors; the samples themselves add as much again.
        let (x, y) = (gaussian(3, 20_000, 3, 0.0), gaussian(4, 20_000, 3, 0.0));
        let found = kpd(&x, &y, &Kpd { size: 1000, ..Kpd::default() }).unwrap();
        assert!(found.value.abs() < 3.0 * found.error, "{found}");
        let far = kpd(&x, &gaussian(5, 20_000, 3, 1.0), &Kpd { size: 1000, ..Kpd::default() }).unwrap();
        assert!(far.value > 10.0 * far.error, "{far}");
    }
}
