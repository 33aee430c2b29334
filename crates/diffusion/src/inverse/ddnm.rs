//! Denoising diffusion null-space model: estimates that agree with a noiseless measurement.
//!
//! `D_y = D + A^+ (y - A D)`: the estimate decides what the measurement does not see, and nothing else.
//! Wang, Yu & Zhang, arXiv:2212.00490, eq. 13.

use super::operator::{Measurement, Operator};
use crate::{Denoise, Path, Rows};

/// A model whose estimates are replaced by the measurement where it sees; its noise is not used.
#[derive(Clone, Debug)]
pub struct Ddnm<M, A> {
    /// The model of the data.
    pub prior: M,
    /// What was measured.
    pub measured: Measurement<A>,
}

impl<X: Rows, M: Denoise<X>, A: Operator> Denoise<X> for Ddnm<M, A> {
    fn path(&self) -> &dyn Path {
        self.prior.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let estimate = self.prior.denoise(x, t);
        let missing = self.measured.residual(&estimate);
        let change = self.measured.pseudo_inverse(x, &missing);
        estimate.axpby(1.0, 1.0, &change)
    }
}
