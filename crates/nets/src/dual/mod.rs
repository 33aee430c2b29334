//! Dual numbers: a tensor and its rate of change, carried forward through a network together.
//!
//! With `x` moving along `v`, every operation `y = g(x)` hands on `(y, g'(x) v)`; at the end stands the
//! Jacobian-vector product `J v` at the cost of about two forward passes (Wengert 1964, doi:10.1145/355586.364791).
//! A constant has no tangent and costs nothing extra: networks are written once, on dual numbers.
//!
//! Both parts are ordinary tensors, so on an autodiff device a loss may contain the tangent: parameter gradients of
//! `v^T J v` or of a MeanFlow target need first-order reverse mode only (forward over reverse).

mod arithmetic;
mod functions;
mod shape;

use burn::{
    nn::Linear,
    tensor::{Tensor, module::linear},
};

/// A tensor and its rate of change.
#[derive(Clone, Debug)]
pub struct Dual<const D: usize> {
    /// The value.
    pub primal: Tensor<D>,
    /// Its rate of change, of the same shape; `None` for a constant.
    pub tangent: Option<Tensor<D>>,
}

/// A constant.
impl<const D: usize> From<Tensor<D>> for Dual<D> {
    fn from(primal: Tensor<D>) -> Dual<D> {
        Dual { primal, tangent: None }
    }
}

impl<const D: usize> Dual<D> {
    /// The value `primal` that changes at the rate `tangent`, of the same shape.
    pub fn new(primal: Tensor<D>, tangent: Tensor<D>) -> Dual<D> {
        assert_eq!(primal.dims(), tangent.dims(), "a value and its rate of change have one shape");
        Dual { primal, tangent: Some(tangent) }
    }

    /// Value and rate of change, which is zero for a constant.
    pub fn parts(self) -> (Tensor<D>, Tensor<D>) {
        let tangent = self.tangent.unwrap_or_else(|| self.primal.zeros_like());
        (self.primal, tangent)
    }

    /// Size of each dimension.
    pub fn dims(&self) -> [usize; D] {
        self.primal.dims()
    }

    /// A linear layer on the last dimension, `[..., I] -> [..., O]`; its weights are constants.
    pub fn linear(self, layer: &Linear) -> Dual<D> {
        let tangent = self.tangent.map(|t| linear(t, layer.weight.val(), None));
        Dual { primal: layer.forward(self.primal), tangent }
    }

    /// A map that is linear in its argument, which it therefore also applies to the tangent.
    fn linear_map<const E: usize>(self, map: impl Fn(Tensor<D>) -> Tensor<E>) -> Dual<E> {
        Dual { tangent: self.tangent.map(&map), primal: map(self.primal) }
    }

    /// A function `y = g(x)` and the rate of change `change(x, y, dx)` of its value.
    fn function(
        self,
        value: impl FnOnce(Tensor<D>) -> Tensor<D>,
        change: impl FnOnce(Tensor<D>, Tensor<D>, Tensor<D>) -> Tensor<D>,
    ) -> Dual<D> {
        let Some(tangent) = self.tangent else { return value(self.primal).into() };
        let primal = value(self.primal.clone());
        Dual { tangent: Some(change(self.primal, primal.clone(), tangent)), primal }
    }
}
