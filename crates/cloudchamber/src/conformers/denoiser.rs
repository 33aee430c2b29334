//! The equivariant network as the posterior mean of conformers, which the samplers of the core ask: `D = skip x + out F(input x, noise)`.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{AnyPath, Centred, Cloud, Denoise, Path, Precond, Target};
use kernels::CloudKernel;

use super::Ensemble;
use super::positions::{COLUMNS, Told};
use crate::molecules::encoding::SPACE;

/// Some conformers of one molecule, `[B, N, 3]`, in units of their spread.
pub struct ConformerDenoiser<'a> {
    kernel: &'a CloudKernel,
    told: Told,
    path: &'a AnyPath,
    target: Target,
}

impl<'a> ConformerDenoiser<'a> {
    /// The network asked of `count` conformers at once on a path.
    pub fn new(
        kernel: &'a CloudKernel,
        molecule: &Ensemble,
        count: usize,
        path: &'a AnyPath,
        target: Target,
    ) -> ConformerDenoiser<'a> {
        ConformerDenoiser { kernel, told: Told::new(&vec![molecule; count]), path, target }
    }
}

impl Denoise<Centred> for ConformerDenoiser<'_> {
    fn path(&self) -> &dyn Path {
        self.path
    }

    fn denoise(&self, state: &Centred, t: f64) -> Centred {
        let shape = state.cloud.x.dims();
        let Precond { skip, out, input, noise } = self.target.row(self.path.at(t));
        let x = nets::host(state.cloud.x.clone());
        let mut seen = self.told.input.clone();
        for (row, x) in seen.chunks_mut(COLUMNS).zip(x.chunks(SPACE)) {
            row.iter_mut().zip(x).for_each(|(seen, x)| *seen = input as f32 * x);
        }
        let moved = self.kernel.forward(&self.told.batch(&seen, &vec![noise as f32; shape[0]]));
        let estimate = moved
            .chunks(COLUMNS)
            .zip(x.chunks(SPACE))
            .flat_map(|(moved, x)| x.iter().zip(moved).map(move |(x, moved)| skip as f32 * x + out as f32 * moved));
        let estimate = Tensor::from_data(TensorData::new(estimate.collect::<Vec<f32>>(), shape), &Device::flex());
        Centred { cloud: Cloud { x: estimate, mask: state.cloud.mask.clone() }, columns: state.columns }
    }
}
