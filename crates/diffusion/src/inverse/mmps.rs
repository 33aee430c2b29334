//! Moment-matching posterior sampling: the covariance of the data given `x_t` from the Jacobian of the estimate.
//!
//! With `Cov[data | x_t] = (sigma²/alpha) J`:
//!
//! 1. `(sigma_y² + A Cov A^T) v = y - A D`, by conjugate gradients
//! 2. `D_y = D + Cov A^T v`
//!
//! A learned Jacobian need not be a covariance: a sample for which `A Cov A^T` comes out negative is left unguided there.
//!
//! Exact for data that is normal with any covariance. Rozet, Andry, Lanusse & Louppe, arXiv:2405.13712, eq. 19-22.

use super::cg;
use super::guided::guide;
use super::operator::{Measurement, Operator};
use crate::vector::dot;
use crate::{Denoise, Path, Rows, Vjp};

/// A model of data given a measurement, good to second moments.
#[derive(Clone, Debug)]
pub struct Mmps<M, A> {
    /// The model of the data.
    pub prior: M,
    /// What was measured.
    pub measured: Measurement<A>,
    /// Most iterations of conjugate gradients, each one pullback; the paper's results need 1 to 5. As many as the
    /// measurement has numbers are exact.
    pub iterations: usize,
    /// Residual, relative to the first, at which a sample stops earlier.
    pub tolerance: f64,
}

impl<M, A: Operator> Mmps<M, A> {
    /// As many iterations as the measurement has numbers, to a relative residual of 1e-6.
    pub fn new(prior: M, measured: Measurement<A>) -> Mmps<M, A> {
        let iterations = measured.operator().range();
        Mmps { prior, measured, iterations, tolerance: 1e-6 }
    }
}

impl<X: Rows, M: Vjp<X>, A: Operator> Denoise<X> for Mmps<M, A> {
    fn path(&self) -> &dyn Path {
        self.prior.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let noise = self.measured.sigma().powi(2);
        guide(&self.prior, &self.measured, x, t, |c, pullback, residual| {
            let scale = c.sigma * c.sigma / c.alpha;
            let apply = |rows: &[Vec<f64>]| {
                let image = self.measured.apply(&pullback(&self.measured.adjoint(x, rows)));
                let mix = |(r, i): (&Vec<f64>, Vec<f64>)| {
                    // No image is no curvature, at which conjugate gradients stop.
                    let kept = f64::from(u8::from(dot(r, &i) >= 0.0));
                    r.iter().zip(i).map(|(r, i)| kept * (noise * r + scale * i)).collect()
                };
                rows.iter().zip(image).map(mix).collect()
            };
            self.measured.adjoint(x, &cg::solve(apply, &residual, self.iterations, self.tolerance))
        })
    }
}
