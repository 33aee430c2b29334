//! Annealed Langevin dynamics: Langevin dynamics at every noise level of a grid, from the noisiest to the cleanest.
//!
//! At level `i`, `steps` times: `x <- x + (a_i/2) score + sqrt(T a_i) z`, `a_i = eps sigma_i²/sigma_L²`.
//!
//! Here `step` is `eps/sigma_L²`, the one number that matters: 0.2 in the paper (2e-5 at a last noise of 0.01). A state is
//! handed to the next level as it is, so the path should have `alpha = 1` ([`Ve`](crate::Ve), [`Edm`](crate::Edm)) or close
//! levels. A grid that ends clean adds the denoising of Jolicoeur-Martineau et al., arXiv:2009.05475, section 3.
//! Song & Ermon, arXiv:1907.05600, algorithm 1.

use super::langevin::{Langevin, check_temperature};
use crate::error::{Error, positive};
use crate::{Denoise, Grid, Rng, Sampled, Space};

/// Langevin dynamics along falling noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnnealedLangevin {
    /// `eps/sigma_L²`, below 4.
    pub step: f64,
    /// Steps at each level, one evaluation each; 100 in the paper.
    pub steps: usize,
    /// `T` at every level, see [`Langevin`].
    pub temperature: f64,
}

impl AnnealedLangevin {
    /// Dynamics with `0 < step < 4`, beyond which they diverge at every level, and `T >= 0`.
    ///
    /// # Errors
    /// [`Error::Parameter`] outside these ranges.
    pub fn new(step: f64, steps: usize, temperature: f64) -> Result<AnnealedLangevin, Error> {
        if positive("step", step)? >= 4.0 {
            return Err(Error::Parameter { what: "step", value: step, allowed: "a number between 0 and 4" });
        }
        check_temperature(temperature)?;
        Ok(AnnealedLangevin { step, steps, temperature })
    }

    /// Runs all levels of `grid` from `x`, then, if the grid ends clean, takes the estimate of the data.
    pub fn run<X: Space>(&self, m: &dyn Denoise<X>, grid: &Grid, x: X, rng: &mut Rng) -> Sampled<X> {
        let mut x = x;
        for &t in grid.times() {
            let step = self.step * m.path().at(t).sigma.powi(2);
            x = Langevin { step, steps: self.steps, temperature: self.temperature }.run(m, x, t, rng);
        }
        let mut evaluations = self.steps * grid.times().len();
        if let (true, Some(&last)) = (grid.ends_clean(), grid.times().last()) {
            x = m.denoise(&x, last);
            evaluations += 1;
        }
        Sampled { x, evaluations }
    }
}
