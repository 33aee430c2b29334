//! A trained autoencoder: from molecules to what diffusion acts on, and back.

use diffusion::Rng;

use super::batch::Batch;
use super::kernel::AutoencoderKernel;
use super::latents::Latents;
use super::section::AutoencoderSection;
use crate::molecules::encoding::{MoleculeEncoding, MoleculeRow, SPACE};

/// Molecules of a batch.
const BATCH: usize = 256;
/// Most molecules that latents are fitted to.
const FITTED: usize = 8192;

/// A trained autoencoder, ready on the CPU.
pub struct Coder {
    kernel: AutoencoderKernel,
    encoding: MoleculeEncoding,
    /// Latents as diffusion acts on them.
    pub latents: Latents,
}

impl Coder {
    /// The networks with latents that are known already.
    pub fn new(kernel: AutoencoderKernel, encoding: &MoleculeEncoding, latents: Latents) -> Coder {
        Coder { kernel, encoding: encoding.clone(), latents }
    }

    /// Fits latents to training molecules, evenly from all over them.
    pub fn fit(
        kernel: AutoencoderKernel,
        encoding: &MoleculeEncoding,
        section: &AutoencoderSection,
        rows: &[MoleculeRow],
    ) -> Coder {
        let some: Vec<MoleculeRow> = rows.iter().step_by(rows.len().div_ceil(FITTED).max(1)).cloned().collect();
        let latents = Latents::fit(section, &means(&kernel, encoding, &some));
        Coder::new(kernel, encoding, latents)
    }

    /// Rows whose positions are latent points and which have latent features, both the encoder's means.
    pub fn encode(&self, rows: &[MoleculeRow]) -> Vec<MoleculeRow> {
        let mut rows = means(&self.kernel, &self.encoding, rows);
        let count = self.latents.shift.len();
        for z in rows.iter_mut().flat_map(|row| row.latent.chunks_exact_mut(count)) {
            z.iter_mut().enumerate().for_each(|(c, z)| *z = self.latents.standardise(c, *z));
        }
        rows
    }

    /// Codes of molecules whose latents diffusion has made: for each atom its position, logits of elements in place of a one-hot vector, and its
    /// charge. A molecule's do not depend on the others, to the last bit.
    pub fn decode(&self, latents: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let (shape, layout) = (self.kernel.shape(), self.encoding.layout());
        let given = self.latents.layout().columns();
        let mut all = Vec::with_capacity(latents.len());
        for latents in latents.chunks(BATCH) {
            let sizes: Vec<usize> = latents.iter().map(|one| one.len() / given).collect();
            let capacity = sizes.iter().copied().max().unwrap_or(0);
            let mut batch = Batch::empty(shape, sizes, capacity);
            for (one, place) in latents.iter().zip((0..).step_by(capacity.max(1))) {
                for (from, to) in
                    one.chunks_exact(given).zip(batch.input[place * shape.columns..].chunks_mut(shape.columns))
                {
                    (0..SPACE).for_each(|c| to[c] = from[c] / shape.length as f32);
                    (0..shape.latent).for_each(|c| to[SPACE + c] = self.latents.restore(c, from[SPACE + c]));
                }
            }
            let decoded = self.kernel.decode(&batch, &batch.input);
            for (&size, one) in batch.sizes.iter().zip(decoded.chunks_exact(batch.stride().max(1))) {
                let atoms = one.chunks_exact(shape.columns).take(size);
                let scaled = |(c, x): (usize, &f32)| if c < SPACE { x * shape.length as f32 } else { *x };
                all.push(atoms.flat_map(|atom| atom[..layout.columns()].iter().enumerate().map(scaled)).collect());
            }
        }
        all
    }
}

/// Rows with the encoder's means as they are.
fn means(kernel: &AutoencoderKernel, encoding: &MoleculeEncoding, rows: &[MoleculeRow]) -> Vec<MoleculeRow> {
    let shape = kernel.shape();
    let mut all = Vec::with_capacity(rows.len());
    for rows in rows.chunks(BATCH) {
        let batch = kernel.batch(encoding, rows, &mut Rng::new(0));
        let means = kernel.encode(&batch);
        for (row, means) in rows.iter().zip(means.chunks_exact(batch.stride().max(1))) {
            let atoms = || means.chunks_exact(shape.columns).take(row.atoms());
            let positions = atoms().flat_map(|atom| atom[..SPACE].iter().map(|x| x * shape.length as f32)).collect();
            let latent = atoms().flat_map(|atom| atom[SPACE..SPACE + shape.latent].to_vec()).collect();
            all.push(MoleculeRow { positions, latent, ..row.clone() });
        }
    }
    all
}
