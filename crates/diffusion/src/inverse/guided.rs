//! Guidance by a likelihood: `D_y = D + (sigma²/alpha) grad ln p(y | x_t)`, the posterior mean `E[data | x_t, y]` by Tweedie.

use super::Operator;
use super::operator::Measurement;
use crate::{Coef, Path, Rows, Vjp};

/// Where `alpha` vanishes `sigma²/alpha` diverges while the gradient vanishes; the estimate is taken at this `alpha/sigma`.
const FLOOR: f64 = 1e-4;

/// The time to ask for a guided estimate at: `t`, or the noisiest time at which the quotient is safe in single precision.
pub(crate) fn askable(path: &dyn Path, t: f64) -> (f64, Coef) {
    let c = path.at(t);
    if c.alpha >= FLOOR.min(FLOOR * c.sigma) {
        return (t, c);
    }
    let t = path.time(FLOOR.ln());
    (t, path.at(t))
}

/// `D + (sigma²/alpha) J^T A^T v` with `v` from the residual `y - A D`, per sample.
pub(super) fn guide<X: Rows, M: Vjp<X>, A: Operator>(
    prior: &M,
    measured: &Measurement<A>,
    x: &X,
    t: f64,
    solve: impl FnOnce(Coef, &dyn Fn(&X) -> X, Vec<Vec<f64>>) -> X,
) -> X {
    let (t, c) = askable(prior.path(), t);
    if c.sigma == 0.0 {
        // Nothing is left to be guided: the sample is its own estimate, whatever was measured.
        return prior.denoise(x, t);
    }
    let (estimate, pullback) = prior.vjp(x, t);
    let residual = measured.residual(&estimate);
    let pulled = pullback(&solve(c, &pullback, residual));
    estimate.axpby(1.0, c.sigma * c.sigma / c.alpha, &pulled)
}
