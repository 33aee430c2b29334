//! What the laboratory asks of a trained method, and what training it is given.

use std::sync::Mutex;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use diffusion::Rng;
use nets::{ToyMlp, ToyMlpConfig};

use super::denoiser::Denoiser;
use super::recipe::LabRecipe;
use super::standard::Standard;
use super::{Point, Target};
use crate::Error;

/// Who is shown the states on a way from noise to data.
pub type See<'a> = &'a mut dyn FnMut(&Tensor<2>);

/// A trained method on standardised points.
pub trait Student: Send + Sync {
    /// Points from noise, as many as `like` has, with at most `evaluations` of the network each (at least one); `see` is shown the
    /// states on the way, in units of `alpha + sigma`.
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error>;

    /// The direction from `x` towards the data at noise `sigma/alpha = level`; `x` is in units of `alpha + sigma`.
    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2>;

    /// What else there is to see, with titles: samples like `like` from `rng`, with at most `evaluations` each.
    fn exhibits(&self, _evaluations: usize, _like: &Tensor<2>, _rng: &Rng) -> Result<Vec<(String, Tensor<2>)>, Error> {
        Ok(Vec::new())
    }

    /// The method as a denoiser that others learn from, if it is one.
    fn denoiser(&self) -> Option<&Denoiser> {
        None
    }
}

/// What a method is trained with.
pub struct Lesson<'a> {
    /// The recipe.
    pub recipe: &'a LabRecipe,
    /// Where the data come from.
    pub target: &'a Target,
    /// The scale of the data.
    pub standard: Standard,
    /// The model to learn from, if the recipe names one.
    pub teacher: Option<&'a Denoiser>,
    /// Where the tensors live.
    pub device: Device,
}

/// Octaves of the networks' Fourier features of the noise level.
pub const OCTAVES: usize = 4;
/// Stream of the seed's random numbers that data are drawn from.
const DATA: u64 = 2;

impl Lesson<'_> {
    /// A fresh network on `features` numbers; its weights follow from the recipe's seed.
    pub fn network(&self, features: usize) -> ToyMlp {
        let net = self.recipe.network;
        let config = ToyMlpConfig::new(features).with_hidden(net.width, net.layers).with_frequencies(OCTAVES);
        self.fresh(|device| config.init(device))
    }

    /// A network whose weights follow from the recipe's seed.
    pub fn fresh<N: Module>(&self, init: impl FnOnce(&Device) -> N) -> N {
        // The device has one stream of random numbers for all threads: one network at a time seeds it and draws from it.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(|e| e.into_inner());
        self.device.seed(self.recipe.train.seed);
        let network = init(&self.device);
        // Weights are drawn when they are first asked for.
        nets::values(&network);
        network
    }

    /// The data of a step, `[B, 2]`.
    pub fn data(&self, rng: &Rng) -> Tensor<2> {
        self.labelled(rng).0
    }

    /// The data of a step, `[B, 2]`, and their classes.
    pub fn labelled(&self, rng: &Rng) -> (Tensor<2>, Vec<usize>) {
        let drawn = self.target.sample(&mut rng.clone().stream(DATA), self.recipe.train.batch);
        let (points, classes): (Vec<Point>, Vec<usize>) = drawn.into_iter().unzip();
        (self.standard.tensor(&points, &self.device), classes)
    }

    /// The model to learn from.
    ///
    /// # Errors
    /// None is there.
    pub fn teacher(&self) -> Result<&Denoiser, Error> {
        self.teacher.ok_or_else(|| {
            let found = self.recipe.teacher.as_deref().unwrap_or("nothing");
            Error::argument("teacher", found, "a method that is a denoiser")
        })
    }
}
