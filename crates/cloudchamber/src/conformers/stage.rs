//! What the network of a generator of conformers learns.

use burn::tensor::{Device, Tensor};
use diffusion::Rng;
use nets::DistanceScore;

use super::data::Conformer;
use super::question::Noise;
use super::recipe::ConformerRecipe;
use crate::Error;
use crate::train::Stage;

/// The network and its loss, on tensors.
pub struct ConformerStage<'a> {
    recipe: &'a ConformerRecipe,
    noise: Noise,
    spread: f64,
}

impl<'a> ConformerStage<'a> {
    /// The recipe's objective for positions of this spread, in Angstrom.
    pub fn new(recipe: &'a ConformerRecipe, spread: f64) -> Result<ConformerStage<'a>, Error> {
        Ok(ConformerStage { recipe, noise: Noise::new(recipe, spread)?, spread })
    }
}

impl Stage for ConformerStage<'_> {
    type Row = Conformer;
    type Net = DistanceScore;
    /// There is none: the network is trained on tensors.
    type Kernel = std::convert::Infallible;

    fn network(&self, device: &Device) -> DistanceScore {
        self.recipe.network.config().init(device)
    }

    fn kernel(&self, _: &DistanceScore) -> Option<Self::Kernel> {
        None
    }

    fn load(&self, kernel: &mut Self::Kernel, _: &[f32]) {
        match *kernel {}
    }

    fn losses(
        &self,
        net: &DistanceScore,
        rows: &[Conformer],
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Tensor<1>, Error> {
        self.noise.losses(net, rows, self.spread, rng, device)
    }

    fn gradient(&self, kernel: &Self::Kernel, _: &[Conformer], _: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        match *kernel {}
    }

    fn loss(&self, kernel: &Self::Kernel, _: &[Conformer], _: &mut Rng) -> Result<f64, Error> {
        match *kernel {}
    }
}
