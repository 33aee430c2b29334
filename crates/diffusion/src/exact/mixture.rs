//! A mixture of isotropic normals, `data ~ sum_k w_k N(m_k, s_k^2 I)`. With `q_k² = alpha² s_k² + sigma²`:
//!
//! 1. `x_t ~ sum_k w_k N(alpha m_k, q_k² I)`
//! 2. `D = sum_k r_k (m_k + (alpha s_k²/q_k²)(x - alpha m_k))`, with `r_k` the posterior weights at `x`

use super::gaussian::{spread, spread_rate};
use super::seen::Seen;
use crate::discrete::pick;
use crate::error::{Error, finite, positive};
use crate::vector::log_sum;
use crate::{Coef, Denoise, Jvp, Path, Pullback, Rng, Vjp};

/// One term of a [`Mixture`].
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its weight, relative to the others.
    pub weight: f64,
    /// Its centre.
    pub mean: Vec<f64>,
    /// Its standard deviation in every direction.
    pub std: f64,
}

/// The exact model of a mixture of isotropic normals.
#[derive(Clone, Debug)]
pub struct Mixture<P> {
    components: Vec<Component>,
    path: P,
}

impl<P: Path> Mixture<P> {
    /// The model of a mixture; weights are normalised.
    ///
    /// # Errors
    /// [`Error::Length`] for no component or centres of different dimensions, [`Error::Parameter`] for a weight or
    /// standard deviation not above zero.
    pub fn new(path: P, mut components: Vec<Component>) -> Result<Mixture<P>, Error> {
        let Some(dim) = components.first().map(|c| c.mean.len()) else {
            return Err(Error::Length { what: "components of a mixture (at least one)", expected: 1, got: 0 });
        };
        for c in &components {
            if c.mean.len() != dim {
                return Err(Error::Length { what: "centre of a component", expected: dim, got: c.mean.len() });
            }
            positive("weight", c.weight)?;
            positive("std", c.std)?;
            c.mean.iter().try_for_each(|m| finite("mean", *m).map(|_| ()))?;
        }
        let total: f64 = components.iter().map(|c| c.weight).sum();
        components.iter_mut().for_each(|c| c.weight /= total);
        Ok(Mixture { components, path })
    }

    /// `n` normals of standard deviation `std` on a circle of radius `radius` in the plane.
    ///
    /// # Errors
    /// As [`Mixture::new`].
    pub fn ring(path: P, n: usize, radius: f64, std: f64) -> Result<Mixture<P>, Error> {
        let component = |k: usize| {
            let (sin, cos) = (std::f64::consts::TAU * k as f64 / n as f64).sin_cos();
            Component { weight: 1.0, mean: vec![radius * cos, radius * sin], std }
        };
        Mixture::new(path, (0..n).map(component).collect())
    }

    /// The components, weights summing to one.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// `ln p_t(x)` in nats.
    pub fn log_density(&self, x: &[f64], t: f64) -> f64 {
        log_sum(&self.log_terms(x, t))
    }

    /// Data, one row for each of the samples `rng.first ..`; uses up two draws.
    pub fn data(&self, rng: &mut Rng, n: usize) -> Vec<Vec<f64>> {
        let dim = self.components[0].mean.len();
        let picks = rng.uniform(n, 1);
        let noise = rng.normal_f64(n, dim);
        let weights: Vec<f64> = self.components.iter().map(|c| c.weight).collect();
        let one = |(u, z): (&f64, &[f64])| {
            let c = &self.components[pick(&weights, *u)];
            c.mean.iter().zip(z).map(|(m, z)| m + c.std * z).collect()
        };
        picks.iter().zip(noise.chunks(dim.max(1))).map(one).collect()
    }

    /// `ln (w_k N(x; alpha m_k, q_k²))` of each component.
    fn log_terms(&self, x: &[f64], t: f64) -> Vec<f64> {
        assert_eq!(x.len(), self.components[0].mean.len(), "a point of the model's dimension");
        let at = self.path.at(t);
        let term = |c: &Component| {
            let variance = spread(at, c.std);
            let distance: f64 = x.iter().zip(&c.mean).map(|(x, m)| (x - at.alpha * m).powi(2)).sum();
            c.weight.ln() - 0.5 * (distance / variance + x.len() as f64 * (std::f64::consts::TAU * variance).ln())
        };
        self.components.iter().map(term).collect()
    }
}

impl<P: Path> Mixture<P> {
    /// Each component as it is seen from `x`: `E[data | x, k] = m_k + gain_k (x - alpha m_k)`.
    fn seen(&self, x: &[f64], t: f64) -> Seen {
        let at = self.path.at(t);
        let estimate = |c: &Component| {
            let gain = gain(at, c.std);
            x.iter().zip(&c.mean).map(|(x, m)| m + gain * (x - at.alpha * m)).collect()
        };
        Seen::new(&self.log_terms(x, t), self.components.iter().map(estimate).collect())
    }
}

impl<P: Path> Denoise<Vec<f64>> for Mixture<P> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Vec<f64>, t: f64) -> Vec<f64> {
        self.seen(x, t).mean()
    }
}

/// `alpha s²/q²`.
fn gain(at: Coef, std: f64) -> f64 {
    at.alpha * std.powi(2) / spread(at, std)
}

impl<P: Path> Jvp<Vec<f64>> for Mixture<P> {
    fn jvp(&self, x: &Vec<f64>, t: f64, v: &Vec<f64>, dt: f64) -> (Vec<f64>, Vec<f64>) {
        let at = self.path.at(t);
        let seen = self.seen(x, t);
        let mut change = vec![0.0; x.len()];
        let mut rates = Vec::with_capacity(self.components.len());
        for (share, c) in seen.shares.iter().zip(&self.components) {
            let gain = gain(at, c.std);
            let (q2, dq2) = (spread(at, c.std), dt * spread_rate(at, c.std));
            let gain_rate = c.std.powi(2) * (dt * at.dalpha - at.alpha * dq2 / q2) / q2;
            let (mut distance, mut distance_rate) = (0.0, 0.0);
            for (((change, x), v), m) in change.iter_mut().zip(x).zip(v).zip(&c.mean) {
                let (offset, offset_rate) = (x - at.alpha * m, v - dt * at.dalpha * m);
                distance += offset * offset;
                distance_rate += 2.0 * offset * offset_rate;
                *change += share * (gain_rate * offset + gain * offset_rate);
            }
            rates.push(-0.5 * (distance_rate - distance * dq2 / q2 + x.len() as f64 * dq2) / q2);
        }
        seen.reweigh(&mut change, &rates);
        (seen.mean(), change)
    }
}

/// The Jacobian is symmetric, so the pullback is the pushforward.
impl<P: Path> Vjp<Vec<f64>> for Mixture<P> {
    fn vjp<'a>(&'a self, x: &Vec<f64>, t: f64) -> (Vec<f64>, Pullback<'a, Vec<f64>>) {
        let at = x.clone();
        (self.denoise(x, t), Box::new(move |v| self.jvp(&at, t, v, 0.0).1))
    }
}
