//! Pseudoinverse-guided diffusion: the data given `x_t` taken as a normal of known spread around the estimate.
//!
//! With `r² = s² sigma²/(alpha² s² + sigma²)`, the posterior variance of data of spread `s`:
//!
//! 1. `grad ln p(y | x_t) = J^T A^T (r² A A^T + sigma_y²)^{-1} (y - A D)`
//! 2. step exact: `x_s = alpha_s D_y + c (x_t - alpha_t D_y) + eta sigma_s z`, `c = sqrt(1 - eta²) sigma_s/sigma_t`
//! 3. as published: `x_s = alpha_s D + c (x_t - alpha_t D) + eta sigma_s z + alpha_s alpha_t r² grad`
//!
//! In units of `alpha = 1`, (2) weighs the gradient by `sigma_t² (1 - c)`, (3) by `r²` however short the step: many short
//! steps end at the maximum likelihood. Song, Vahdat, Mardani & Kautz, ICLR 2023, eq. 6-8 and algorithm 1.

use super::cg;
use super::guided::{askable, guide};
use super::operator::{Measurement, Operator};
use crate::{Denoise, Error, Path, Rng, Rows, Step, Vjp};

/// A model of data given a measurement; exact for data that is `N(mu, spread² I)`.
#[derive(Clone, Debug)]
pub struct PiGdm<M, A> {
    prior: M,
    measured: Measurement<A>,
    spread: f64,
}

impl<M, A: Operator> PiGdm<M, A> {
    /// A model of the data, what was measured, and the standard deviation `s` that the data is assumed to have: 1 in the
    /// paper; 0 is the likelihood of DPS.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a spread that is negative or not finite, and for one of zero with `sigma_y = 0`: an estimate
    /// without error and a measurement without noise have no likelihood, since they contradict each other.
    pub fn new(prior: M, measured: Measurement<A>, spread: f64) -> Result<PiGdm<M, A>, Error> {
        let sharp = spread == 0.0 && measured.sigma() == 0.0;
        if !(spread.is_finite() && spread >= 0.0) || sharp {
            let allowed = "a finite number >= 0, and > 0 for a measurement without noise (sigma_y = 0)";
            return Err(Error::Parameter { what: "spread", value: spread, allowed });
        }
        Ok(PiGdm { prior, measured, spread })
    }

    /// `A^T (r² A A^T + sigma_y²)^{-1} residual`, as a state.
    fn pseudo<X: Rows>(&self, variance: f64, like: &X, residual: Vec<Vec<f64>>) -> X {
        let noise = self.measured.sigma().powi(2);
        let operator = self.measured.operator();
        if let Some(spectral) = operator.spectral() {
            let one = |r: &Vec<f64>| {
                let along = spectral.of_measurement(r);
                let scaled = spectral.singular().iter().zip(along).map(|(s, a)| s / (variance * s * s + noise) * a);
                spectral.sample(&scaled.collect::<Vec<f64>>())
            };
            return like.with_host(&residual.iter().map(one).collect::<Vec<_>>());
        }
        let apply = |rows: &[Vec<f64>]| {
            let image = self.measured.apply(&self.measured.adjoint(like, rows));
            let mix = |(r, i): (&Vec<f64>, Vec<f64>)| r.iter().zip(i).map(|(r, i)| noise * r + variance * i).collect();
            rows.iter().zip(image).map(mix).collect()
        };
        self.measured.adjoint(like, &cg::solve(apply, &residual, 2 * operator.range(), 1e-8))
    }

    fn variance(&self, path: &dyn Path, t: f64) -> f64 {
        let (_, c) = askable(path, t);
        let (signal, noise) = ((c.alpha * self.spread).powi(2), c.sigma.powi(2));
        self.spread.powi(2) * noise / (signal + noise)
    }
}

impl<X: Rows, M: Vjp<X>, A: Operator> Denoise<X> for PiGdm<M, A> {
    fn path(&self) -> &dyn Path {
        self.prior.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let variance = self.variance(self.prior.path(), t);
        guide(&self.prior, &self.measured, x, t, |_, _, residual| self.pseudo(variance, x, residual))
    }
}

/// The sampling step of the papers that use it, in which each step renews a fixed share of the noise.
///
/// The model that it is run with must be `guided` itself.
#[derive(Clone, Copy, Debug)]
pub struct PiGdmStep<'a, M, A> {
    /// The guided model.
    pub guided: &'a PiGdm<M, A>,
    /// Share of the noise's standard deviation that is drawn anew, in [0, 1] (values outside are clamped).
    pub eta: f64,
    /// Whether the gradient has the published weight `r²` (3) instead of the one that its step needs (2).
    pub published: bool,
}

impl<X: Rows, M: Vjp<X>, A: Operator> Step<X> for PiGdmStep<'_, M, A> {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), rng: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let eta = self.eta.clamp(0.0, 1.0);
        let kept = (1.0 - eta * eta).sqrt() * to.sigma / from.sigma;
        let guided = m.denoise(&x, t);
        let mut next = guided.clone().axpby(to.alpha - kept * from.alpha, kept, &x);
        if self.published {
            // guided = D + (sigma²/alpha) grad, of which the step has taken (to.alpha - kept from.alpha).
            let (_, c) = askable(m.path(), t);
            let plain = self.guided.prior.denoise(&x, t);
            let full = c.sigma * c.sigma / c.alpha;
            let wanted = to.alpha * c.alpha * self.guided.variance(m.path(), t) - (to.alpha - kept * from.alpha) * full;
            next = next.axpby(1.0, wanted / full, &guided.axpby(1.0, -1.0, &plain));
        }
        if eta > 0.0 { next.axpby(1.0, eta * to.sigma, &x.randn_like(rng)) } else { next }
    }
}
