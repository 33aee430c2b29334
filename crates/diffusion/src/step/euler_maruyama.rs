//! Euler-Maruyama on the reverse-time SDE of any path, with any share of its noise.
//!
//! With `f = dalpha/alpha`, `g² = 2 sigma dsigma - 2 f sigma²` and `nu` the noise level, for a step `h = t - s`:
//!
//! 1. `x_s = x_t - h velocity + (nu²/2) g² h score + nu g sqrt(h) z`
//! 2. `velocity = dalpha D + dsigma eps`, `score = -eps/sigma`, `eps = (x_t - alpha_t D)/sigma_t`
//!
//! `nu = 1` is Song et al., arXiv:2011.13456, eq. 6 and appendix D; `nu = 0` is Euler's method on the probability flow, eq. 13;
//! every `nu(t)` has the same marginals (Karras et al., arXiv:2206.00364, eq. 6). That freedom is used where `alpha`
//! vanishes and `g` diverges: `nu² g² h` is held at `sigma_t²`, a bound that shorter steps do not meet.

use crate::brownian::Stochastic;
use crate::{Denoise, Path, Rng, Space, Step};

/// Euler-Maruyama's method; of order 1, weakly and (the noise being additive) strongly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EulerMaruyama {
    /// `nu`: 0 for the probability flow, 1 for the reverse of the forward SDE, more for more noise.
    pub noise: f64,
}

/// The reverse SDE itself.
impl Default for EulerMaruyama {
    fn default() -> Self {
        EulerMaruyama { noise: 1.0 }
    }
}

impl<X: Space> Stochastic<X> for EulerMaruyama {
    fn clock(&self, _: &dyn Path, t: f64) -> f64 {
        t
    }

    fn step_with(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), noise: &mut dyn FnMut(&X) -> X) -> X {
        let (c, h) = (m.path().at(t), t - s);
        let diffusion = 2.0 * c.sigma * (c.dsigma - c.sigma * c.dalpha / c.alpha);
        // At alpha = 0 the diffusion is infinite, and its product with no noise at all undefined.
        let variance = if self.noise == 0.0 { 0.0 } else { self.noise.powi(2) * diffusion * h };
        let variance = variance.clamp(0.0, c.sigma * c.sigma);
        let of_noise = -(h * c.dsigma + 0.5 * variance / c.sigma) / c.sigma;
        let mean = m.denoise(&x, t).axpby(-h * c.dalpha - of_noise * c.alpha, 1.0 + of_noise, &x);
        if variance > 0.0 { mean.axpby(1.0, variance.sqrt(), &noise(&x)) } else { mean }
    }
}

impl<X: Space> Step<X> for EulerMaruyama {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut (), rng: &mut Rng) -> X {
        self.step_with(m, x, t, s, mem, &mut |x| x.randn_like(rng))
    }
}
