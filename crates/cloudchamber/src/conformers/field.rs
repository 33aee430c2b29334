//! The network of distances as a model of positions, which the samplers of the core ask.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{AnyPath, Centred, Cloud, Denoise, Path, Precond, Target};
use nets::DistanceScore;

use super::Ensemble;
use super::data::Packed;
use super::question::{pulls, seen};

/// Longest score of an atom at noise on distances, in units of one over the spread, as published in 1/Angstrom; longer ones are scaled down to it.
const LONGEST: f64 = 1000.0;

/// What the network was trained for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A target of the core at noisy positions.
    Positions(Target),
    /// `sigma` times scores of distances: `D = x + sigma^2 score`.
    Distances,
}

/// A network of distances read as a model of the positions of some conformers of one molecule, `[B, N, 3]`, in units of their spread.
pub struct ConformerField<'a> {
    net: &'a DistanceScore,
    packed: Packed,
    path: AnyPath,
    reading: Reading,
}

impl<'a> ConformerField<'a> {
    /// The field of `count` conformers at once on a path.
    pub fn new(
        net: &'a DistanceScore,
        molecule: &Ensemble,
        count: usize,
        path: AnyPath,
        reading: Reading,
        device: &Device,
    ) -> ConformerField<'a> {
        ConformerField { net, packed: Packed::new(vec![molecule; count], device), path, reading }
    }

    /// The network's pulls at `x` times a factor, `[B, N, 3]`.
    fn asked(&self, x: &Tensor<3>, factor: f64, noise: f64) -> Tensor<3> {
        let shape = x.dims();
        let flat = x.clone().reshape([shape[0] * shape[1], 3]).mul_scalar(factor);
        let pairs = self.packed.molecule.len();
        let noise = Tensor::from_data(TensorData::new(vec![noise as f32; pairs], [pairs, 1]), &x.device());
        pulls(self.net, &self.packed, &flat, noise).reshape(shape)
    }

    /// Scores of the atoms at noise `sigma` on distances, `[B, N, 3]`.
    fn score(&self, x: &Tensor<3>, sigma: f64) -> Tensor<3> {
        let (factor, noise) = seen(sigma);
        let score = self.asked(x, factor, noise).div_scalar(sigma);
        let length = (score.clone() * score.clone()).sum_dim(2).sqrt();
        score * length.clamp_min(LONGEST).recip().mul_scalar(LONGEST)
    }
}

impl Denoise<Centred> for ConformerField<'_> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, state: &Centred, t: f64) -> Centred {
        let x = &state.cloud.x;
        let coef = self.path.at(t);
        let estimate = match self.reading {
            Reading::Positions(target) => {
                let Precond { skip, out, input, noise } = target.row(coef);
                x.clone().mul_scalar(skip) + self.asked(x, input, noise).mul_scalar(out)
            }
            Reading::Distances => {
                // On a path that scales, the noise is that of the unscaled state.
                let (unscaled, sigma) = (x.clone().div_scalar(coef.alpha), coef.sigma / coef.alpha);
                unscaled.clone() + self.score(&unscaled, sigma).mul_scalar(sigma * sigma)
            }
        };
        Centred { cloud: Cloud { x: estimate, mask: state.cloud.mask.clone() }, columns: state.columns }
    }
}
