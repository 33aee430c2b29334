//! A trained network as the posterior mean of molecules: `D = skip x + out F(input x, noise)` with a row of four numbers for each group of
//! columns (see `question`).

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{AnyPath, Centred, Cloud, Denoise, Path, Precond, Target};
use kernels::{CloudBatch, CloudKernel};

use super::layout::Layout;

/// The molecules of a batch, asked of one network.
pub struct MoleculeDenoiser<'a> {
    /// The network.
    pub kernel: &'a CloudKernel,
    /// The columns.
    pub layout: &'a Layout,
    /// The path that times refer to.
    pub path: &'a AnyPath,
    /// What the output is in each group of columns.
    pub targets: [Target; 3],
    /// 1 for an atom, `[B, P]`.
    pub mask: Vec<f32>,
    /// `[B, conditions]`.
    pub condition: Vec<f32>,
}

impl Denoise<Centred> for MoleculeDenoiser<'_> {
    fn path(&self) -> &dyn Path {
        self.path
    }

    fn denoise(&self, x: &Centred, t: f64) -> Centred {
        let shape = x.cloud.x.dims();
        let [rows, _, columns] = shape;
        let groups: [Precond; 3] = self.targets.map(|target| target.row(self.path.at(t)));
        let row: Vec<Precond> = (0..columns).map(|c| groups[self.layout.group(c)]).collect();
        let state = nets::host(x.cloud.x.clone());
        let input: Vec<f32> = state.iter().enumerate().map(|(i, x)| x * row[i % columns].input as f32).collect();
        let noise = vec![row[0].noise as f32; rows];
        let batch = CloudBatch { x: &input, mask: &self.mask, noise: &noise, condition: &self.condition, pairs: &[] };
        let mut output = self.kernel.forward(&batch);
        for (i, (output, x)) in output.iter_mut().zip(&state).enumerate() {
            let Precond { skip, out, .. } = row[i % columns];
            *output = skip as f32 * x + out as f32 * *output;
        }
        let estimate = Tensor::from_data(TensorData::new(output, shape), &Device::flex());
        Centred { cloud: Cloud { x: estimate, mask: x.cloud.mask.clone() }, columns: x.columns }
    }
}
