//! The pullback of a network that is told each sample's noise level, by burn's reverse mode: for likelihoods of tensors.
//!
//! As [`Reverse`](crate::Reverse): weights on the plain device are constants, and the network must not detach its input.

use burn::tensor::Tensor;

use super::{PreconditionedRows, VjpRows};
use crate::autodiff::taped;
use crate::{Batch, Path, Pullback, Vjp};

impl<const D: usize, P: Path, F: Fn(Tensor<D>, &[f64], &[usize]) -> Tensor<D>> Vjp<Tensor<D>>
    for PreconditionedRows<P, F>
{
    fn vjp<'a>(&'a self, x: &Tensor<D>, t: f64) -> (Tensor<D>, Pullback<'a, Tensor<D>>) {
        let rows: Vec<usize> = (0..x.rows()).collect();
        self.vjp_rows(x, &vec![t; rows.len()], &rows)
    }
}

impl<const D: usize, P: Path, F: Fn(Tensor<D>, &[f64], &[usize]) -> Tensor<D>> VjpRows<Tensor<D>>
    for PreconditionedRows<P, F>
{
    fn vjp_rows<'a>(&'a self, x: &Tensor<D>, t: &[f64], rows: &[usize]) -> (Tensor<D>, Pullback<'a, Tensor<D>>) {
        let (t, rows) = (t.to_vec(), rows.to_vec());
        taped(x, move |leaf| self.estimate(leaf, &t, &rows))
    }
}
