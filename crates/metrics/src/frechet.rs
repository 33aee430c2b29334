//! Frechet (2-Wasserstein) distance of two Gaussians, Dowson and Landau (1982):
//! d^2 = |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)).
//!
//! With S = B B^T the last trace is the sum of the singular values of B1^T B2. That needs neither a square root of a
//! non-symmetric matrix nor a regularising term when S is singular, and it never turns complex.

use nalgebra::{DMatrix, DVector};

/// Mean and covariance of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Mean, one entry per feature.
    pub mean: DVector<f64>,
    /// Covariance (symmetric, unbiased: divided by n-1).
    pub covariance: DMatrix<f64>,
}

/// Squared Frechet distance of two Gaussians, in squared units of the features; both must have the same dimension and be finite.
pub fn frechet(a: &Moments, b: &Moments) -> f64 {
    let shift = (&a.mean - &b.mean).norm_squared();
    let overlap = root(&a.covariance).tr_mul(&root(&b.covariance));
    let cross = overlap.singular_values().sum();
    shift + a.covariance.trace() + b.covariance.trace() - 2.0 * cross
}

/// B with B B^T = s; rounding may leave tiny negative eigenvalues, which count as zero.
fn root(s: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = s.clone().symmetric_eigen();
    let mut b = eigen.eigenvectors;
    for (mut column, value) in b.column_iter_mut().zip(eigen.eigenvalues.iter()) {
        column *= value.max(0.0).sqrt();
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SplitMix64, tests::normal};

    fn random(seed: u64, n: usize) -> DMatrix<f64> {
        let mut rng = SplitMix64::keyed(seed, &[]);
        DMatrix::from_fn(n, n, |_, _| normal(&mut rng))
    }

    #[test]
    fn diagonal_gaussians_add_up_the_one_dimensional_distances() {
        // d^2 = sum (m1-m2)^2 + (s1-s2)^2 for independent features.
        let gaussian = |mean: [f64; 3], sigma: [f64; 3]| Moments {
            mean: DVector::from_row_slice(&mean),
            covariance: DMatrix::from_diagonal(&DVector::from_iterator(3, sigma.iter().map(|s| s * s))),
        };
        let d = frechet(&gaussian([0., 1., 2.], [1., 2., 0.]), &gaussian([1., 1., 0.], [3., 0.5, 0.25]));
        assert!((d - (1.0 + 4.0 + 4.0 + 2.25 + 0.0625)).abs() < 1e-12, "{d}");
    }

    #[test]
    fn a_symmetric_map_of_a_gaussian_moves_it_by_the_known_cost() {
        // If y = A x with A symmetric positive definite, A is the optimal map: d^2 = E|x - A x|^2 = Tr((1-A) S (1-A)).
        let n = 6;
        let (x, y) = (random(1, n), random(2, n));
        let s = &x * x.transpose();
        let a = &y * y.transpose() + DMatrix::identity(n, n);
        let one = DMatrix::identity(n, n) - &a;
        let truth = (&one * &s * &one).trace();
        let zero = DVector::zeros(n);
        let moved = Moments { mean: zero.clone(), covariance: &a * &s * &a };
        let d = frechet(&Moments { mean: zero, covariance: s }, &moved);
        assert!((d / truth - 1.0).abs() < 1e-10, "{d} {truth}");
    }

    #[test]
    fn a_singular_covariance_is_at_distance_zero_from_itself() {
        let x = random(3, 8).columns(0, 3).into_owned();
        let m = Moments { mean: DVector::zeros(8), covariance: &x * x.transpose() };
        assert!(frechet(&m, &m).abs() < 1e-12 * m.covariance.trace());
    }
}
