//! Derivatives of a model's estimate: what likelihoods, guidance by measurements and distillation ask beyond `D(x, t)`.
//!
//! With `J = dD/dx` at `(x, t)`:
//!
//! 1. [`Vjp`]: `v -> J^T v`, by reverse accumulation for networks
//! 2. [`Jvp`]: `(v, dt) -> J v + (dD/dt) dt`, by a tangent carried forward
//!
//! For Gaussian noise `J` is symmetric and is the posterior covariance in disguise:
//! `Cov[data | x] = (sigma^2/alpha) J` (Meng, Song & Ermon, arXiv:2111.04726).

use crate::Denoise;

/// The pullback `v -> J^T v` of an estimate.
pub type Pullback<'a, X> = Box<dyn Fn(&X) -> X + 'a>;

/// A model that can be differentiated backwards.
pub trait Vjp<X>: Denoise<X> {
    /// The estimate `D(x, t)` and its pullback, which may be called any number of times.
    fn vjp<'a>(&'a self, x: &X, t: f64) -> (X, Pullback<'a, X>);
}

/// A model that can be differentiated forwards.
pub trait Jvp<X>: Denoise<X> {
    /// The estimate `D(x, t)` and its change `J v + (dD/dt) dt` along `(v, dt)`.
    fn jvp(&self, x: &X, t: f64, v: &X, dt: f64) -> (X, X);
}

impl<X, M: Vjp<X> + ?Sized> Vjp<X> for &M {
    fn vjp<'a>(&'a self, x: &X, t: f64) -> (X, Pullback<'a, X>) {
        (**self).vjp(x, t)
    }
}

impl<X, M: Jvp<X> + ?Sized> Jvp<X> for &M {
    fn jvp(&self, x: &X, t: f64, v: &X, dt: f64) -> (X, X) {
        (**self).jvp(x, t, v, dt)
    }
}
