//! A plain multilayer perceptron with a smooth activation, and its reverse pass written out:
//!
//! 1. `h_0 = x`, `z_l = h_(l-1) W_l + b_l`, `h_l = a(z_l)`, output `z_L`
//! 2. `g_L = g`, `g_(l-1) = (g_l a'(z_l)) W_l^T` (without `a'` at the output): the pullback `g -> g J`
//!
//! The pullback is made of tensor operations like the forward pass, hence it can itself be differentiated: on an
//! autodiff device with respect to the weights, by dual numbers along a direction.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::Dual;

/// A smooth activation.
///
/// Implicit and sliced score matching train on the Jacobian, whose dependence on the weights must have no jumps, or the
/// gradient of their mean is not the mean of their gradients: rectifiers, SELU and hard swish are no choice there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Smooth {
    /// `x/(1 + exp(-x))`.
    #[default]
    Silu,
    /// Hyperbolic tangent.
    Tanh,
    /// `ln(1 + exp(x))`.
    Softplus,
}

impl Smooth {
    /// The activation.
    pub fn value<const D: usize>(self, x: Dual<D>) -> Dual<D> {
        match self {
            Smooth::Silu => x.silu(),
            Smooth::Tanh => x.tanh(),
            Smooth::Softplus => x.softplus(),
        }
    }

    /// The largest value of its derivative.
    pub fn steepest(self) -> f64 {
        match self {
            // Where x tanh(x/2) = 2, at x = 2.3994.
            Smooth::Silu => 1.099_84,
            Smooth::Tanh | Smooth::Softplus => 1.0,
        }
    }

    /// Its derivative.
    pub fn slope<const D: usize>(self, x: Dual<D>) -> Dual<D> {
        let one_minus = |y: Dual<D>| y.mul_scalar(-1.0).add_scalar(1.0);
        match self {
            Smooth::Silu => {
                let gate = x.clone().sigmoid();
                gate.clone() * (x * one_minus(gate)).add_scalar(1.0)
            }
            Smooth::Tanh => {
                let y = x.tanh();
                one_minus(y.clone() * y)
            }
            Smooth::Softplus => x.sigmoid(),
        }
    }
}

/// A multilayer perceptron `[B, I] -> [B, O]`.
#[derive(Module, Debug)]
pub(crate) struct Perceptron {
    layers: Vec<Linear>,
    #[module(skip)]
    activation: Smooth,
}

impl Perceptron {
    /// `hidden` layers of `width` between `inputs` and `outputs`.
    pub fn new(
        inputs: usize,
        width: usize,
        hidden: usize,
        outputs: usize,
        activation: Smooth,
        device: &Device,
    ) -> Perceptron {
        let size = |l: usize| match l {
            0 => inputs,
            l if l <= hidden => width,
            _ => outputs,
        };
        let layers = (0..=hidden).map(|l| LinearConfig::new(size(l), size(l + 1)).init(device)).collect();
        Perceptron { layers, activation }
    }

    /// The output.
    pub fn jvp(&self, x: Dual<2>) -> Dual<2> {
        self.pre_activations(x).pop().expect("at least the output layer")
    }

    /// The output and, for the row of weights `cotangent` `[B, O]` of the outputs, the gradient of their weighted sum with
    /// respect to the input, `[B, I]`.
    pub fn pullback(&self, x: Dual<2>, cotangent: Tensor<2>) -> (Dual<2>, Dual<2>) {
        let mut z = self.pre_activations(x);
        let output = z.pop().expect("at least the output layer");
        let mut gradient = Dual::from(cotangent);
        for layer in self.layers.iter().rev() {
            gradient = gradient.matmul(layer.weight.val().transpose());
            if let Some(z) = z.pop() {
                gradient = gradient * self.activation.slope(z);
            }
        }
        (output, gradient)
    }

    /// `z_1 ... z_L`.
    fn pre_activations(&self, x: Dual<2>) -> Vec<Dual<2>> {
        let mut all: Vec<Dual<2>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let h = all.last().map_or_else(|| x.clone(), |z| self.activation.value(z.clone()));
            all.push(h.linear(layer));
        }
        all
    }
}
