//! Stochastic interpolants: a path between data and source that carries noise of its own in between.
//!
//! 1. `x_t = alpha data + beta source + gamma z`, `gamma(0) = gamma(1) = 0`, any coupling of data and source
//! 2. velocity target `dalpha data + dbeta source + dgamma z`; score `= -E[z | x_t]/gamma`
//! 3. sampling, from `t = 1` to 0: `dx = (b - eps score) dt + sqrt(2 eps) dW`, right for every `eps(t) >= 0`
//!
//! With `gamma = sigma sqrt(t (1 - t))` on the linear path this is Schrödinger-bridge flow matching, if data and source are
//! coupled by entropic transport with `eps = 2 sigma^2` ([`Sinkhorn::plan_in_units`](crate::couple::Sinkhorn::plan_in_units));
//! without `gamma` it is flow matching.
//! Albergo, Boffi & Vanden-Eijnden, arXiv:2303.08797, section 2; Tong et al., arXiv:2302.00482, section 3 (SB-CFM).

mod gaussian;

pub use gaussian::{GaussianInterpolant, schroedinger_covariance};

use crate::{Batch, Path, Rng, Space};

/// The noise of an interpolant, `gamma(t)` on `t` in [0, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Gamma {
    /// None: flow matching.
    #[default]
    None,
    /// `scale sqrt(t (1 - t))`, a Brownian bridge: `scale = sqrt 2` in the paper, the diffusion `sigma` of a Schrödinger bridge.
    Bridge {
        /// Twice the largest value, in units of the data.
        scale: f64,
    },
    /// `sin^2(pi t)`, smooth at both ends.
    SineSquared,
}

impl Gamma {
    /// `gamma` and its derivative at `t`. That of the bridge diverges at both ends; its times are kept 1e-6 away from them.
    pub fn at(&self, t: f64) -> (f64, f64) {
        match *self {
            Gamma::None => (0.0, 0.0),
            Gamma::Bridge { scale } => {
                let inside = t.clamp(1e-6, 1.0 - 1e-6);
                let root = (inside * (1.0 - inside)).sqrt();
                (scale * (t * (1.0 - t)).max(0.0).sqrt(), scale * (0.5 - inside) / root)
            }
            Gamma::SineSquared => {
                let (sin, cos) = (std::f64::consts::PI * t).sin_cos();
                (sin * sin, std::f64::consts::TAU * sin * cos)
            }
        }
    }

    /// `gamma dgamma/dt`, finite everywhere.
    pub fn product(&self, t: f64) -> f64 {
        match *self {
            Gamma::Bridge { scale } => scale * scale * (0.5 - t),
            _ => {
                let (gamma, rate) = self.at(t);
                gamma * rate
            }
        }
    }
}

/// A path between data and source with noise of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interpolant<P> {
    /// `alpha` of the data and, as its `sigma`, `beta` of the source; with time from 0 to 1.
    pub path: P,
    /// The noise in between.
    pub gamma: Gamma,
}

/// A batch on its way, with everything a network may be asked for.
#[derive(Clone, Debug)]
pub struct Interpolated<X> {
    /// `x_t`.
    pub x: X,
    /// Target of the velocity `b(x, t)`.
    pub velocity: X,
    /// Target of the noise estimate: `score = -E[z | x_t]/gamma` (see [`Interpolated::score`]).
    pub noise: X,
    /// `gamma` of each sample.
    pub gamma: Vec<f64>,
}

impl<P: Path> Interpolant<P> {
    /// The interpolant of a batch at one time per sample; `z` is standard normal.
    pub fn at<X: Batch>(&self, data: &X, source: &X, z: X, t: &[f64]) -> Interpolated<X> {
        let ones = vec![1.0; t.len()];
        let mix = |a: &dyn Fn(f64) -> [f64; 3]| {
            let column = |i: usize| -> Vec<f64> { t.iter().map(|t| a(*t)[i]).collect() };
            data.clone().axpby_rows(&column(0), &column(1), source).axpby_rows(&ones, &column(2), &z)
        };
        let x = mix(&|t| [self.path.at(t).alpha, self.path.at(t).sigma, self.gamma.at(t).0]);
        let velocity = mix(&|t| [self.path.at(t).dalpha, self.path.at(t).dsigma, self.gamma.at(t).1]);
        Interpolated { x, velocity, noise: z, gamma: t.iter().map(|t| self.gamma.at(*t).0).collect() }
    }
}

impl<X: Batch> Interpolated<X> {
    /// Target of the score, `-z/gamma`; infinite at both ends, where [`Interpolated::noise`] is the one to learn.
    pub fn score(&self) -> X {
        let (minus, none): (Vec<f64>, Vec<f64>) = self.gamma.iter().map(|g| (-1.0 / g, 0.0)).unzip();
        self.noise.clone().axpby_rows(&minus, &none, &self.noise)
    }
}

/// Sampling from `x` at the first of decreasing `times` with velocity `b(x, t)`, score `s(x, t)` and diffusion `epsilon(t)`:
/// Heun's method where `epsilon` is zero, Euler and Maruyama's elsewhere.
pub fn interpolant_sample<X: Space>(
    b: &dyn Fn(&X, f64) -> X,
    s: &dyn Fn(&X, f64) -> X,
    epsilon: &dyn Fn(f64) -> f64,
    times: &[f64],
    x: X,
    rng: &mut Rng,
) -> X {
    times.windows(2).fold(x, |x, w| {
        let (t, h) = (w[0], w[1] - w[0]);
        let (slope, eps) = (b(&x, t), epsilon(t));
        if eps == 0.0 {
            let end = b(&x.clone().axpby(1.0, h, &slope), w[1]);
            return x.axpby(1.0, 0.5 * h, &slope.axpby(1.0, 1.0, &end));
        }
        let drift = slope.axpby(1.0, -eps, &s(&x, t));
        let noise = x.randn_like(rng);
        x.axpby(1.0, h, &drift).axpby(1.0, (-2.0 * eps * h).max(0.0).sqrt(), &noise)
    })
}
