//! What an autoencoder learns: the loss of [`super::batch`], on the CPU and on a tape.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;
use nets::{Atoms, EgnnAutoencoder};

use super::batch::{Batch, Shape};
use super::kernel::AutoencoderKernel;
use super::section::AutoencoderSection;
use crate::Error;
use crate::molecules::encoding::{MoleculeEncoding, MoleculeRow, SPACE};
use crate::molecules::recipe::MoleculeRecipe;
use crate::train::Stage;

/// An autoencoder and its loss.
pub struct AutoencoderStage<'a> {
    recipe: &'a MoleculeRecipe,
    section: &'a AutoencoderSection,
    encoding: &'a MoleculeEncoding,
}

impl<'a> AutoencoderStage<'a> {
    /// That of a recipe with this section, for molecules of this encoding.
    pub fn new(
        recipe: &'a MoleculeRecipe,
        section: &'a AutoencoderSection,
        encoding: &'a MoleculeEncoding,
    ) -> AutoencoderStage<'a> {
        AutoencoderStage { recipe, section, encoding }
    }

    fn batch(&self, rows: &[MoleculeRow], rng: &mut Rng) -> Batch {
        Batch::new(Shape::new(self.section, self.encoding), self.encoding, rows, rng)
    }
}

impl Stage for AutoencoderStage<'_> {
    type Row = MoleculeRow;
    type Net = EgnnAutoencoder;
    type Kernel = AutoencoderKernel;

    fn network(&self, device: &Device) -> EgnnAutoencoder {
        self.section.config(self.recipe, self.encoding).init(device)
    }

    fn kernel(&self, net: &EgnnAutoencoder) -> Option<AutoencoderKernel> {
        Some(AutoencoderKernel::new(net, Shape::new(self.section, self.encoding)))
    }

    fn load(&self, kernel: &mut AutoencoderKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(
        &self,
        net: &EgnnAutoencoder,
        rows: &[MoleculeRow],
        rng: &mut Rng,
        device: &Device,
    ) -> Result<Tensor<1>, Error> {
        Ok(losses(net, &self.batch(rows, rng), self.section.learns(), device))
    }

    fn gradient(
        &self,
        kernel: &AutoencoderKernel,
        rows: &[MoleculeRow],
        rng: &mut Rng,
    ) -> Result<(f64, Vec<f32>), Error> {
        Ok(kernel.gradient(&self.batch(rows, rng), self.section.learns()))
    }

    fn loss(&self, kernel: &AutoencoderKernel, rows: &[MoleculeRow], rng: &mut Rng) -> Result<f64, Error> {
        Ok(kernel.loss(&self.batch(rows, rng)))
    }
}

/// Loss of each molecule of a batch, `[B]`; latents are cut from the encoder unless it `learns`.
fn losses(net: &EgnnAutoencoder, batch: &Batch, learns: bool, device: &Device) -> Tensor<1> {
    let Shape { elements, charged, latent, columns, length, kl, .. } = batch.shape;
    let (rows, capacity) = (batch.sizes.len(), batch.capacity());
    let tensor =
        |data: &[f32], last| Tensor::<3>::from_data(TensorData::new(data.to_vec(), [rows, capacity, last]), device);
    let part = |x: &Tensor<3>, columns: std::ops::Range<usize>| x.clone().slice([0..rows, 0..capacity, columns]);
    let square = |x: Tensor<3>| (x.clone() * x).sum_dim(2);
    let (input, noise, mask) = (tensor(&batch.input, columns), tensor(&batch.noise, columns), tensor(&batch.mask, 1));
    let features = elements + usize::from(charged);
    let atoms = Atoms { positions: part(&input, 0..SPACE), features: part(&input, SPACE..SPACE + features) };
    let mut code = net.encode(atoms, mask.clone());
    if !learns {
        code = Atoms { positions: code.positions.detach(), features: code.features.detach() };
    }
    let divergence = square(code.positions.clone()).mul_scalar(length * length) + square(code.features.clone());
    let latents = Atoms {
        positions: code.positions + part(&noise, 0..SPACE),
        features: code.features + part(&noise, SPACE..SPACE + latent),
    };
    let decoded = net.decode(latents, mask.clone());
    let moved = square(decoded.positions - part(&input, 0..SPACE)).mul_scalar(length * length);
    let mut chosen = vec![0.0; batch.elements.len() * elements];
    batch.elements.iter().enumerate().for_each(|(i, element)| chosen[i * elements + element] = 1.0);
    let logits = log_softmax(part(&decoded.features, 0..elements), 2);
    let mut sum = moved - (logits * tensor(&chosen, elements)).sum_dim(2) + divergence.mul_scalar(kl / 2.0);
    if charged {
        let charge = elements..elements + 1;
        sum = sum + square(part(&decoded.features, charge) - part(&input, SPACE + elements..SPACE + features));
    }
    ((sum * mask.clone()).sum_dim(1) / mask.sum_dim(1).clamp_min(1.0)).reshape([rows])
}
