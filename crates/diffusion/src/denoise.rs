//! The one question a model is asked: the posterior mean `D(x, t) = E[data | x_t = x]`.
//!
//! Velocity and score are linear re-readings of it (Tweedie, Robbins 1956): with `x = alpha data + sigma noise`,
//!
//! 1. `E[noise | x] = (x - alpha D)/sigma`
//! 2. `velocity = dalpha D + dsigma E[noise | x]`, the field of the probability-flow ODE and of flow matching
//! 3. `score = grad ln p_t(x) = -E[noise | x]/sigma`, for Gaussian noise only

use crate::{Path, Space, Target};

/// A model of clean data given noisy data. Conditions are bound beforehand: one condition, one `Denoise`.
///
/// # Panics
/// A model is asked thousands of times and answers without a `Result`: like a network, it panics for states of another
/// shape than its data's.
pub trait Denoise<X> {
    /// The path that the times refer to.
    fn path(&self) -> &dyn Path;

    /// `E[data | x_t = x]`.
    fn denoise(&self, x: &X, t: f64) -> X;
}

impl<X, M: Denoise<X> + ?Sized> Denoise<X> for &M {
    fn path(&self) -> &dyn Path {
        (**self).path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        (**self).denoise(x, t)
    }
}

impl<X, M: Denoise<X> + ?Sized> Denoise<X> for Box<M> {
    fn path(&self) -> &dyn Path {
        (**self).path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        (**self).denoise(x, t)
    }
}

/// The probability-flow velocity `dx/dt` at `(x, t)`, `sigma(t) > 0`.
pub fn velocity<X: Space>(model: &dyn Denoise<X>, x: &X, t: f64) -> X {
    let (of_data, of_state) = model.path().at(t).velocity();
    model.denoise(x, t).axpby(of_data, of_state, x)
}

/// The score `grad ln p_t(x)`, `sigma(t) > 0`.
pub fn score<X: Space>(model: &dyn Denoise<X>, x: &X, t: f64) -> X {
    let c = model.path().at(t);
    let variance = c.sigma * c.sigma;
    model.denoise(x, t).axpby(c.alpha / variance, -1.0 / variance, x)
}

/// A network read as a [`Denoise`]: `D = skip x + out F(input x, noise)` with the row of numbers of its [`Target`].
pub struct Preconditioned<P, F> {
    /// The path the network was trained on.
    pub path: P,
    /// What the network's raw output is.
    pub target: Target,
    /// The network `F(x, noise_level)`, its conditions bound; the noise level is [`Coef::noise_level`](crate::Coef::noise_level).
    pub network: F,
}

impl<X: Space, P: Path, F: Fn(X, f64) -> X> Denoise<X> for Preconditioned<P, F> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let row = self.target.row(self.path.at(t));
        let output = (self.network)(x.clone().scale(row.input), row.noise);
        if row.skip == 0.0 { output.scale(row.out) } else { output.axpby(row.out, row.skip, x) }
    }
}
