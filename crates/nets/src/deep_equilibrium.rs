//! Deep-equilibrium network: the limit of infinitely many equal layers, `z* = f(z*; x, noise)`, read out linearly.
//!
//! 1. `f(z; x, noise) = V_2 a(V_1 z + U [x, noise] + b) + c`, with `V = W min(1, k/|W|)`, `k^2 max a' = 0.95`
//! 2. gradient: with `g = dloss/dz*` and `J = df/dz` at `z*`, solve `u = g + J^T u`; weights learn from `u^T df/dtheta`
//!
//! The forward pass finds `z*` without a tape, so memory does not grow with the number of iterations; the gradient
//! follows from the implicit function theorem. Bai, Kolter & Koltun, arXiv:1909.01377, eq. 6 to 9. `|W|` is an upper bound of the
//! largest singular value, so `f` contracts and has one fixed point whatever the weights are (as in Revay, Wang & Manchester,
//! arXiv:2010.01732); one that is not found within the solver's iterations is refused rather than answered wrongly.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{Error, FixedPoint, FourierEmbedding, Smooth};

/// How much nearer `f` brings two points at least.
const CONTRACTION: f64 = 0.95;

/// Configuration of [`DeepEquilibrium`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeepEquilibriumConfig {
    /// Columns of the state, F.
    pub features: usize,
    /// Width of the equilibrium `z`, W, and of the layer inside `f`.
    pub width: usize,
    /// Octaves of Fourier features of the noise level; 0 for the bare number.
    pub frequencies: usize,
    /// The activation.
    pub activation: Smooth,
}

impl DeepEquilibriumConfig {
    /// Freshly initialised network; its repeated layer contracts.
    pub fn init(&self, device: &Device) -> DeepEquilibrium {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let level = FourierEmbedding::new(self.frequencies);
        DeepEquilibrium {
            inject: linear(self.features + level.width(), self.width),
            inner: LinearConfig::new(self.width, self.width).with_bias(false).init(device),
            outer: linear(self.width, self.width),
            output: linear(self.width, self.features),
            level,
            activation: self.activation,
        }
    }
}

/// Deep-equilibrium network `[B, F] -> [B, F]`, told the noise level.
#[derive(Module, Debug)]
pub struct DeepEquilibrium {
    level: FourierEmbedding,
    inject: Linear,
    inner: Linear,
    outer: Linear,
    output: Linear,
    #[module(skip)]
    activation: Smooth,
}

impl DeepEquilibrium {
    /// Output for `x` `[B, F]` and `noise` `[B, 1]`, without a tape. For training see [`DeepEquilibrium::losses`].
    ///
    /// # Errors
    /// [`Error::NotConverged`] if the equilibrium is not found.
    pub fn forward(&self, x: Tensor<2>, noise: Tensor<2>, solver: &FixedPoint) -> Result<Tensor<2>, Error> {
        let net = self.valid();
        Ok(net.output.forward(net.equilibrium(x.inner(), noise.inner(), solver)?))
    }

    /// Losses of each sample, `[B]`, of the output, with the gradient of the equilibrium attached: whatever is made of
    /// them, its gradient is right for weights, `x` and `noise` that are on the tape.
    ///
    /// `loss` takes the output `[B, F]` and treats samples independently. It is called twice.
    ///
    /// # Errors
    /// [`Error::NotConverged`] if the equilibrium or its adjoint is not found.
    pub fn losses(
        &self,
        x: Tensor<2>,
        noise: Tensor<2>,
        solver: &FixedPoint,
        loss: impl Fn(Tensor<2>) -> Tensor<1>,
    ) -> Result<Tensor<1>, Error> {
        let net = self.valid();
        let z = net.equilibrium(x.clone().inner(), noise.clone().inner(), solver)?;
        let u = net.adjoint(&z, x.clone().inner(), noise.clone().inner(), solver, &loss)?;
        // The value of this term is taken away again; its gradient is u^T df/dtheta.
        let z = if self.output.weight.val().is_autodiff() { z.autodiff() } else { z };
        let carrier =
            (self.layer(&self.contracting(), z.clone(), self.injected(x, noise)) * u).sum_dim(1).squeeze_dim::<1>(1);
        Ok(loss(self.output.forward(z)) + carrier.clone() - carrier.detach())
    }

    /// Output of `layers` equal layers from `z = 0`, all on the tape: what the equilibrium is the limit of.
    pub fn unrolled(&self, x: Tensor<2>, noise: Tensor<2>, layers: usize) -> Tensor<2> {
        let injected = self.injected(x, noise);
        let (weights, start) = (self.contracting(), injected.zeros_like());
        self.output.forward((0..layers).fold(start, |z, _| self.layer(&weights, z, injected.clone())))
    }

