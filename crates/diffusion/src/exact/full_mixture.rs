//! A mixture of normals with any covariances, `data ~ sum_k w_k N(m_k, C_k)`, and what a linear measurement leaves of it.
//!
//! In the eigenvectors `e_j` of `C_k`, variances `c_j`, with `o_j = e_j.(x - alpha m_k)` and `q_j = alpha² c_j + sigma²`:
//!
//! 1. `ln N_k(x) = -1/2 sum_j (o_j²/q_j + ln 2 pi q_j)`
//! 2. `E[data | x, k] = m_k + sum_j e_j (alpha c_j/q_j) o_j`, and `D` their mean by the posterior weights
//!
//! Variances may be zero: such directions are not stored. The posterior is in [`FullMixture::posterior`].

use super::seen::Seen;
use crate::discrete::pick;
use crate::error::{Error, finite, positive};
use crate::inverse::Svd;
use crate::vector::{combine, dot, log_sum};
use crate::{Coef, Denoise, Jvp, Path, Pullback, Rng, Vjp};

/// One term of a [`FullMixture`], by its principal axes.
#[derive(Clone, Debug, PartialEq)]
pub struct FullComponent {
    /// Natural logarithm of its weight; the weights of a mixture sum to one.
    pub log_weight: f64,
    /// Its centre.
    pub mean: Vec<f64>,
    /// Orthonormal directions of positive variance.
    pub axes: Vec<Vec<f64>>,
    /// Variances along the axes.
    pub variances: Vec<f64>,
}

impl FullComponent {
    /// A term from its covariance matrix, by rows.
    ///
    /// # Errors
    /// [`Error::Length`] if the shapes differ, [`Error::Parameter`] for a weight not above zero, numbers that are not finite,
    /// a matrix that is not symmetric or has a negative variance.
    pub fn new(weight: f64, mean: Vec<f64>, covariance: &[Vec<f64>]) -> Result<FullComponent, Error> {
        let dim = mean.len();
        for got in std::iter::once(covariance.len()).chain(covariance.iter().map(Vec::len)) {
            if got != dim {
                return Err(Error::Length { what: "side of a covariance", expected: dim, got });
            }
        }
        mean.iter()
            .chain(covariance.iter().flatten())
            .try_for_each(|v| finite("mean or covariance", *v).map(|_| ()))?;
        let scale = covariance.iter().flatten().fold(0.0, |a: f64, v| a.max(v.abs()));
        for (i, row) in covariance.iter().enumerate() {
            if let Some(value) = (0..i).map(|j| row[j] - covariance[j][i]).find(|d| d.abs() > 1e-9 * scale) {
                return Err(Error::Parameter { what: "C_ij - C_ji", value, allowed: "a symmetric covariance" });
            }
        }
        // A symmetric matrix with eigenvalue c has singular value |c|; the vectors of a negative one point apart.
        let svd = Svd::of(covariance);
        let signs = svd.left.iter().zip(&svd.right).map(|(u, v)| dot(u, v));
        if let Some((_, s)) = signs.zip(&svd.singular).find(|(sign, s)| *sign < 0.0 && **s > 1e-9 * scale) {
            return Err(Error::Parameter {
                what: "variance",
                value: -s,
                allowed: "a covariance without negative variances",
            });
        }
        let log_weight = positive("weight", weight)?.ln();
        Ok(FullComponent { log_weight, mean, axes: svd.right, variances: svd.singular })
    }

    /// A term of equal variance in every direction.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a weight or standard deviation not above zero.
    pub fn isotropic(weight: f64, mean: Vec<f64>, std: f64) -> Result<FullComponent, Error> {
        let (log_weight, variance) = (positive("weight", weight)?.ln(), positive("std", std)?.powi(2));
        let axis = |k: usize| (0..mean.len()).map(|i| f64::from(u8::from(i == k))).collect();
        let (axes, variances) = ((0..mean.len()).map(axis).collect(), vec![variance; mean.len()]);
        Ok(FullComponent { log_weight, mean, axes, variances })
    }

