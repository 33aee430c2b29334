//! DDIM: keep the estimate of the data and of the noise, move to the next time, renew a part of the noise.
//!
//! With `D = D(x_t, t)`, `eps = (x_t - alpha_t D)/sigma_t` and the posterior variance
//! `v = sigma_s^2 (1 - r^2)`, `r = e^(lambda_t - lambda_s)`:
//!
//! `x_s = alpha_s D + sqrt(sigma_s^2 - eta^2 v) eps + eta sqrt(v) z`
//!
//! Song, Meng & Ermon, arXiv:2010.02502, eq. 12 and 16, on any path. `eta = 0` is the first-order exponential integrator
//! of the probability-flow ODE, `eta = 1` is DDPM's ancestral sampling with the posterior variance. Nothing is divided by
//! `alpha_t`, so the step is exact from pure noise.

use crate::brownian::Stochastic;
use crate::{Denoise, Path, Rng, Space, Step};

/// Denoising diffusion implicit models.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ddim {
    /// Share of the posterior standard deviation that is drawn anew, in [0, 1] (values outside are clamped).
    pub eta: f64,
}

/// The noise of the exact step on a single point is `(sigma_s/e^lambda_s) (W(snr_s) - W(snr_t))`.
impl<X: Space> Stochastic<X> for Ddim {
    fn clock(&self, path: &dyn Path, t: f64) -> f64 {
        path.at(t).snr()
    }

    fn step_with(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), noise: &mut dyn FnMut(&X) -> X) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let eta = self.eta.clamp(0.0, 1.0);
        let variance = eta * eta * to.sigma * to.sigma * -(2.0 * (from.lambda() - to.lambda())).exp_m1();
        let kept = (to.sigma * to.sigma - variance).max(0.0).sqrt() / from.sigma;
        let mean = m.denoise(&x, t).axpby(to.alpha - kept * from.alpha, kept, &x);
        if variance > 0.0 { mean.axpby(1.0, variance.sqrt(), &noise(&x)) } else { mean }
    }
}

impl<X: Space> Step<X> for Ddim {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut (), rng: &mut Rng) -> X {
        self.step_with(m, x, t, s, mem, &mut |x| x.randn_like(rng))
    }
}
