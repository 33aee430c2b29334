//! The pullback of any tensor model, by burn's reverse mode.
//!
//! A state is moved to the tape (`x.autodiff().require_grad()`), the model runs on it, and `J^T v` is the gradient of the inner
//! product of `v` with the estimate. The model may keep its weights on the plain device: in burn 0.22 a plain tensor that
//! meets one on the tape is a constant of it, so an operation costs no gradients of weights. It must not detach its input nor
//! read it on the host; then the estimate counts as independent of the state and the pullback is zero.
//!
//! A tape can be walked once. The first pullback of an estimate costs no further forward pass, every later one costs one.

use std::cell::RefCell;

use burn::tensor::Tensor;

use crate::{Denoise, Path, Pullback, Vjp};

/// A tensor model made differentiable; states in and out are plain.
#[derive(Clone, Copy, Debug)]
pub struct Reverse<M>(
    /// The model.
    pub M,
);

impl<const D: usize, M: Denoise<Tensor<D>>> Denoise<Tensor<D>> for Reverse<M> {
    fn path(&self) -> &dyn Path {
        self.0.path()
    }

    fn denoise(&self, x: &Tensor<D>, t: f64) -> Tensor<D> {
        self.0.denoise(x, t)
    }
}

impl<const D: usize, M: Denoise<Tensor<D>>> Vjp<Tensor<D>> for Reverse<M> {
    fn vjp<'a>(&'a self, x: &Tensor<D>, t: f64) -> (Tensor<D>, Pullback<'a, Tensor<D>>) {
        taped(x, move |leaf| self.0.denoise(leaf, t))
    }
}

/// `estimate(x)` and its pullback, all on the tape.
pub(crate) fn taped<'a, const D: usize>(
    x: &Tensor<D>,
    estimate: impl Fn(&Tensor<D>) -> Tensor<D> + 'a,
) -> (Tensor<D>, Pullback<'a, Tensor<D>>) {
    let at = x.clone().inner();
    let record = move || {
        let leaf = at.clone().autodiff().require_grad();
        let value = estimate(&leaf);
        (leaf, value)
    };
    let first = record();
    let value = first.1.clone().inner();
    let kept = RefCell::new(Some(first));
    let pullback = move |v: &Tensor<D>| {
        let (leaf, value) = kept.take().unwrap_or_else(&record);
        let product = (value * v.clone().inner()).sum();
        let gradient = if product.is_tracked() { leaf.grad(&product.backward()) } else { None };
        gradient.unwrap_or_else(|| leaf.inner().zeros_like())
    };
    (value, Box::new(pullback))
}
