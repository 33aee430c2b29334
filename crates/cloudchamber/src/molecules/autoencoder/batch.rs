//! Molecules as an autoencoder's networks see them, and the loss of what they become.
//!
//! All columns have unit spread: positions `x`, one-hot elements, charges `q`, each divided by its own. The loss of a molecule of N atoms is
//!
//! `1/N sum_i [ s^2 |x'_i - x_i|^2 - ln softmax(logits_i)_(element of i) + (q'_i - q_i)^2 + kl/2 (s^2 |z_x,i|^2 + |z_h,i|^2) ]`
//!
//! with the spread `s` of positions in units of the encoding, and the encoder's means `z`. The last term is the divergence of
//! `N(z, sigma_0^2)` from `N(0, 1)` without its constant. arXiv:2305.01140, eqs. 3 and 4.

use burn::tensor::Device;
use diffusion::{Rng, Space};
use kernels::CloudBatch;

use crate::molecules::encoding::{MoleculeEncoding, MoleculeRow, SPACE};
use crate::molecules::question;

/// Sizes of an autoencoder's clouds, and units of its loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Elements.
    pub elements: usize,
    /// Whether there is a column of charges after them.
    pub charged: bool,
    /// Invariant features of a latent point.
    pub latent: usize,
    /// All columns of both networks: positions, then the larger of both numbers of features.
    pub columns: usize,
    /// Spread of positions in units of the encoding.
    pub length: f64,
    /// Standard deviation of latents about their means.
    pub sigma_0: f64,
    /// Weight of the divergence.
    pub kl: f64,
}

/// A batch of molecules in units of the networks.
pub struct Batch {
    /// Sizes and units.
    pub shape: Shape,
    /// `[B, P, C]`.
    pub input: Vec<f32>,
    /// 1 for an atom, `[B, P]`.
    pub mask: Vec<f32>,
    /// What is added to the encoder's means, `[B, P, C]`.
    pub noise: Vec<f32>,
    /// Column of each atom's element, `[B, P]`; of padding 0.
    pub elements: Vec<usize>,
    /// Atoms of each molecule.
    pub sizes: Vec<usize>,
    /// The noise level that both networks are told, `[B]`.
    still: Vec<f32>,
}

impl Batch {
    /// Row `r` has the noise of sample `rng.first + r`.
    pub fn new(shape: Shape, encoding: &MoleculeEncoding, rows: &[MoleculeRow], rng: &mut Rng) -> Batch {
        let (layout, capacity) = (encoding.layout(), question::capacity(rows.iter()));
        let columns = layout.columns();
        let mut batch = Batch::empty(shape, rows.iter().map(MoleculeRow::atoms).collect(), capacity);
        let mut codes = Vec::new();
        for (b, row) in rows.iter().enumerate() {
            codes.clear();
            encoding.push_codes(&mut codes, row);
            for (i, atom) in codes.chunks_exact(columns).enumerate() {
                let place = b * capacity + i;
                for (c, code) in atom.iter().enumerate() {
                    batch.input[place * shape.columns + c] = code / layout.spread[layout.group(c)] as f32;
                }
                batch.elements[place] = usize::from(row.elements[i]);
            }
        }
        let size = [rows.len(), capacity, SPACE + shape.latent];
        let zeros = question::cloud(vec![0.0; size.iter().product()], &batch.mask, size, &Device::flex());
        let noise = nets::host(zeros.randn_like(rng).cloud.x);
        for (to, from) in batch.noise.chunks_exact_mut(shape.columns).zip(noise.chunks_exact(size[2])) {
            for (c, (to, from)) in to.iter_mut().zip(from).enumerate() {
                *to = (shape.sigma_0 / if c < SPACE { shape.length } else { 1.0 }) as f32 * from;
            }
        }
        batch
    }

    /// Atoms of molecules of these sizes, all numbers zero.
    pub fn empty(shape: Shape, sizes: Vec<usize>, capacity: usize) -> Batch {
        let atoms = sizes.len() * capacity;
        Batch {
            input: vec![0.0; atoms * shape.columns],
            noise: vec![0.0; atoms * shape.columns],
            mask: question::mask(&sizes, capacity),
            elements: vec![0; atoms],
            still: vec![0.0; sizes.len()],
            shape,
            sizes,
        }
    }

    /// Atoms of the largest molecule.
    pub fn capacity(&self) -> usize {
        self.mask.len() / self.sizes.len().max(1)
    }

    /// Numbers of a molecule, padding included.
    pub fn stride(&self) -> usize {
        self.capacity() * self.shape.columns
    }

    /// A kernel's view of clouds of this batch's shape.
    pub fn of<'a>(&'a self, x: &'a [f32]) -> CloudBatch<'a> {
        CloudBatch { x, mask: &self.mask, noise: &self.still, condition: &[], pairs: &[] }
    }

    /// What the decoder makes of molecule `b`, `[P, C]`, against the molecule: the loss without its last term, and its derivative.
    pub fn reconstruction(&self, b: usize, decoded: &[f32], d: &mut [f32]) -> f64 {
        let Shape { elements, charged, columns, length, .. } = self.shape;
        let (first, share) = (b * self.capacity(), 1.0 / self.sizes[b].max(1) as f64);
        let mut sum = 0.0;
        for i in 0..self.sizes[b] {
            let input = &self.input[(first + i) * columns..][..columns];
            let (found, d) = (&decoded[i * columns..][..columns], &mut d[i * columns..][..columns]);
            let mut square = |c: usize, weight: f64| {
                let error = f64::from(found[c] - input[c]);
                sum += weight * error * error;
                d[c] = (2.0 * weight * error) as f32;
            };
            (0..SPACE).for_each(|c| square(c, share * length * length));
            if charged {
                square(SPACE + elements, share);
            }
            let logits = &found[SPACE..SPACE + elements];
            let largest = logits.iter().copied().fold(f32::MIN, f32::max);
            let all: f64 = logits.iter().map(|l| f64::from(l - largest).exp()).sum();
            let element = self.elements[first + i];
            sum += share * (all.ln() - f64::from(logits[element] - largest));
            for (c, logit) in logits.iter().enumerate() {
                let chosen = if c == element { 1.0 } else { 0.0 };
                d[SPACE + c] = (share * (f64::from(logit - largest).exp() / all - chosen)) as f32;
            }
        }
        sum
    }

    /// The loss' last term for the encoder's means of molecule `b`, `[P, C]`; adds its derivative.
    pub fn divergence(&self, b: usize, means: &[f32], d: &mut [f32]) -> f64 {
        let Shape { latent, columns, length, kl, .. } = self.shape;
        let weight = kl / self.sizes[b].max(1) as f64;
        let mut sum = 0.0;
        for i in 0..self.sizes[b] {
            for c in 0..SPACE + latent {
                let weight = if c < SPACE { weight * length * length } else { weight };
                let z = f64::from(means[i * columns + c]);
                sum += weight * z * z / 2.0;
                d[i * columns + c] += (weight * z) as f32;
            }
        }
        sum
    }
}
