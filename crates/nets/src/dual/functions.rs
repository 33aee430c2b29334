//! Functions of dual numbers: elementary functions, activations, softmax, layer norm.

use burn::tensor::activation::{relu, sigmoid, silu, softmax, softplus};

use super::Dual;
use crate::hard_swish;

impl<const D: usize> Dual<D> {
    /// Exponential.
    pub fn exp(self) -> Dual<D> {
        self.function(|x| x.exp(), |_, y, dx| y * dx)
    }

    /// Natural logarithm.
    pub fn log(self) -> Dual<D> {
        self.function(|x| x.log(), |x, _, dx| dx / x)
    }

    /// Square root; its rate of change is infinite at 0.
    pub fn sqrt(self) -> Dual<D> {
        self.function(|x| x.sqrt(), |_, y, dx| dx / y.mul_scalar(2.0))
    }

    /// Sine.
    pub fn sin(self) -> Dual<D> {
        self.function(|x| x.sin(), |x, _, dx| x.cos() * dx)
    }

    /// Cosine.
    pub fn cos(self) -> Dual<D> {
        self.function(|x| x.cos(), |x, _, dx| x.sin().neg() * dx)
    }

    /// Hyperbolic tangent.
    pub fn tanh(self) -> Dual<D> {
        self.function(|x| x.tanh(), |_, y, dx| (y.clone() * y).neg().add_scalar(1.0) * dx)
    }

    /// Logistic function `1/(1 + exp(-x))`.
    pub fn sigmoid(self) -> Dual<D> {
        self.function(sigmoid, |_, y, dx| y.clone() * y.neg().add_scalar(1.0) * dx)
    }

    /// `x sigmoid(x)`.
    pub fn silu(self) -> Dual<D> {
        self.function(silu, |x, y, dx| {
            let gate = sigmoid(x);
            (gate.clone() + y * gate.neg().add_scalar(1.0)) * dx
        })
    }

    /// `ln(1 + exp(x))`.
    pub fn softplus(self) -> Dual<D> {
        self.function(|x| softplus(x, 1.0), |x, _, dx| sigmoid(x) * dx)
    }

    /// `max(x, 0)`, of slope 0 at 0.
    pub fn relu(self) -> Dual<D> {
        self.function(relu, |x, _, dx| dx.mask_fill(x.lower_equal_elem(0.0), 0.0))
    }

    /// [`hard_swish`]: slope 0 below -3, 1 above 3, `(2 x + 3)/6` between.
    pub fn hard_swish(self) -> Dual<D> {
        self.function(hard_swish, |x, _, dx| {
            let flat = x.clone().abs().greater_equal_elem(3.0);
            let right = x.clone().greater_equal_elem(3.0);
            let slope = x.mul_scalar(1.0 / 3.0).add_scalar(0.5);
            slope.mask_fill(flat, 0.0).mask_fill(right, 1.0) * dx
        })
    }

    /// `exp(x) / sum exp(x)` over dimension `dim`.
    pub fn softmax(self, dim: usize) -> Dual<D> {
        self.function(
            |x| softmax(x, dim),
            |_, y, dx| {
                let change = y.clone() * dx;
                change.clone() - y * change.sum_dim(dim)
            },
        )
    }

    /// Zero mean and unit variance over the last dimension, with 1e-5 added to the variance; no weights.
    pub fn layer_norm(self) -> Dual<D> {
        let centred = self.clone() - self.mean_dim(D - 1);
        let variance = (centred.clone() * centred.clone()).mean_dim(D - 1);
        centred / variance.add_scalar(1e-5).sqrt()
    }
}
