//! What the network of distances is asked of a batch of noised conformers.
//!
//! Noise on positions, in the subspace of a resting centre, as everywhere in the core: the network's answer are the pulls
//! `sum over pairs slope_e (x_i - x_j)/d_e` ([`nets::Links::chain`]) at the noisy positions, and any target of any path can be learned.
//!
//! Noise on distances (ConfGF, arXiv:2105.03902, equation 9): at a level sigma drawn for each molecule, `d' = d + sigma z` for every pair, and
//!
//! ```text
//! loss = mean over pairs of (slope_e + z_e)^2,   slope_e = sigma d ln p / d d'
//! ```
//!
//! Noisy distances may be negative, as in the released code, and need not be those of any positions: what the network learns is not quite
//! the score of positions, where noise on positions is exact.

use burn::tensor::{Device, IndexingUpdateOp, Tensor, TensorData};
use diffusion::score::Ncsn;
use diffusion::{Centred, Cloud, Objective, Rng, Space};
use nets::DistanceScore;

use super::data::{Conformer, Packed};
use super::recipe::ConformerRecipe;
use crate::Error;

/// Where noise is put.
pub enum Noise {
    /// On positions, by an objective of the core; positions are in units of their spread.
    Positions(Objective),
    /// On distances, at these levels in units of the spread.
    Distances(Ncsn),
}

/// How the network sees distances at a noise of so many spreads: as if of unit variance, and the noise level of the core.
pub fn seen(sigma: f64) -> (f64, f64) {
    ((1.0 + sigma * sigma).sqrt().recip(), 0.25 * sigma.ln())
}

impl Noise {
    /// The recipe's.
    ///
    /// # Errors
    /// Of levels that cannot be.
    pub fn new(recipe: &ConformerRecipe, spread: f64) -> Result<Noise, Error> {
        Ok(match &recipe.distances {
            None => Noise::Positions(recipe.objective.build(&recipe.path()?)),
            Some(d) => Noise::Distances(Ncsn::geometric(d.sigma_max / spread, d.sigma_min / spread, d.levels)?),
        })
    }

    /// The loss of each conformer, `[B]`; row `r` is sample `rng.first + r`.
    ///
    /// # Errors
    /// Of an objective that leaves the numbers of single precision.
    pub fn losses(
        &self,
        net: &DistanceScore,
        rows: &[Conformer],
        spread: f64,
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Tensor<1>, Error> {
        let packed = Packed::new(rows.iter().map(|row| &*row.molecule), device);
        let batch = Batch { net, rows, packed: &packed, spread, device };
        match self {
            Noise::Positions(objective) => batch.of_positions(objective, rng),
            Noise::Distances(levels) => Ok(batch.of_distances(levels, rng)),
        }
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

/// Conformers, and the network that is asked of them.
struct Batch<'a> {
    net: &'a DistanceScore,
    rows: &'a [Conformer],
    packed: &'a Packed,
    spread: f64,
    device: &'a Device,
}

impl Batch<'_> {
    fn of_positions(&self, objective: &Objective, rng: &mut Rng) -> Result<Tensor<1>, Error> {
        let Batch { net, rows, packed, spread, device } = *self;
        let drawn = objective.draw(rng, rows.len())?;
        let most = rows.iter().map(Conformer::atoms).max().unwrap_or(0);
        let mask: Vec<f32> =
            rows.iter().flat_map(|row| (0..most).map(|i| if i < row.atoms() { 1.0 } else { 0.0 })).collect();
        let host = Device::flex();
        let shape = [rows.len(), most, 3];
        let mask = Tensor::<3>::from_data(TensorData::new(mask, [rows.len(), most, 1]), &host);
        let zeros = Centred { cloud: Cloud { x: Tensor::zeros(shape, &host), mask }, columns: 3 };
        let noise = nets::host(zeros.randn_like(rng).cloud.x);
        let (mut input, mut target, mut weight) = (vec![], vec![], vec![]);
        for (b, (row, drawn)) in rows.iter().zip(&drawn).enumerate() {
            for (k, x) in row.centred().iter().flatten().enumerate() {
                let (x, z) = (x / spread, f64::from(noise[b * most * 3 + k]));
                input.push((drawn.row.input * (drawn.coef.alpha * x + drawn.coef.sigma * z)) as f32);
                target.push((drawn.mixture.0 * x + drawn.mixture.1 * z) as f32);
            }
            weight.extend(std::iter::repeat_n((drawn.weight / (3 * row.atoms()) as f64) as f32, row.atoms()));
        }
        let atoms = weight.len();
        let table = |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [atoms, 3]), device);
        let noise = column(packed.molecule.iter().map(|&m| drawn[m].row.noise as f32).collect(), device);
        let error = pulls(net, packed, &table(input), noise) - table(target);
        let squares = (error.clone() * error).sum_dim(1) * column(weight, device);
        Ok(by_molecule(squares, &packed.owner, rows.len()))
    }

    fn of_distances(&self, levels: &Ncsn, rng: &mut Rng) -> Tensor<1> {
        let Batch { net, rows, packed, spread, device } = *self;
        let sigmas = levels.draw(rng, rows.len());
        let mut counts = vec![0; rows.len()];
        packed.molecule.iter().for_each(|&m| counts[m] += 1);
        let most = counts.iter().copied().max().unwrap_or(0);
        // A row per conformer, so that its noise does not depend on its batch.
        let noise = rng.normal_f64(rows.len(), most);
        let mut next = vec![0; rows.len()];
        let (mut z, mut noisy, mut level, mut share) = (vec![], vec![], vec![], vec![]);
        for (&m, &[i, j]) in packed.molecule.iter().zip(&packed.ends) {
            let x = rows[m].positions();
            let distance = (0..3).map(|k| (x[i][k] - x[j][k]).powi(2)).sum::<f64>().sqrt() / spread;
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
        by_molecule(error.clone() * error * column(share, device), &packed.molecule, rows.len())
    }
}

/// The network's answer at positions `[A, 3]`: what its slopes do to the atoms.
pub fn pulls(net: &DistanceScore, packed: &Packed, positions: &Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
    let (_, distances) = packed.links.apart(positions);
    packed.links.chain(positions, net.forward(&packed.links, distances, noise))
}
