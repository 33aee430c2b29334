//! A regression on rows of a table for the kernels of the CPU.

use burn::tensor::Tensor;
use diffusion::{HostRegression, Regression};
use kernels::{TableBatch, TableKernel};
use nets::host;

/// What is asked of a batch of rows, and what the network is told, on the host.
pub struct TableQuestion {
    problem: HostRegression,
    condition: Vec<f32>,
    /// Nothing is masked in a table.
    all: Vec<f32>,
}

impl TableQuestion {
    /// Of a regression, with the conditions `[B, C]`.
    pub fn new(problem: Regression<2>, condition: Tensor<2>) -> TableQuestion {
        let all = vec![1.0; problem.input.dims()[1]];
        TableQuestion { problem: problem.into_host(), condition: host(condition), all }
    }

    fn batch(&self) -> TableBatch<'_> {
        TableBatch { x: &self.problem.input, noise: &self.problem.noise_level, condition: &self.condition }
    }

    /// Sum of the losses, and its gradient.
    pub fn gradient(&self, kernel: &TableKernel) -> (f64, Vec<f32>) {
        let mut sum = 0.0;
        let loss = &mut |row: usize, output: &[f32], d: &mut [f32]| sum += self.problem.loss(row, output, &self.all, d);
        let gradient = kernel.gradient(&self.batch(), loss);
        (sum, gradient)
    }

    /// Sum of the losses.
    pub fn loss(&self, kernel: &TableKernel) -> f64 {
        let output = kernel.forward(&self.batch());
        let mut unused = self.all.clone();
        let one = |(row, output): (usize, &[f32])| self.problem.loss(row, output, &self.all, &mut unused);
        output.chunks_exact(self.all.len()).enumerate().map(one).sum()
    }
}
