//! Denoising score matching of distances (ConfGF, arXiv:2105.03902, equation 9).
//!
//! At a noise level sigma drawn for each molecule, `d' = d + sigma z` for every link, and
//!
//! ```text
//! loss = sum over links, in both directions, of sigma^2/2 (s(d') + (d' - d) / sigma^2)^2 = sum over links of (sigma s + z)^2
//! ```
//!
//! averaged over molecules and levels. Both directions of a link have the same noise. Noisy distances may be negative, as in the released code.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;
use diffusion::score::Ncsn;
use nets::DistanceScore;

use super::Ensemble;
use super::data::Packed;
use crate::Error;

/// The objective: noise levels.
#[derive(Clone, Debug, PartialEq)]
pub struct DistanceMatching {
    /// The levels, in Angstrom.
    pub levels: Ncsn,
}

impl DistanceMatching {
    /// Levels of constant ratio; ConfGF has 50 from 10 to 0.01 Angstrom.
    ///
    /// # Errors
    /// As [`Ncsn::geometric`].
    pub fn new(sigma_max: f64, sigma_min: f64, levels: usize) -> Result<DistanceMatching, Error> {
        Ok(DistanceMatching { levels: Ncsn::geometric(sigma_max, sigma_min, levels)? })
    }

    /// The loss of each of some conformers, `(molecule, number of its conformer)`, `[B]`; uses up two draws of the random numbers of samples
    /// `rng.first ..`.
    ///
    /// # Panics
    /// If a molecule has no conformer of this number, or there are no conformers.
    pub fn losses(
        &self,
        net: &DistanceScore,
        conformers: &[(&Ensemble, usize)],
        rng: &mut Rng,
        device: &Device,
    ) -> Tensor<1> {
        let molecules: Vec<&Ensemble> = conformers.iter().map(|c| c.0).collect();
        let packed = Packed::new(&molecules, device);
        let sigmas = self.levels.draw(rng, conformers.len());
        let mut counts = vec![0; conformers.len()];
        packed.molecule.iter().for_each(|&m| counts[m] += 1);
        let most = counts.iter().copied().max().unwrap_or(0);
        // A row per conformer, so that its noise does not depend on its batch.
        let noise = rng.normal_f64(conformers.len(), most);
        let mut next = vec![0; conformers.len()];
        let (mut z, mut noisy) = (vec![], vec![]);
        for (&m, &[i, j]) in packed.molecule.iter().zip(&packed.ends) {
            let x = &conformers[m].0.conformers[conformers[m].1];
            let distance = (0..3).map(|k| (x[i][k] - x[j][k]).powi(2)).sum::<f64>().sqrt();
            let eps = noise[m * most + next[m]];
            next[m] += 1;
            z.push(eps as f32);
            noisy.push((distance + sigmas[m] * eps) as f32);
        }
        let column = |values: Vec<f32>| {
            let rows = values.len();
            Tensor::<2>::from_data(TensorData::new(values, [rows, 1]), device)
        };
        let error = net.forward(&packed.links, column(noisy)) + column(z);
        let squares: Tensor<1> = (error.clone() * error).squeeze_dim(1);
        let molecule: Vec<i32> = packed.molecule.iter().map(|&m| m as i32).collect();
        let molecule = Tensor::from_data(TensorData::new(molecule, [packed.molecule.len()]), device);
        Tensor::zeros([conformers.len()], device).select_assign(
            0,
            molecule,
            squares,
            burn::tensor::IndexingUpdateOp::Add,
        )
    }
}
