//! Independent normal coordinates, `data_j ~ N(m_j, s_j^2)`. With `q² = alpha² s² + sigma²`:
//!
//! 1. `x_t ~ N(alpha m, q²)`
//! 2. `D = m + (alpha s²/q²)(x - alpha m)`, `Var[data | x] = s² sigma²/q²`
//! 3. the probability flow carries `x` at `t` to `m + (s/q)(x - alpha m)` at the data

use crate::error::{Error, finite, positive};
use crate::{Coef, Denoise, Jvp, Path, Pullback, Vjp};

/// The exact model of independent normal coordinates.
#[derive(Clone, Debug)]
pub struct Gaussian<P> {
    mean: Vec<f64>,
    std: Vec<f64>,
    path: P,
}

impl<P: Path> Gaussian<P> {
    /// The model of `N(mean_j, std_j^2)` in each coordinate.
    ///
    /// # Errors
    /// [`Error::Length`] if the lengths differ, [`Error::Parameter`] for a `std` not above zero.
    pub fn new(path: P, mean: Vec<f64>, std: Vec<f64>) -> Result<Gaussian<P>, Error> {
        if std.len() != mean.len() {
            return Err(Error::Length { what: "std", expected: mean.len(), got: std.len() });
        }
        mean.iter().try_for_each(|m| finite("mean", *m).map(|_| ()))?;
        std.iter().try_for_each(|s| positive("std", *s).map(|_| ()))?;
        Ok(Gaussian { mean, std, path })
    }

    /// The model of `N(mean, std^2)` in all `dim` coordinates.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `std` not above zero.
    pub fn isotropic(path: P, dim: usize, mean: f64, std: f64) -> Result<Gaussian<P>, Error> {
        Gaussian::new(path, vec![mean; dim], vec![std; dim])
    }

    /// `Var[data_j | x_t]` of each coordinate; it does not depend on `x`.
    pub fn posterior_variance(&self, t: f64) -> Vec<f64> {
        let c = self.path.at(t);
        self.std.iter().map(|s| (s * c.sigma).powi(2) / spread(c, *s)).collect()
    }

    /// Where the probability flow carries `x` at time `t`: to the data, exactly.
    pub fn flow(&self, x: &[f64], t: f64) -> Vec<f64> {
        self.per_coordinate(x, t, |c, s| s / spread(c, s).sqrt())
    }

    fn per_coordinate(&self, x: &[f64], t: f64, gain: impl Fn(Coef, f64) -> f64) -> Vec<f64> {
        assert_eq!(x.len(), self.mean.len(), "a point of the model's dimension");
        let c = self.path.at(t);
        let model = self.mean.iter().zip(&self.std);
        x.iter().zip(model).map(|(x, (m, s))| m + gain(c, *s) * (x - c.alpha * m)).collect()
    }
}

/// `q²`, the variance of `x_t`.
pub(super) fn spread(c: Coef, std: f64) -> f64 {
    (c.alpha * std).powi(2) + c.sigma.powi(2)
}

/// `d q² / d t`.
pub(super) fn spread_rate(c: Coef, std: f64) -> f64 {
    2.0 * (c.alpha * c.dalpha * std * std + c.sigma * c.dsigma)
}

impl<P: Path> Denoise<Vec<f64>> for Gaussian<P> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Vec<f64>, t: f64) -> Vec<f64> {
        self.per_coordinate(x, t, |c, s| c.alpha * s * s / spread(c, s))
    }
}

impl<P: Path> Jvp<Vec<f64>> for Gaussian<P> {
    fn jvp(&self, x: &Vec<f64>, t: f64, v: &Vec<f64>, dt: f64) -> (Vec<f64>, Vec<f64>) {
        let c = self.path.at(t);
        let change = |((x, v), (m, s)): ((&f64, &f64), (&f64, &f64))| {
            let (q2, s2) = (spread(c, *s), s * s);
            let gain_rate = s2 * (c.dalpha - c.alpha * spread_rate(c, *s) / q2) / q2;
            let gain = c.alpha * s2 / q2;
            gain * v + dt * (gain_rate * (x - c.alpha * m) - gain * c.dalpha * m)
        };
        let model = self.mean.iter().zip(&self.std);
        (self.denoise(x, t), x.iter().zip(v).zip(model).map(change).collect())
    }
}

impl<P: Path> Vjp<Vec<f64>> for Gaussian<P> {
    fn vjp<'a>(&'a self, x: &Vec<f64>, t: f64) -> (Vec<f64>, Pullback<'a, Vec<f64>>) {
        let c = self.path.at(t);
        let gains: Vec<f64> = self.std.iter().map(|s| c.alpha * s * s / spread(c, *s)).collect();
        (self.denoise(x, t), Box::new(move |v| v.iter().zip(&gains).map(|(v, g)| v * g).collect()))
    }
}
