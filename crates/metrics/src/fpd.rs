//! Frechet physics distance (Kansal et al., arXiv:2211.10295; protocol of the JetNet library): the Frechet distance of
//! Gaussians fitted to the features, extrapolated to infinite sample size by a fit a + b/N with a, b >= 0.
//!
//! A bootstrap draw is an integer weight per event, so the moments of all draws are one matrix product
//! (products of features) x (weights), summed over fixed groups of rows: the result does not depend on the number of threads.

use crate::{
    bootstrap::{Bootstrap, Side},
    error::{Result, at_least, setting},
    estimate::Estimate,
    frechet::{Moments, frechet},
    matrix::{Matrix, comparable, normalise},
};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Settings of [`fpd`]; the default is the JetNet protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Fpd {
    /// Smallest draw.
    pub min_samples: usize,
    /// Largest draw.
    pub max_samples: usize,
    /// Draws averaged at each size.
    pub batches: usize,
    /// Number of sizes, evenly spaced in 1/N.
    pub points: usize,
    /// Divide every feature by max|real| first.
    pub normalise: bool,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Fpd {
    fn default() -> Self {
        Self { min_samples: 20_000, max_samples: 50_000, batches: 20, points: 10, normalise: true, seed: 42 }
    }
}

impl Fpd {
    /// The protocol for a sample of `rows` events: the default from 50,000 events on, below that sizes from 2/5 of the sample to all
    /// of it (drawing more events than there are adds no information and hides the bias that the fit should remove).
    pub fn for_rows(rows: usize) -> Self {
        let max_samples = rows.clamp(10, 50_000);
        Self { min_samples: max_samples * 2 / 5, max_samples, ..Self::default() }
    }

    /// Sizes N of the draws: int(1 / linspace(1/min, 1/max)).
    pub fn sizes(&self) -> Vec<usize> {
        let (first, last) = (1.0 / self.min_samples as f64, 1.0 / self.max_samples as f64);
        let step = (last - first) / (self.points - 1) as f64;
        let inverse = |k| if k + 1 == self.points { last } else { first + step * k as f64 };
        (0..self.points).map(|k| (1.0 / inverse(k)) as usize).collect()
    }
}

/// Frechet physics distance: intercept a of the fit and its standard error, in squared (normalised) units of the features.
///
/// Fails if the samples have different or no columns, fewer than two rows, or the settings are out of range.
pub fn fpd(real: &Matrix, generated: &Matrix, settings: &Fpd) -> Result<Estimate> {
    comparable(real, generated)?;
    at_least("FPD points", settings.points, 3)?;
    at_least("FPD batches", settings.batches, 1)?;
    at_least("FPD min_samples", settings.min_samples, 2)?;
    let ordered = settings.max_samples > settings.min_samples;
    setting("FPD max_samples", settings.max_samples as f64, ordered, "larger than min_samples")?;

    let sizes = settings.sizes();
    let scaled = settings.normalise.then(|| normalise(real, generated));
    let (x, y) = scaled.as_ref().map_or((real, generated), |(x, y)| (x, y));
    let (a, b) = (draw_moments(x, settings, &sizes, Side::Real), draw_moments(y, settings, &sizes, Side::Generated));
    let values: Vec<f64> = a.par_iter().zip(&b).map(|(a, b)| frechet(a, b)).collect();
    let means: Vec<f64> = values.chunks(settings.batches).map(|v| v.iter().sum::<f64>() / v.len() as f64).collect();
    let inverse: Vec<f64> = sizes.iter().map(|&n| 1.0 / n as f64).collect();
    Ok(fit(&inverse, &means))
}

/// Moments of every draw, sizes outermost.
fn draw_moments(x: &Matrix, settings: &Fpd, sizes: &[usize], side: Side) -> Vec<Moments> {
    let draws = sizes.len() * settings.batches;
    let counts: Vec<Vec<u32>> = (0..draws)
        .into_par_iter()
        .map(|k| {
            let size = sizes[k / settings.batches];
            Bootstrap { size, batches: draws, seed: settings.seed }.counts(x.rows(), k, side)
        })
        .collect();
    weighted_moments(x, &counts)
}

/// Rows whose feature products are multiplied with the weights in one matrix product.
const CHUNK: usize = 256;
/// Partial sums, added in this order: fixed, so that the rounding is too.
const GROUPS: usize = 8;

/// Mean and covariance of `x` under each list of integer weights.
fn weighted_moments(x: &Matrix, counts: &[Vec<u32>]) -> Vec<Moments> {
    let (n, d) = (x.rows(), x.cols());
    // Second moments about the mean of the whole sample lose no digits when the spread is small.
    let mut centre = vec![0.0; d];
    for row in x.data().chunks_exact(d) {
        centre.iter_mut().zip(row).for_each(|(c, v)| *c += v / n as f64);
    }
    let products = d + d * (d + 1) / 2;
    let group = n.div_ceil(GROUPS).next_multiple_of(CHUNK);
    let partial: Vec<DMatrix<f64>> = (0..n)
        .into_par_iter()
        .step_by(group)
        .map(|start| {
            let mut sum = DMatrix::zeros(products, counts.len());
            let mut block = DMatrix::zeros(products, CHUNK);
            let mut weight = DMatrix::zeros(CHUNK, counts.len());
            for first in (start..n.min(start + group)).step_by(CHUNK) {
                let rows = CHUNK.min(n - first);
                for (k, mut column) in block.column_iter_mut().take(rows).enumerate() {
                    moments_of_row(x.row(first + k), &centre, column.as_mut_slice());
                }
                for (mut column, c) in weight.column_iter_mut().zip(counts) {
                    column.fill(0.0);
                    column.iter_mut().zip(&c[first..first + rows]).for_each(|(w, &c)| *w = f64::from(c));
                }
                sum.gemm(1.0, &block, &weight, 1.0);
            }
            sum
        })
        .collect();
    let mut total = DMatrix::zeros(products, counts.len());
    partial.iter().for_each(|p| total += p);

    let finish = |(sums, counts): (nalgebra::DVectorView<'_, f64>, &Vec<u32>)| {
        let weight = counts.iter().map(|&c| u64::from(c)).sum::<u64>() as f64;
        let shift = sums.rows(0, d) / weight;
        let mut covariance = DMatrix::zeros(d, d);
        let mut at = d;
        for i in 0..d {
            for j in i..d {
                let c = (sums[at] - weight * shift[i] * shift[j]) / (weight - 1.0);
                (covariance[(i, j)], covariance[(j, i)]) = (c, c);
                at += 1;
            }
        }
        Moments { mean: shift + DVector::from_column_slice(&centre), covariance }
    };
    total.column_iter().zip(counts).map(finish).collect()
}

/// Centred features, then their products i <= j.
fn moments_of_row(row: &[f64], centre: &[f64], out: &mut [f64]) {
    let (z, products) = out.split_at_mut(row.len());
    z.iter_mut().zip(row.iter().zip(centre)).for_each(|(z, (v, c))| *z = v - c);
    let mut at = 0;
    for i in 0..z.len() {
        let tail = &z[i..];
        products[at..at + tail.len()].iter_mut().zip(tail).for_each(|(p, v)| *p = z[i] * v);
        at += tail.len();
    }
}

/// Least squares y = a + b x with a, b >= 0; the error of a is that of ordinary least squares at the solution.
fn fit(x: &[f64], y: &[f64]) -> Estimate {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxx: f64 = x.iter().map(|v| (v - mx).powi(2)).sum();
    let sxy: f64 = x.iter().zip(y).map(|(v, w)| (v - mx) * (w - my)).sum();
    let (mut b, mut a) = (sxy / sxx, my - sxy / sxx * mx);
    if b < 0.0 {
        (a, b) = (my.max(0.0), 0.0);
    } else if a < 0.0 {
        let slope = x.iter().zip(y).map(|(v, w)| v * w).sum::<f64>() / x.iter().map(|v| v * v).sum::<f64>();
        (a, b) = (0.0, slope.max(0.0));
    }
    let residual: f64 = x.iter().zip(y).map(|(v, w)| (w - a - b * v).powi(2)).sum();
    Estimate { value: a, error: (residual / (n - 2.0) * (1.0 / n + mx * mx / sxx)).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::gaussian;

    fn constant(value: f64) -> Matrix {
        Matrix::new(1000, 2, vec![value; 2000]).unwrap()
    }

    #[test]
    fn constant_samples_are_as_far_as_their_means() {
        // Twos against zeros in two features: normalised |(1,1)|^2 = 2, otherwise |(2,2)|^2 = 8; no spread, hence no error.
        for (normalise, truth) in [(true, 2.0), (false, 8.0)] {
            let found = fpd(&constant(2.0), &constant(0.0), &Fpd { normalise, ..Fpd::for_rows(1000) }).unwrap();
            assert!((found.value - truth).abs() < 1e-12 && found.error < 1e-12, "{found}");
        }
    }

    #[test]
    fn sizes_run_from_smallest_to_largest_evenly_in_one_over_n() {
        let sizes = Fpd::default().sizes();
        assert_eq!((sizes[0], sizes.len()), (20_000, 10));
        let steps: Vec<f64> = sizes.windows(2).map(|w| 1.0 / w[0] as f64 - 1.0 / w[1] as f64).collect();
        // Each size is rounded down by less than one, which moves 1/N by less than 1/N^2.
        assert!(steps.iter().all(|s| (s - 3e-5 / 9.0).abs() < 2.0 / 4e8), "{steps:?}");
    }

    #[test]
    fn weighted_moments_are_the_moments_of_the_repeated_rows() {
        let x = gaussian(3, 700, 4, 100.0);
        let counts: Vec<u32> = (0..700).map(|i| (i * 7 % 5) as u32).collect();
        let rows: Vec<u32> = (0..700).flat_map(|i| std::iter::repeat_n(i, counts[i as usize] as usize)).collect();
        let repeated = x.select(&rows);
        let table = DMatrix::from_row_slice(repeated.rows(), 4, repeated.data());
        let mean = table.row_mean().transpose();
        let centred = DMatrix::from_fn(table.nrows(), 4, |i, j| table[(i, j)] - mean[j]);
        let covariance = centred.tr_mul(&centred) / (table.nrows() - 1) as f64;
        let found = &weighted_moments(&x, &[counts])[0];
        assert!((&found.mean - mean).amax() < 1e-11 && (&found.covariance - covariance).amax() < 1e-11);
    }

    #[test]
    fn shifted_gaussians_are_the_squared_shift_apart() {
        // d^2 = shift^2 = 0.25; the standard error of a squared mean difference is 2 shift sqrt(2/n) = 0.014 at n = 10,000.
        let (x, y) = (gaussian(1, 10_000, 3, 0.0), gaussian(2, 10_000, 3, 0.5));
        let found = fpd(&x, &y, &Fpd { normalise: false, ..Fpd::for_rows(10_000) }).unwrap();
        assert!((found.value - 0.25).abs() < 4.0 * 0.014, "{found}");
    }

    #[test]
    fn the_fit_recovers_a_line_and_respects_its_bounds() {
        let x = [0.1, 0.2, 0.3, 0.5];
        let line = |a: f64, b: f64| fit(&x, &x.map(|v| a + b * v));
        assert!((line(0.5, 2.0).value - 0.5).abs() < 1e-12 && line(0.5, 2.0).error < 1e-12);
        assert_eq!(line(-0.1, 2.0).value, 0.0);
        // A falling line is fitted by its mean: 1 - 0.275.
        assert!((line(1.0, -1.0).value - 0.725).abs() < 1e-12);
    }

    #[test]
    fn the_result_does_not_depend_on_the_number_of_threads() {
        let (x, y) = (gaussian(4, 3000, 5, 0.0), gaussian(5, 2500, 5, 0.1));
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fpd(&x, &y, &Fpd::for_rows(2500)).unwrap())
        };
        assert_eq!(with(1), with(3));
    }
}
