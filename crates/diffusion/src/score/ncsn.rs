//! Noise-conditional score networks: denoising score matching at many noise levels at once, each weighted by `sigma^2`:
//!
//! `1/L sum_i sigma_i^2 E 1/2 |s(x + sigma_i z, sigma_i) + z/sigma_i|^2 = 1/L sum_i E 1/2 |sigma_i s + z|^2`
//!
//! Song & Ermon, arXiv:1907.05600, eq. 5 and 6, with `lambda(sigma) = sigma^2` and geometric levels. Large noise connects
//! distant modes, so that Langevin dynamics annealed through the levels finds their weights, which the score of the data
//! alone does not show where there are no data.

use burn::tensor::{Device, Tensor};

use super::half_square;
use crate::batch::column;
use crate::error::{Error, positive};
use crate::{Rng, Space};

/// Denoising score matching at many noise levels.
#[derive(Clone, Debug, PartialEq)]
pub struct Ncsn {
    levels: Vec<f64>,
}

impl Ncsn {
    /// Any strictly decreasing noise levels, in units of the data.
    ///
    /// # Errors
    /// [`Error::Length`] if empty, [`Error::Parameter`] for a level not above zero, [`Error::Grid`] if not decreasing.
    pub fn new(levels: Vec<f64>) -> Result<Ncsn, Error> {
        if levels.is_empty() {
            return Err(Error::Length { what: "noise levels (at least one)", expected: 1, got: 0 });
        }
        for (index, &after) in levels.iter().enumerate() {
            positive("sigma", after)?;
            let before = levels[index.saturating_sub(1)];
            if index > 0 && after >= before {
                return Err(Error::Grid { index, before, after });
            }
        }
        Ok(Ncsn { levels })
    }

    /// `n` levels from `sigma_max` to `sigma_min`, both included, of constant ratio; `sigma_max` alone for `n = 1`.
    ///
    /// # Errors
    /// As [`Ncsn::new`].
    pub fn geometric(sigma_max: f64, sigma_min: f64, n: usize) -> Result<Ncsn, Error> {
        let (high, low) = (positive("sigma_max", sigma_max)?.ln(), positive("sigma_min", sigma_min)?.ln());
        let level = |i: usize| (high + (low - high) * i as f64 / (n.max(2) - 1) as f64).exp();
        Ncsn::new((0..n).map(level).collect())
    }

    /// The noise levels, decreasing.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// One level for each of the samples `rng.first ..`, each level equally likely; uses up one draw.
    pub fn draw(&self, rng: &mut Rng, n: usize) -> Vec<f64> {
        let count = self.levels.len();
        let at = |u: f64| self.levels[((u * count as f64) as usize).min(count - 1)];
        rng.stratified(n).into_iter().map(at).collect()
    }

    /// `1/2 |sigma s + z|^2` of each sample, `[B]`, at a level drawn for it.
    ///
    /// `score` takes noisy data `[B, ...]` and their levels `sigma` `[B, 1]`. Uses up two draws: levels, then noise.
    pub fn losses<const D: usize>(
        &self,
        score: impl Fn(&Tensor<D>, &Tensor<2>) -> Tensor<D>,
        data: &Tensor<D>,
        rng: &mut Rng,
    ) -> Tensor<1> {
        let device: Device = data.device();
        let sigmas = self.draw(rng, data.dims()[0]);
        let z = data.randn_like(rng);
        let scale: Tensor<D> = column(&sigmas, &device);
        let noisy = data.clone() + z.clone() * scale.clone();
        half_square(score(&noisy, &column(&sigmas, &device)) * scale + z)
    }
}
