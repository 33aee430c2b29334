//! The losses of a batch of clouds by a kernel, which every domain of clouds learns by.

use kernels::{CloudBatch, CloudKernel};

/// Sum of the losses of a batch, and its gradient; `loss` has the number of a sample, its output and where the derivative goes.
pub(crate) fn gradient(
    kernel: &CloudKernel,
    batch: &CloudBatch,
    loss: impl Fn(usize, &[f32], &mut [f32]) -> f64,
) -> (f64, Vec<f32>) {
    let mut sum = 0.0;
    let gradient = kernel.gradient(batch, &mut |sample, output, d| sum += loss(sample, output, d));
    (sum, gradient)
}

/// Sum of the losses of a batch.
pub(crate) fn loss(kernel: &CloudKernel, batch: &CloudBatch, loss: impl Fn(usize, &[f32], &mut [f32]) -> f64) -> f64 {
    let output = kernel.forward(batch);
    let size = output.len() / batch.noise.len().max(1);
    let mut unused = vec![0.0; size];
    output.chunks_exact(size.max(1)).enumerate().map(|(sample, output)| loss(sample, output, &mut unused)).sum()
}
