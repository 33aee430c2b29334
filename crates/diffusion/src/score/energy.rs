//! Scores of energy models: the gradient of a log density `f = -E`, known up to a constant, by reverse accumulation.
//!
//! For sampling and for explicit inspection. The result is off the tape (first-order reverse mode cannot be repeated):
//! to train an energy model on a loss of its score, write the gradient in tensor operations, as `nets::EnergyMlp` does.

use burn::tensor::Tensor;

/// The log density of each sample, `[B]`, and its gradient `[B, ...]`, at `x` `[B, ...]`.
///
/// The samples must be independent of each other in `log_density`. Gradient zero where it does not depend on `x`.
pub fn gradient<const D: usize>(log_density: impl Fn(Tensor<D>) -> Tensor<1>, x: &Tensor<D>) -> (Tensor<1>, Tensor<D>) {
    let leaf = x.clone().detach().autodiff().require_grad();
    let value = log_density(leaf.clone());
    if !value.is_autodiff() {
        return (value, x.zeros_like());
    }
    let gradient = leaf.grad(&value.clone().sum().backward());
    (value.inner(), gradient.unwrap_or_else(|| x.clone().inner().zeros_like()))
}