    /// `U [x, noise] + b`.
    fn injected(&self, x: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        self.inject.forward(Tensor::cat(vec![x, self.level.forward(noise)], 1))
    }

    /// `V_1` and `V_2`, `[W, W]` from rows of inputs to columns of outputs.
    fn contracting(&self) -> [Tensor<2>; 2] {
        let most = (CONTRACTION / self.activation.steepest()).sqrt();
        [&self.inner, &self.outer].map(|linear| bounded(linear.weight.val(), most))
    }

    /// `f(z)`.
    fn layer(&self, [inner, outer]: &[Tensor<2>; 2], z: Tensor<2>, injected: Tensor<2>) -> Tensor<2> {
        let h = self.activation.value((z.matmul(inner.clone()) + injected).into()).primal.matmul(outer.clone());
        match &self.outer.bias {
            Some(bias) => h + bias.val().unsqueeze(),
            None => h,
        }
    }

    fn equilibrium(&self, x: Tensor<2>, noise: Tensor<2>, solver: &FixedPoint) -> Result<Tensor<2>, Error> {
        let (weights, injected) = (self.contracting(), self.injected(x, noise));
        solver.solve(|z| self.layer(&weights, z, injected.clone()), injected.zeros_like())
    }

    /// The `u = g + J^T u` of equation 2, with `J^T u = V_1 (a' (V_2 u))` in the column convention.
    fn adjoint(
        &self,
        z: &Tensor<2>,
        x: Tensor<2>,
        noise: Tensor<2>,
        solver: &FixedPoint,
        loss: impl Fn(Tensor<2>) -> Tensor<1>,
    ) -> Result<Tensor<2>, Error> {
        let leaf = z.clone().autodiff().require_grad();
        let gradients = loss(self.output.forward(leaf.clone())).sum().backward();
        let g = leaf.grad(&gradients).unwrap_or_else(|| z.zeros_like());
        let [inner, outer] = self.contracting();
        let slope = self.activation.slope((z.clone().matmul(inner.clone()) + self.injected(x, noise)).into()).primal;
        let (inner, outer) = (inner.transpose(), outer.transpose());
        solver.solve(|u| g.clone() + (u.matmul(outer.clone()) * slope.clone()).matmul(inner.clone()), g.clone())
    }
}

/// `W min(1, most/n)`, `n = |W| |(U^T U)^8|^(1/16)` with `U = W/|W|` in Frobenius's norm: at least the largest singular value, and at most
/// `r^(1/32)` times it for `r` columns.
fn bounded(weight: Tensor<2>, most: f64) -> Tensor<2> {
    let size = (weight.clone() * weight.clone()).sum().add_scalar(1e-12).sqrt();
    let unit = weight.clone() / size.clone().reshape([1, 1]);
    let gram = unit.clone().transpose().matmul(unit);
    let eighth = (0..3).fold(gram, |power, _| power.clone().matmul(power));
    let norm = (eighth.clone() * eighth).sum().powf_scalar(1.0 / 32.0) * size;
    weight * norm.clamp_min(most).recip().mul_scalar(most).reshape([1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_largest_singular_value_or_a_little_more() {
        // Singular values of diag(3, 1, 0.5) turned by two rotations are 3, 1, 0.5: the bound is (3^32 + 1 + ...)^(1/32) = 3.
        let device = Device::flex();
        let rotation = |a: f64| {
            let (s, c) = a.sin_cos();
            Tensor::<2>::from_data([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]], &device)
        };
        let tip = Tensor::<2>::from_data([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], &device);
        let values = Tensor::<2>::from_data([[3.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.5]], &device);
        let weight = rotation(0.7).matmul(tip).matmul(values).matmul(rotation(-1.9));
        let ratio = |most: f64| {
            let all = bounded(weight.clone(), most) / weight.clone();
            all.into_data().iter::<f64>().next().unwrap()
        };
        assert!((ratio(0.6) - 0.2).abs() < 1e-5);
        assert!((ratio(3.5) - 1.0).abs() < 1e-6, "what is small enough stays");
        // Equal singular values are the worst case: 8 of them are overestimated by 8^(1/32).
        let same = bounded(Tensor::<2>::eye(8, &device).mul_scalar(1e4), 1.0).into_data().iter::<f64>().next().unwrap();
        assert!((same * 8f64.powf(1.0 / 32.0) - 1.0).abs() < 1e-5);
    }
}
