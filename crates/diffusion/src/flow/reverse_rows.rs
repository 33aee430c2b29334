//! The pullback of a network that is told each sample's noise level, by burn's reverse mode: for likelihoods of tensors.
//!
//! The state is moved to the tape and the network runs on it; weights on the plain device are constants there. The network
//! must not detach its input. A tape can be walked once: every pullback after the first costs a forward pass.

use std::cell::RefCell;

use burn::tensor::Tensor;

use super::{PreconditionedRows, VjpRows};
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
        let (at, t, rows) = (x.clone().inner(), t.to_vec(), rows.to_vec());
        let record = move || {
            let leaf = at.clone().autodiff().require_grad();
            let estimate = self.estimate(&leaf, &t, &rows);
            (leaf, estimate)
        };
        let first = record();
        let value = first.1.clone().inner();
        let taped = RefCell::new(Some(first));
        let pullback = move |v: &Tensor<D>| {
            let (leaf, estimate) = taped.take().unwrap_or_else(&record);
            let gradients = (estimate * v.clone().inner()).sum().backward();
            leaf.grad(&gradients).unwrap_or_else(|| leaf.inner().zeros_like())
        };
        (value, Box::new(pullback))
    }
}
