//! DDPM's ancestral sampling with either of its two posterior variances, on any path.
//!
//! With `r = e^(lambda_t - lambda_s)` (so that `r^2` is the ratio of signal-to-noise ratios):
//!
//! `x_s = alpha_s (1 - r^2) D + (sigma_s/sigma_t) r x_t + sqrt(v) z`
//!
//! `v = sigma_s^2 (1 - r^2)` is beta-tilde, right for data that is a single point; `v = sigma_t^2 (1 - r^2)` is beta,
//! right for data that is a standard normal. Ho, Jain & Abbeel, arXiv:2006.11239, eq. 7 and section 3.2.

use super::Posterior;
use crate::brownian::Stochastic;
use crate::{Denoise, Path, Rng, Space, Step};

/// Which variance the reverse step has: the truth lies between the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variance {
    /// Beta-tilde, the variance of `q(x_s | x_t, data)`: the lower bound.
    #[default]
    Posterior,
    /// Beta, the variance of the forward step `q(x_t | x_s)`: the upper bound.
    Forward,
}

/// Ancestral sampling of denoising diffusion probabilistic models.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DdpmAncestral {
    /// Variance of the reverse step.
    pub variance: Variance,
}

/// As for [`Ddim`](super::Ddim), of which it is the case `eta = 1` with either variance.
impl<X: Space> Stochastic<X> for DdpmAncestral {
    fn clock(&self, path: &dyn Path, t: f64) -> f64 {
        path.at(t).snr()
    }

    fn step_with(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), noise: &mut dyn FnMut(&X) -> X) -> X {
        let posterior = Posterior::new(m.path(), t, s);
        let variance = match self.variance {
            Variance::Posterior => posterior.lower,
            Variance::Forward => posterior.upper,
        };
        let mean = m.denoise(&x, t).axpby(posterior.of_data, posterior.of_state, &x);
        mean.axpby(1.0, variance.sqrt(), &noise(&x))
    }
}

impl<X: Space> Step<X> for DdpmAncestral {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut (), rng: &mut Rng) -> X {
        self.step_with(m, x, t, s, mem, &mut |x| x.randn_like(rng))
    }
}
