//! What the network of a generator of molecules learns.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;
use kernels::CloudKernel;
use nets::{Atoms, Egnn};

use super::encoding::{MoleculeEncoding, MoleculeRow, SPACE};
use super::layout::Layout;
use super::question::{Objectives, Question};
use super::recipe::MoleculeRecipe;
use crate::Error;
use crate::train::{Stage, clouds};

/// The network and its loss.
pub struct MoleculeStage<'a> {
    recipe: &'a MoleculeRecipe,
    encoding: &'a MoleculeEncoding,
    objectives: Objectives,
    columns: usize,
}

/// The network of a recipe, freshly initialised.
pub fn network(recipe: &MoleculeRecipe, encoding: &MoleculeEncoding, device: &Device) -> Egnn {
    let features = recipe.autoencoder.as_ref().map_or(encoding.features(), |autoencoder| autoencoder.latent);
    recipe.network.config(features, encoding.conditions()).init(device)
}

/// Output of the network on tensors, movements and features side by side, `[B, P, C]`.
pub fn forward(net: &Egnn, question: &Question, columns: usize, device: &Device) -> Tensor<3> {
    let rows = question.noise.len();
    let capacity = question.mask.len() / rows;
    let tensor = |data: &[f32], shape| Tensor::<3>::from_data(TensorData::new(data.to_vec(), shape), device);
    let table =
        |data: &[f32]| Tensor::<2>::from_data(TensorData::new(data.to_vec(), [rows, data.len() / rows]), device);
    let x = tensor(&question.input, [rows, capacity, columns]);
    let atoms = Atoms {
        positions: x.clone().slice([0..rows, 0..capacity, 0..SPACE]),
        features: x.slice([0..rows, 0..capacity, SPACE..columns]),
    };
    let mask = tensor(&question.mask, [rows, capacity, 1]);
    let out = net.forward(atoms, mask, table(&question.noise), table(&question.condition));
    Tensor::cat(vec![out.positions, out.features], 2)
}

impl<'a> MoleculeStage<'a> {
    /// The recipe's objective on the recipe's path, for rows of these columns.
    pub fn new(
        recipe: &'a MoleculeRecipe,
        encoding: &'a MoleculeEncoding,
        layout: Layout,
    ) -> Result<MoleculeStage<'a>, Error> {
        let columns = layout.columns();
        let objectives = Objectives::new(recipe, layout, &recipe.path()?);
        Ok(MoleculeStage { recipe, encoding, objectives, columns })
    }

    fn question(&self, rows: &[MoleculeRow], rng: &mut Rng) -> Result<Question, Error> {
        let section = (self.recipe.encoding.weight, self.recipe.objective.label_dropout);
        Question::new(&self.objectives, self.encoding, section, rows, rng)
    }
}

impl Stage for MoleculeStage<'_> {
    type Row = MoleculeRow;
    type Net = Egnn;
    type Kernel = CloudKernel;

    fn network(&self, device: &Device) -> Egnn {
        network(self.recipe, self.encoding, device)
    }

    fn kernel(&self, net: &Egnn) -> Option<CloudKernel> {
        Some(CloudKernel::egnn(net))
    }

    fn load(&self, kernel: &mut CloudKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(&self, net: &Egnn, rows: &[MoleculeRow], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        let question = self.question(rows, rng)?;
        Ok(question.losses(forward(net, &question, self.columns, device)))
    }

    fn gradient(&self, kernel: &CloudKernel, rows: &[MoleculeRow], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        let question = self.question(rows, rng)?;
        Ok(clouds::gradient(kernel, &question.batch(), |sample, output, d| question.loss(sample, output, d)))
    }

    fn loss(&self, kernel: &CloudKernel, rows: &[MoleculeRow], rng: &mut Rng) -> Result<f64, Error> {
        let question = self.question(rows, rng)?;
        Ok(clouds::loss(kernel, &question.batch(), |sample, output, d| question.loss(sample, output, d)))
    }
}
