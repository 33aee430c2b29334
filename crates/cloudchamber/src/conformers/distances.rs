//! Noise on distances (ConfGF, arXiv:2105.03902, equation 9), as published: at a level sigma drawn for each molecule, `d' = d + sigma z` for every pair, and
//!
//! ```text
//! loss = mean over pairs of (slope_e + z_e)^2,   slope_e = sigma d ln p / d d'
//! ```
//!
//! Noisy distances may be negative, as in the released code, and need not be those of any positions: what the network learns is not quite
//! the score of positions, where noise on positions is exact.
//!
//! The network is trained on tensors.

use std::convert::Infallible;

use burn::tensor::{Device, IndexingUpdateOp, Tensor, TensorData};
use diffusion::Rng;
use diffusion::score::Ncsn;
use nets::DistanceScore;

use super::data::{Conformer, Packed};
use super::recipe::{ConformerRecipe, DistanceSection};
use crate::Error;
use crate::train::Stage;

/// How the network sees distances at a noise of so many spreads: as if of unit variance, and the noise level of the core.
pub fn seen(sigma: f64) -> (f64, f64) {
    ((1.0 + sigma * sigma).sqrt().recip(), 0.25 * sigma.ln())
}

/// The network of distances and its loss.
pub struct DistanceStage<'a> {
    recipe: &'a ConformerRecipe,
    /// In units of the spread of positions.
    levels: Ncsn,
    spread: f64,
}

impl<'a> DistanceStage<'a> {
    /// These levels of noise, for positions of this spread, in Angstrom.
    ///
    /// # Errors
    /// Of levels that cannot be.
    pub fn new(recipe: &'a ConformerRecipe, noise: &DistanceSection, spread: f64) -> Result<DistanceStage<'a>, Error> {
        let levels = Ncsn::geometric(noise.sigma_max / spread, noise.sigma_min / spread, noise.levels)?;
        Ok(DistanceStage { recipe, levels, spread })
    }
}

impl Stage for DistanceStage<'_> {
    type Row = Conformer;
    type Net = DistanceScore;
    type Kernel = Infallible;

    fn network(&self, device: &Device) -> DistanceScore {
        self.recipe.network.of_distances().init(device)
    }

    fn kernel(&self, _: &DistanceScore) -> Option<Infallible> {
        None
    }

    fn load(&self, kernel: &mut Infallible, _: &[f32]) {
        match *kernel {}
    }

    fn losses(
        &self,
        net: &DistanceScore,
        rows: &[Conformer],
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Tensor<1>, Error> {
        let packed = Packed::new(rows.iter().map(|row| &*row.molecule), device);
        let sigmas = self.levels.draw(rng, rows.len());
        let mut counts = vec![0; rows.len()];
        packed.molecule.iter().for_each(|&m| counts[m] += 1);
        let most = counts.iter().copied().max().unwrap_or(0);
        // A row per conformer, so that its noise does not depend on its batch.
        let noise = rng.normal_f64(rows.len(), most);
        let mut next = vec![0; rows.len()];
        let (mut z, mut noisy, mut level, mut share) = (vec![], vec![], vec![], vec![]);
        for (&m, &[i, j]) in packed.molecule.iter().zip(&packed.ends) {
            let x = rows[m].positions();
            let distance = (0..3).map(|k| (x[i][k] - x[j][k]).powi(2)).sum::<f64>().sqrt() / self.spread;
            let eps = noise[m * most + next[m]];
            next[m] += 1;
            let (scale, log) = seen(sigmas[m]);
            z.push(eps as f32);
            noisy.push((scale * (distance + sigmas[m] * eps)) as f32);
            level.push(log as f32);
            share.push((1.0 / counts[m] as f64) as f32);
        }
        let answer = net.forward(&packed.links, column(noisy, device), column(level, device));
        let error = answer + column(z, device);
        Ok(by_molecule(error.clone() * error * column(share, device), &packed.molecule, rows.len()))
    }

    fn gradient(&self, kernel: &Infallible, _: &[Conformer], _: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        match *kernel {}
    }

    fn loss(&self, kernel: &Infallible, _: &[Conformer], _: &mut Rng) -> Result<f64, Error> {
        match *kernel {}
    }
}

fn column(values: Vec<f32>, device: &Device) -> Tensor<2> {
    let rows = values.len();
    Tensor::from_data(TensorData::new(values, [rows, 1]), device)
}

/// Sums of rows by the molecule that they belong to, `[B]`.
fn by_molecule(values: Tensor<2>, molecules: &[usize], count: usize) -> Tensor<1> {
    let device = values.device();
    let of: Vec<i32> = molecules.iter().map(|&m| m as i32).collect();
    let of = Tensor::from_data(TensorData::new(of, [molecules.len()]), &device);
    Tensor::zeros([count], &device).select_assign(0, of, values.squeeze_dim(1), IndexingUpdateOp::Add)
}

/// The network's answer at positions `[A, 3]`: what its slopes do to the atoms.
pub fn pulls(net: &DistanceScore, packed: &Packed, positions: &Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
    let (_, distances) = packed.links.apart(positions);
    packed.links.chain(positions, net.forward(&packed.links, distances, noise))
}
