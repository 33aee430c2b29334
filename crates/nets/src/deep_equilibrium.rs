//! Deep-equilibrium network: the limit of infinitely many equal layers, `z* = f(z*; x, noise)`, read out linearly.
//!
//! 1. `f(z; x, noise) = W_2 a(W_1 z + U [x, noise] + b) + c`
//! 2. gradient: with `g = dloss/dz*` and `J = df/dz` at `z*`, solve `u = g + J^T u`; weights learn from `u^T df/dtheta`
//!
//! The forward pass finds `z*` without a tape, so memory does not grow with the number of iterations; the gradient
//! follows from the implicit function theorem. Bai, Kolter & Koltun, arXiv:1909.01377, eq. 6 to 9. Convergence is not
//! guaranteed for arbitrary weights; where it fails, the request is refused rather than answered wrongly.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use crate::{Error, FixedPoint, FourierEmbedding, Smooth};

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
        let carrier = (self.layer(z.clone(), self.injected(x, noise)) * u).sum_dim(1).squeeze_dim::<1>(1);
        Ok(loss(self.output.forward(z)) + carrier.clone() - carrier.detach())
    }

    /// Output of `layers` equal layers from `z = 0`, all on the tape: what the equilibrium is the limit of.
    pub fn unrolled(&self, x: Tensor<2>, noise: Tensor<2>, layers: usize) -> Tensor<2> {
        let injected = self.injected(x, noise);
        let start = injected.zeros_like();
        self.output.forward((0..layers).fold(start, |z, _| self.layer(z, injected.clone())))
    }

    /// `U [x, noise] + b`.
    fn injected(&self, x: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        self.inject.forward(Tensor::cat(vec![x, self.level.forward(noise)], 1))
    }

    /// `f(z)`.
    fn layer(&self, z: Tensor<2>, injected: Tensor<2>) -> Tensor<2> {
        let h = self.inner.forward(z) + injected;
        self.outer.forward(self.activation.value(h.into()).primal)
    }

    fn equilibrium(&self, x: Tensor<2>, noise: Tensor<2>, solver: &FixedPoint) -> Result<Tensor<2>, Error> {
        let injected = self.injected(x, noise);
        solver.solve(|z| self.layer(z, injected.clone()), injected.zeros_like())
    }

    /// The `u = g + J^T u` of equation 2, with `J^T u = W_1 (a' (W_2 u))` in the column convention.
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
        let slope = self.activation.slope((self.inner.forward(z.clone()) + self.injected(x, noise)).into()).primal;
        let (inner, outer) = (self.inner.weight.val().transpose(), self.outer.weight.val().transpose());
        solver.solve(|u| g.clone() + (u.matmul(outer.clone()) * slope.clone()).matmul(inner.clone()), g.clone())
    }
}
