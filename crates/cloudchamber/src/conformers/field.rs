//! The network trained with noise on distances as a model of positions, which the samplers of the core ask.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{AnyPath, Centred, Cloud, Denoise, Path};
use nets::DistanceScore;

use super::Ensemble;
use super::data::Packed;
use super::distances::{pulls, seen};

/// Longest score of an atom at noise on distances, in units of one over the spread, as published in 1/Angstrom; longer ones are scaled down to it.
const LONGEST: f64 = 1000.0;

/// A network of distances read as a model of the positions of some conformers of one molecule, `[B, N, 3]`, in units of their spread:
/// `D = x + sigma^2 score`.
pub struct DistanceField<'a> {
    net: &'a DistanceScore,
    packed: Packed,
    path: &'a AnyPath,
}

impl<'a> DistanceField<'a> {
    /// The field of `count` conformers at once on a path.
    pub fn new(net: &'a DistanceScore, molecule: &Ensemble, count: usize, path: &'a AnyPath) -> DistanceField<'a> {
        DistanceField { net, packed: Packed::new(vec![molecule; count], &Device::flex()), path }
    }

    /// Scores of the atoms at noise `sigma` on distances, `[B, N, 3]`.
    fn score(&self, x: &Tensor<3>, sigma: f64) -> Tensor<3> {
        let (factor, noise) = seen(sigma);
        let shape = x.dims();
        let flat = x.clone().reshape([shape[0] * shape[1], 3]).mul_scalar(factor);
        let pairs = self.packed.molecule.len();
        let noise = Tensor::from_data(TensorData::new(vec![noise as f32; pairs], [pairs, 1]), &x.device());
        let score = pulls(self.net, &self.packed, &flat, noise).reshape(shape).div_scalar(sigma);
        let length = (score.clone() * score.clone()).sum_dim(2).sqrt();
        score * length.clamp_min(LONGEST).recip().mul_scalar(LONGEST)
    }
}

impl Denoise<Centred> for DistanceField<'_> {
    fn path(&self) -> &dyn Path {
        self.path
    }

    fn denoise(&self, state: &Centred, t: f64) -> Centred {
        // On a path that scales, the noise is that of the unscaled state.
        let coef = self.path.at(t);
        let (unscaled, sigma) = (state.cloud.x.clone().div_scalar(coef.alpha), coef.sigma / coef.alpha);
        let estimate = unscaled.clone() + self.score(&unscaled, sigma).mul_scalar(sigma * sigma);
        Centred { cloud: Cloud { x: estimate, mask: state.cloud.mask.clone() }, columns: state.columns }
    }
}