    /// The covariance matrix, by rows.
    pub fn covariance(&self) -> Vec<Vec<f64>> {
        let row = |i: usize| {
            let shares = self.variances.iter().zip(&self.axes).map(|(c, e)| c * e[i]);
            combine(shares, &self.axes, self.mean.len())
        };
        (0..self.mean.len()).map(row).collect()
    }

    /// `o_j` along the axes, and what is left, of `x - a m`.
    fn offsets(&self, x: &[f64], a: f64) -> Offsets {
        let apart: Vec<f64> = x.iter().zip(&self.mean).map(|(x, m)| x - a * m).collect();
        let along: Vec<f64> = self.axes.iter().map(|e| dot(e, &apart)).collect();
        if self.axes.len() == self.mean.len() {
            return (along, Vec::new());
        }
        let inside = combine(along.iter().copied(), &self.axes, x.len());
        (along, apart.iter().zip(inside).map(|(a, i)| a - i).collect())
    }
}

/// The exact model of a mixture of normals with any covariances.
#[derive(Clone, Debug)]
pub struct FullMixture<P> {
    components: Vec<FullComponent>,
    path: P,
}

impl<P: Path> FullMixture<P> {
    /// The model of a mixture; weights are normalised.
    ///
    /// # Errors
    /// [`Error::Length`] for no component or centres of different dimensions.
    pub fn new(path: P, mut components: Vec<FullComponent>) -> Result<FullMixture<P>, Error> {
        let Some(dim) = components.first().map(|c| c.mean.len()) else {
            return Err(Error::Length { what: "components of a mixture (at least one)", expected: 1, got: 0 });
        };
        if let Some(c) = components.iter().find(|c| c.mean.len() != dim) {
            return Err(Error::Length { what: "centre of a component", expected: dim, got: c.mean.len() });
        }
        let total = log_sum(&components.iter().map(|c| c.log_weight).collect::<Vec<_>>());
        components.iter_mut().for_each(|c| c.log_weight -= total);
        Ok(FullMixture { components, path })
    }

    /// The components, weights summing to one.
    pub fn components(&self) -> &[FullComponent] {
        &self.components
    }

    /// `E[data]`.
    pub fn mean(&self) -> Vec<f64> {
        let means: Vec<Vec<f64>> = self.components.iter().map(|c| c.mean.clone()).collect();
        combine(self.components.iter().map(|c| c.log_weight.exp()), &means, means[0].len())
    }

    /// `ln p_t(x)` in nats, `sigma(t) > 0` where a variance is zero.
    pub fn log_density(&self, x: &[f64], t: f64) -> f64 {
        let at = self.path.at(t);
        log_sum(&self.components.iter().map(|c| log_term(c, at, &c.offsets(x, at.alpha))).collect::<Vec<_>>())
    }

    /// Data, one row for each of the samples `rng.first ..`; uses up two draws.
    pub fn data(&self, rng: &mut Rng, n: usize) -> Vec<Vec<f64>> {
        let dim = self.components[0].mean.len();
        let picks = rng.uniform(n, 1);
        let noise = rng.normal_f64(n, dim);
        let weights: Vec<f64> = self.components.iter().map(|c| c.log_weight.exp()).collect();
        let one = |(u, z): (&f64, &[f64])| {
            let c = &self.components[pick(&weights, *u)];
            let offset = combine(c.variances.iter().zip(z).map(|(v, z)| v.sqrt() * z), &c.axes, dim);
            c.mean.iter().zip(offset).map(|(m, o)| m + o).collect()
        };
        picks.iter().zip(noise.chunks(dim.max(1))).map(one).collect()
    }

