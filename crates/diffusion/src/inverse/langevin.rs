//! Langevin dynamics on the prior's score plus the likelihood's, level by level.
//!
//! In units of `alpha = 1`, with `tau = sigma/alpha` at `s`, `u = x/alpha`, `g² = tau²` if annealed and 0 otherwise, `steps` times:
//!
//! 1. `u <- u + h ((D - u)/tau² + A^T (y - A u)/(sigma_y² + g²)) + sqrt(2 h) z`
//! 2. `h = rate / (1/tau² + |A|²/(sigma_y² + g²))`, a share of what the stiffest direction bears
//!
//! At a level its stationary law is `p_tau(u) N(y; A u, sigma_y² + g²)`, up to O(rate), which becomes the posterior as `tau -> 0`.
//! Song & Ermon, arXiv:1907.05600, algorithm 1; Jalal et al., arXiv:2108.01368, eq. 4 (annealed likelihood).

use super::operator::{Measurement, Operator};
use crate::error::{Error, positive};
use crate::vector::{dot, norm};
use crate::{Denoise, Rng, Rows, Step, score};

/// Annealed Langevin sampling of a posterior. Sample with the model of the data; each grid time is a level.
#[derive(Clone, Debug)]
pub struct PosteriorLangevin<A> {
    measured: Measurement<A>,
    steps: usize,
    rate: f64,
    annealed: bool,
    norm2: f64,
}

impl<A: Operator> PosteriorLangevin<A> {
    /// `steps` of length `rate` (0.1 say, below 1) per level; `annealed` widens the likelihood with the level.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `rate` not above zero, or for a noiseless measurement, which has no likelihood's score.
    pub fn new(
        measured: Measurement<A>,
        steps: usize,
        rate: f64,
        annealed: bool,
    ) -> Result<PosteriorLangevin<A>, Error> {
        positive("rate", rate)?;
        positive("sigma_y", measured.sigma())?;
        let norm2 = norm2(measured.operator())?;
        Ok(PosteriorLangevin { measured, steps, rate, annealed, norm2 })
    }
}

/// The largest eigenvalue of `A^T A`, by the power method: a few per cent suffice.
fn norm2<A: Operator>(operator: &A) -> Result<f64, Error> {
    let mut v = Rng::new(0).normal_f64(1, operator.domain());
    let mut value = 0.0;
    for _ in 0..30 {
        let length = norm(&v);
        if length == 0.0 {
            break;
        }
        v.iter_mut().for_each(|v| *v /= length);
        let image = operator.apply(&v)?;
        value = dot(&image, &image);
        v = operator.adjoint(&image)?;
    }
    Ok(value)
}

impl<X: Rows, A: Operator> Step<X> for PosteriorLangevin<A> {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), rng: &mut Rng) -> X {
        let to = m.path().at(s);
        let tau2 = (to.sigma / to.alpha).powi(2);
        let width = self.measured.sigma().powi(2) + if self.annealed { tau2 } else { 0.0 };
        let h = self.rate / (1.0 / tau2 + self.norm2 / width);
        let from = m.path().at(t);
        // Where alpha vanishes the state is pure noise: keep its size.
        let carry = if from.alpha > 0.0 { to.alpha / from.alpha } else { to.sigma / from.sigma };
        let mut x = x.scale(carry);
        for _ in 0..self.steps {
            let likelihood = self.measured.adjoint(&x, &self.measured.residual(&x.clone().scale(1.0 / to.alpha)));
            // The score of x is 1/alpha times that of u, and x moves alpha times as far.
            let slope = score(m, &x, s).axpby(to.alpha * to.alpha, to.alpha / width, &likelihood);
            let z = x.randn_like(rng);
            x = x.axpby(1.0, h, &slope).axpby(1.0, to.alpha * (2.0 * h).sqrt(), &z);
        }
        x
    }
}
