//! Churn: raise the noise a little, then step from there.
//!
//! With `r = sigma/alpha` (EDM's sigma) in `[s_min, s_max]`:
//!
//! 1. `r^ = (1 + gamma) r`, `gamma = min(S_churn/N, sqrt 2 - 1)`, at time `t^`
//! 2. `x^ = (alpha^/alpha_t) x + sqrt(sigma^² - (alpha^/alpha_t)² sigma_t²) S_noise z`
//! 3. any step from `t^` to `s`
//!
//! Karras et al., arXiv:2206.00364, algorithm 2 (there with Heun's method), here on any path. New noise forgets early
//! mistakes of the network; `S_noise` a little above 1 makes up for its loss of detail.

use crate::error::{Error, finite, positive};
use crate::{Denoise, Rng, Space, Step};

/// A step with its noise raised first. A multistep method forgets its past each time the noise is raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Churn<S> {
    /// Relative rise of the noise in a step, EDM's gamma; 0 is the bare method.
    pub gamma: f64,
    /// Cleanest `sigma/alpha` that is raised.
    pub s_min: f64,
    /// Noisiest `sigma/alpha` that is raised.
    pub s_max: f64,
    /// Factor of the new noise.
    pub s_noise: f64,
    /// The method that takes the step.
    pub method: S,
}

impl<S> Churn<S> {
    /// `S_churn`, `S_min`, `S_max`, `S_noise` of the paper, for a grid of `steps` steps.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `S_churn` or `S_min` is negative, or `S_max` or `S_noise` is not above zero.
    pub fn edm(total: f64, s_min: f64, s_max: f64, s_noise: f64, steps: usize, method: S) -> Result<Churn<S>, Error> {
        for (what, value) in [("S_churn", total), ("S_min", s_min)] {
            if finite(what, value)? < 0.0 {
                return Err(Error::Parameter { what, value, allowed: "a finite number >= 0" });
            }
        }
        positive("S_noise", s_noise)?;
        if s_max.is_nan() || s_max <= 0.0 {
            return Err(Error::Parameter { what: "S_max", value: s_max, allowed: "a number > 0, or infinity" });
        }
        Ok(Churn { gamma: gamma(total, steps), s_min, s_max, s_noise, method })
    }
}

/// `min(S_churn/N, sqrt 2 - 1)`: no step adds more noise than is already there.
pub(crate) fn gamma(total: f64, steps: usize) -> f64 {
    (total / steps.max(1) as f64).min(std::f64::consts::SQRT_2 - 1.0)
}

impl<X: Space, S: Step<X>> Step<X> for Churn<S> {
    type Memory = S::Memory;

    /// The order of the bare method, i.e. at `gamma = 0`.
    fn order(&self) -> u32 {
        self.method.order()
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, rng: &mut Rng) -> X {
        let from = m.path().at(t);
        let noise = from.sigma / from.alpha;
        if self.gamma > 0.0 && (self.s_min..=self.s_max).contains(&noise) {
            let raised = m.path().time(-(noise * (1.0 + self.gamma)).ln());
            let to = m.path().at(raised);
            let kept = to.alpha / from.alpha;
            let added = to.sigma.powi(2) - (kept * from.sigma).powi(2);
            // False at the noisy end of a path, and for pure noise: there is nothing to raise.
            if raised > t && added > 0.0 {
                *mem = S::Memory::default();
                let x = x.clone().axpby(kept, self.s_noise * added.sqrt(), &x.randn_like(rng));
                return self.method.step(m, x, raised, s, mem, rng);
            }
        }
        self.method.step(m, x, t, s, mem, rng)
    }
}
