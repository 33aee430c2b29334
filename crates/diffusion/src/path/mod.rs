//! Paths from data to noise: `x_t = alpha(t) data + sigma(t) noise`, with derivatives, in f64 on the host.
//!
//! `t` grows from data to noise. Time is continuous; a table of betas ([`DdpmTable`]) is a path like any other. Everything
//! a sampler or an objective needs of a path is four numbers at a time, [`Coef`], and the way back from the logarithm of
//! the signal-to-noise amplitude `lambda = ln(alpha/sigma)`, [`Path::time`].
//!
//! Kingma, Salimans, Poole & Ho, Variational Diffusion Models, arXiv:2107.00630.

mod any;
mod cosine;
mod ddpm_table;
mod edm;
mod linear;
mod polynomial;
mod sub_vp;
mod trig;
mod ve;
mod vp_linear;

pub use any::AnyPath;
pub use cosine::Cosine;
pub use ddpm_table::DdpmTable;
pub use edm::Edm;
pub use linear::Linear;
pub use polynomial::Polynomial;
pub use sub_vp::SubVp;
pub use trig::Trig;
pub use ve::Ve;
pub use vp_linear::VpLinear;

/// A way from data to noise.
pub trait Path: Send + Sync {
    /// The coefficients at time `t`, finite on all of [`Path::span`].
    fn at(&self, t: f64) -> Coef;

    /// The time at which `ln(alpha/sigma)` is `lambda`: the inverse of `at(t).lambda()`, which decreases in `t`.
    fn time(&self, lambda: f64) -> f64;

    /// The times of data and of noise, `(start, end)` with `start < end`.
    fn span(&self) -> (f64, f64);
}

/// The four coefficients of a path at one time: `x_t = alpha data + sigma noise`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coef {
    /// Amplitude of the data.
    pub alpha: f64,
    /// Amplitude of the noise.
    pub sigma: f64,
    /// `d alpha / d t`.
    pub dalpha: f64,
    /// `d sigma / d t`.
    pub dsigma: f64,
}

/// Networks see `-lambda/4` clamped to this magnitude, i.e. `sigma/alpha` between `e^-12` and `e^12`.
pub const NOISE_LEVEL_LIMIT: f64 = 3.0;

impl Coef {
    /// `ln(alpha/sigma)`, half the log signal-to-noise ratio: `+inf` at pure data, `-inf` at pure noise.
    pub fn lambda(&self) -> f64 {
        (self.alpha / self.sigma).ln()
    }

    /// `alpha^2 / sigma^2`.
    pub fn snr(&self) -> f64 {
        (self.alpha / self.sigma).powi(2)
    }

    /// `(a, b)` of the probability flow `velocity = a D + b x`, `b = dsigma/sigma` and `a = dalpha - b alpha`; `sigma > 0`.
    pub fn velocity(&self) -> (f64, f64) {
        let rate = self.dsigma / self.sigma;
        (self.dalpha - rate * self.alpha, rate)
    }

    /// What a network is told about the time: `ln(sigma/alpha)/4` (EDM's c_noise) clamped to
    /// ±[`NOISE_LEVEL_LIMIT`], a number of order one that is finite at both ends of every path.
    pub fn noise_level(&self) -> f64 {
        (-0.25 * self.lambda()).clamp(-NOISE_LEVEL_LIMIT, NOISE_LEVEL_LIMIT)
    }
}

/// Variance-preserving coefficients from `lambda` and `d lambda / d t`: `alpha^2 = 1/(1 + e^(-2 lambda))`, `sigma^2 = 1 - alpha^2`.
fn variance_preserving(lambda: f64, dlambda: f64) -> Coef {
    let alpha = (1.0 + (-2.0 * lambda).exp()).powf(-0.5);
    let sigma = (1.0 + (2.0 * lambda).exp()).powf(-0.5);
    Coef { alpha, sigma, dalpha: alpha * sigma * sigma * dlambda, dsigma: -sigma * alpha * alpha * dlambda }
}