    /// Each component as it is seen from `x`, and its offsets.
    fn seen(&self, x: &[f64], at: Coef) -> (Seen, Vec<Offsets>) {
        assert_eq!(x.len(), self.components[0].mean.len(), "a point of the model's dimension");
        let offsets: Vec<Offsets> = self.components.iter().map(|c| c.offsets(x, at.alpha)).collect();
        let parts = || self.components.iter().zip(&offsets);
        let terms: Vec<f64> = parts().map(|(c, o)| log_term(c, at, o)).collect();
        let estimate = |(c, (along, _)): (&FullComponent, &Offsets)| {
            let moves = c.variances.iter().zip(along).map(|(v, o)| at.alpha * v / spread(at, *v) * o);
            c.mean.iter().zip(combine(moves, &c.axes, x.len())).map(|(m, e)| m + e).collect()
        };
        (Seen::new(&terms, parts().map(estimate).collect()), offsets)
    }
}

/// `o_j` along the axes, and what of `x - alpha m` no axis has.
type Offsets = (Vec<f64>, Vec<f64>);

fn spread(at: Coef, variance: f64) -> f64 {
    at.alpha * at.alpha * variance + at.sigma * at.sigma
}

fn log_term(c: &FullComponent, at: Coef, (along, rest): &Offsets) -> f64 {
    let normal = |square: f64, q: f64| square / q + (std::f64::consts::TAU * q).ln();
    let inside: f64 = c.variances.iter().zip(along).map(|(v, o)| normal(o * o, spread(at, *v))).sum();
    let outside: f64 = rest.iter().map(|o| o * o).sum::<f64>() / at.sigma.powi(2).max(f64::MIN_POSITIVE);
    let flat = (c.mean.len() - c.axes.len()) as f64;
    let norm = if flat > 0.0 { flat * (std::f64::consts::TAU * at.sigma.powi(2)).ln() } else { 0.0 };
    c.log_weight - 0.5 * (inside + outside + norm)
}

impl<P: Path> Denoise<Vec<f64>> for FullMixture<P> {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Vec<f64>, t: f64) -> Vec<f64> {
        self.seen(x, self.path.at(t)).0.mean()
    }
}

impl<P: Path> Jvp<Vec<f64>> for FullMixture<P> {
    fn jvp(&self, x: &Vec<f64>, t: f64, v: &Vec<f64>, dt: f64) -> (Vec<f64>, Vec<f64>) {
        let at = self.path.at(t);
        let (seen, offsets) = self.seen(x, at);
        let mut change = vec![0.0; x.len()];
        let mut rates = Vec::with_capacity(self.components.len());
        for ((share, (along, rest)), c) in seen.shares.iter().zip(&offsets).zip(&self.components) {
            let (along_rate, rest_rate) = c.offsets(v, dt * at.dalpha);
            let mut rate = 0.0;
            let mut moves = Vec::with_capacity(c.axes.len());
            for ((c, o), d) in c.variances.iter().zip(along).zip(&along_rate) {
                let (q, dq) = (spread(at, *c), 2.0 * dt * (at.alpha * at.dalpha * c + at.sigma * at.dsigma));
                rate -= 0.5 * (2.0 * o * d - o * o * dq / q + dq) / q;
                moves.push(c * ((dt * at.dalpha - at.alpha * dq / q) * o + at.alpha * d) / q);
            }
            let (q, dq) = (at.sigma.powi(2), 2.0 * dt * at.sigma * at.dsigma);
            for (o, d) in rest.iter().zip(&rest_rate) {
                rate -= 0.5 * (2.0 * o * d - o * o * dq / q) / q;
            }
            rate -= 0.5 * (c.mean.len() - c.axes.len()) as f64 * dq / q;
            let moved = combine(moves, &c.axes, x.len());
            change.iter_mut().zip(moved).for_each(|(sum, m)| *sum += share * m);
            rates.push(rate);
        }
        seen.reweigh(&mut change, &rates);
        (seen.mean(), change)
    }
}

/// The Jacobian is symmetric, so the pullback is the pushforward.
impl<P: Path> Vjp<Vec<f64>> for FullMixture<P> {
    fn vjp<'a>(&'a self, x: &Vec<f64>, t: f64) -> (Vec<f64>, Pullback<'a, Vec<f64>>) {
        let at = x.clone();
        (self.denoise(x, t), Box::new(move |v| self.jvp(&at, t, v, 0.0).1))
    }
}
