//! The score of positions, and conformers by annealed Langevin dynamics on it (ConfGF, arXiv:2105.03902, algorithm 1).
//!
//! ConfGF steps `x <- x + a s + sqrt(2 a) z` with `a = eps (sigma/sigma_min)^2`, eps = 2.4e-6, 100 times at each level. That is
//! [`AnnealedLangevin`] of step `2 eps/sigma_min^2` = 0.048. The sum of the scores of an atom's many distances is steeper than a score of one
//! position at noise sigma, so there is no last step to the "clean" estimate, only steps without noise.

use burn::tensor::{Device, Tensor};
use diffusion::score::{AnnealedLangevin, Langevin, Ncsn};
use diffusion::{Denoise, Edm, Grid, Path, Rng, Space};
use nets::{DistanceScore, Links};

use super::Ensemble;
use super::data::Packed;
use crate::Error;

/// Longest score of an atom, in 1/Angstrom; longer ones are scaled down to it.
const LONGEST: f64 = 1000.0;

/// A network of distances read as a model of the positions of some conformers of one molecule, `[B, N, 3]`; time is noise in Angstrom.
pub struct ConformerField<'a> {
    net: &'a DistanceScore,
    links: Links,
    path: Edm,
}

impl<'a> ConformerField<'a> {
    /// The field of `count` conformers at once.
    pub fn new(net: &'a DistanceScore, molecule: &Ensemble, count: usize, device: &Device) -> ConformerField<'a> {
        let links = Packed::new(&vec![molecule; count], device).links;
        ConformerField { net, links, path: Edm::default() }
    }

    /// `score_i` of each atom at noise `sigma`, `[B, N, 3]`.
    pub fn score(&self, x: &Tensor<3>, sigma: f64) -> Tensor<3> {
        let shape = x.dims();
        let flat = x.clone().reshape([shape[0] * shape[1], 3]);
        let (_, distances) = self.links.apart(&flat);
        let slopes = self.net.forward(&self.links, distances).div_scalar(sigma);
        let score = self.links.chain(&flat, slopes);
        let length = (score.clone() * score.clone()).sum_dim(1).sqrt();
        let factor = length.clamp_min(LONGEST).recip().mul_scalar(LONGEST);
        (score * factor).reshape(shape)
    }
}

/// `D = x + sigma^2 score`, so that the score of this model is that of the field.
impl Denoise<Tensor<3>> for ConformerField<'_> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Tensor<3>, t: f64) -> Tensor<3> {
        x.clone().axpby(1.0, t * t, &self.score(x, t))
    }
}

/// How conformers are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Annealing {
    /// Largest noise, in Angstrom.
    pub sigma_max: f64,
    /// Smallest noise, in Angstrom.
    pub sigma_min: f64,
    /// Number of levels.
    pub levels: usize,
    /// Steps at each level.
    pub steps: usize,
    /// `2 eps/sigma_min^2`.
    pub step: f64,
    /// Steps without noise at the smallest noise in the end.
    pub still: usize,
}

/// The published schedule: 5000 evaluations.
impl Default for Annealing {
    fn default() -> Self {
        Annealing { sigma_max: 10.0, sigma_min: 0.01, levels: 50, steps: 100, step: 0.048, still: 0 }
    }
}

impl Annealing {
    /// Evaluations of the network for one conformer.
    pub fn evaluations(&self) -> usize {
        self.levels * self.steps + self.still
    }

    /// Conformers number `first ..  first + count` of a molecule; each is a function of the seed and its number.
    ///
    /// # Errors
    /// For a schedule that cannot be, and [`Error::Interrupted`].
    pub fn draw(
        &self,
        net: &DistanceScore,
        molecule: &Ensemble,
        seed: u64,
        first: u64,
        count: usize,
        device: &Device,
    ) -> Result<Vec<Vec<[f64; 3]>>, Error> {
        let field = ConformerField::new(net, molecule, count, device);
        let mut rng = Rng::new(seed).at(first);
        let mut x = Tensor::<3>::zeros([count, molecule.graph.len(), 3], device).randn_like(&mut rng);
        let dynamics = AnnealedLangevin::new(self.step, self.steps, 1.0)?;
        for &level in Ncsn::geometric(self.sigma_max, self.sigma_min, self.levels)?.levels() {
            crate::interrupt::check()?;
            x = dynamics.run(&field, &Grid::new(vec![level])?.without_clean_step(), x, &mut rng).x;
        }
        let quiet = Langevin::new(self.step * self.sigma_min.powi(2), self.still, 0.0)?;
        x = quiet.run(&field, x, self.sigma_min, &mut rng);
        let values: Vec<f64> = x.into_data().iter::<f64>().collect();
        let atoms = |all: &[f64]| all.chunks(3).map(|c| [c[0], c[1], c[2]]).collect();
        Ok(values.chunks(3 * molecule.graph.len()).map(atoms).collect())
    }
}
