//! An autoencoder's networks on the CPU.

use diffusion::Rng;
use kernels::CloudKernel;
use nets::EgnnAutoencoder;

use super::batch::{Batch, Shape};
use super::section::AutoencoderSection;
use crate::molecules::encoding::{MoleculeEncoding, MoleculeRow, SPACE};

/// Encoder and decoder with their weights packed for the processor.
pub struct AutoencoderKernel {
    encoder: CloudKernel,
    decoder: CloudKernel,
    /// Parameters of the encoder, which come first.
    split: usize,
    shape: Shape,
}

impl Shape {
    /// That of a recipe's autoencoder of molecules of this encoding.
    pub fn new(section: &AutoencoderSection, encoding: &MoleculeEncoding) -> Shape {
        Shape {
            elements: encoding.elements.len(),
            charged: encoding.charges > 0.0,
            latent: section.latent,
            columns: SPACE + encoding.features().max(section.latent),
            length: encoding.spread[0],
            sigma_0: section.sigma_0,
            kl: if section.learns() { section.kl } else { 0.0 },
        }
    }
}

impl AutoencoderKernel {
    /// The networks with their present weights.
    pub fn new(net: &EgnnAutoencoder, shape: Shape) -> AutoencoderKernel {
        let (encoder, decoder) = (CloudKernel::egnn(&net.encoder), CloudKernel::egnn(&net.decoder));
        AutoencoderKernel { encoder, decoder, split: nets::values(&net.encoder).len(), shape }
    }

    /// Takes over other parameters, in the order of [`nets::values`].
    pub fn load(&mut self, parameters: &[f32]) {
        let (encoder, decoder) = parameters.split_at(self.split);
        self.encoder.load(encoder);
        self.decoder.load(decoder);
    }

    /// Sizes and units.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// These molecules with noise of these random numbers.
    pub fn batch(&self, encoding: &MoleculeEncoding, rows: &[MoleculeRow], rng: &mut Rng) -> Batch {
        Batch::new(self.shape, encoding, rows, rng)
    }

    /// The encoder's means, `[B, P, C]`: columns after the latent ones are zero.
    pub fn encode(&self, batch: &Batch) -> Vec<f32> {
        let mut means = self.encoder.forward(&batch.of(&batch.input));
        self.move_from(&mut means, &batch.input, SPACE + self.shape.latent);
        means
    }

    /// What the decoder makes of latents `[B, P, C]`: positions, logits of elements, charges.
    pub fn decode(&self, batch: &Batch, latents: &[f32]) -> Vec<f32> {
        let mut decoded = self.decoder.forward(&batch.of(latents));
        self.move_from(&mut decoded, latents, self.shape.columns);
        decoded
    }

    /// From movements to positions; columns from `kept` on become zero.
    fn move_from(&self, output: &mut [f32], before: &[f32], kept: usize) {
        let columns = self.shape.columns;
        for (to, from) in output.chunks_exact_mut(columns).zip(before.chunks_exact(columns)) {
            (0..SPACE).for_each(|c| to[c] += from[c]);
            to[kept..].fill(0.0);
        }
    }

    /// The encoder's means, and latents about them.
    fn latents(&self, batch: &Batch) -> (Vec<f32>, Vec<f32>) {
        let means = self.encode(batch);
        let latents = means.iter().zip(&batch.noise).map(|(z, noise)| z + noise).collect();
        (means, latents)
    }

    /// Sum of the losses of a batch.
    pub fn loss(&self, batch: &Batch) -> f64 {
        let (means, latents) = self.latents(batch);
        let decoded = self.decode(batch, &latents);
        let (size, mut unused) = (batch.stride(), vec![0.0; batch.stride()]);
        let one = |b: usize| {
            let of = |x: &'_ [f32]| x[b * size..(b + 1) * size].to_vec();
            batch.reconstruction(b, &of(&decoded), &mut unused) + batch.divergence(b, &of(&means), &mut unused)
        };
        (0..batch.sizes.len()).map(one).sum()
    }

    /// The same, and its gradient; that of the encoder is zero unless it `learns`.
    pub fn gradient(&self, batch: &Batch, learns: bool) -> (f64, Vec<f32>) {
        let (means, latents) = self.latents(batch);
        let (size, columns, kept) = (batch.stride(), self.shape.columns, SPACE + self.shape.latent);
        let (mut sum, mut skipped) = (0.0, vec![0.0; latents.len()]);
        let (decoder, mut d_latents) = self.decoder.gradients(&batch.of(&latents), &mut |b, output, d| {
            let place = b * size..(b + 1) * size;
            let mut decoded = output.to_vec();
            self.move_from(&mut decoded, &latents[place.clone()], columns);
            sum += batch.reconstruction(b, &decoded, d);
            skipped[place].copy_from_slice(d);
        });
        // Positions also pass the decoder by; what the decoder was given of columns that are not latent was zero.
        for (d, skipped) in d_latents.chunks_exact_mut(columns).zip(skipped.chunks_exact(columns)) {
            (0..SPACE).for_each(|c| d[c] += skipped[c]);
            d[kept..].fill(0.0);
        }
        for (b, (means, d)) in means.chunks_exact(size).zip(d_latents.chunks_exact_mut(size)).enumerate() {
            sum += batch.divergence(b, means, d);
        }
        let mut gradient = if learns {
            let back =
                &mut |b: usize, _: &[f32], d: &mut [f32]| d.copy_from_slice(&d_latents[b * size..(b + 1) * size]);
            self.encoder.gradient(&batch.of(&batch.input), back)
        } else {
            vec![0.0; self.split]
        };
        gradient.extend(decoder);
        (sum, gradient)
    }
}
