//! The variational bound on the likelihood, `-ln p(data) <= L_T + sum L_t + L_0`, in nats or bits per dimension.
//!
//! 1. `L_T = KL(q(x_T | data) | N(0, sigma_T^2)) = alpha_T^2 |data|^2/(2 sigma_T^2)`
//! 2. `L_t = KL(q(x_s | x_t, data) | N(a D + b x_t, v)) = sum (e^-d - 1 + d + e^-d a^2 (data - D)^2/beta-tilde)/2`,
//!    with `d = ln(v/beta-tilde)`; `v` is one of DDPM's two variances or lies in its learned range
//! 3. `L_0 = -ln p(data | x_1)`, a density `N(D, std^2)` or its mass in a bin
//!
//! Ho, Jain & Abbeel, arXiv:2006.11239, eq. 5 and 13; Nichol & Dhariwal, arXiv:2102.09672, eq. 15. Any decreasing grid is a
//! chain of its own, with its own bound.

use crate::error::Error;
use crate::step::{Posterior, Variance};
use crate::{Denoise, Grid, Path, Rng, Rows};

/// The variance of the model's reverse steps.
#[derive(Clone, Copy)]
pub enum ReverseVariance<'a, X> {
    /// One of DDPM's two.
    Fixed(Variance),
    /// `share(x_t, t, s)` of the range for each number, see [`LearnedRange`](crate::step::LearnedRange).
    Range(&'a dyn Fn(&X, f64, f64) -> X),
}

/// The law of the data given the last noisy state: normal around the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decoder {
    /// The normal density, for continuous data.
    Density {
        /// Its standard deviation, in units of the data.
        std: f64,
    },
    /// The normal law's mass in bins around the values of quantised data; the outermost bins are open.
    Bins {
        /// Standard deviation of the normal, in units of the data.
        std: f64,
        /// Width of the bins, 2/255 for bytes mapped to [-1, 1].
        width: f64,
        /// Centre of the lowest bin.
        lowest: f64,
        /// Centre of the highest bin.
        highest: f64,
    },
}

/// The terms of the bound, each in nats for each sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// `L_T`.
    pub prior: Vec<f64>,
    /// `L_t` for each step of the grid, from noise to data.
    pub steps: Vec<Vec<f64>>,
    /// `L_0`.
    pub decoder: Vec<f64>,
    /// How many numbers each sample has.
    pub numbers: Vec<usize>,
}

impl Bound {
    /// The bound on `-ln p(data)` of each sample, nats.
    pub fn total(&self) -> Vec<f64> {
        let steps = |r: usize| self.steps.iter().map(|step| step[r]).sum::<f64>();
        (0..self.prior.len()).map(|r| self.prior[r] + steps(r) + self.decoder[r]).collect()
    }

    /// The same in bits per dimension.
    pub fn bits_per_dim(&self) -> Vec<f64> {
        let bits = |(nats, n): (f64, &usize)| nats / (*n as f64 * std::f64::consts::LN_2);
        self.total().into_iter().zip(&self.numbers).map(bits).collect()
    }
}

/// All terms of the bound for a batch of data, with one draw of noise per time of the grid: unbiased.
///
/// # Errors
/// [`Error::Parameter`] for a decoder whose constants are not above zero.
pub fn vlb<X: Rows>(
    m: &dyn Denoise<X>,
    variance: &ReverseVariance<X>,
    grid: &Grid,
    decoder: &Decoder,
    data: &X,
    rng: &mut Rng,
) -> Result<Bound, Error> {
    decoder.validate()?;
    let times = grid.times();
    let steps = times.windows(2).map(|w| step_term(m, variance, data, &data.randn_like(rng), w[0], w[1])).collect();
    let noise = data.randn_like(rng);
    let decoder = decoder_term(m, decoder, data, &noise, times[times.len() - 1]);
    Ok(Bound { prior: prior_term(m.path(), data, times[0]), steps, decoder, numbers: data.numbers() })
}

/// `L_T` of each sample: how much of the data is left at time `t`.
pub fn prior_term<X: Rows>(path: &dyn Path, data: &X, t: f64) -> Vec<f64> {
    let half_snr = 0.5 * path.at(t).snr();
    data.dot(data).into_iter().map(|square| half_snr * square).collect()
}

/// `L_t` of each sample for the step `t -> s`, `sigma(s) > 0`, at the state `alpha data + sigma noise`.
pub fn step_term<X: Rows>(
    m: &dyn Denoise<X>,
    variance: &ReverseVariance<X>,
    data: &X,
    noise: &X,
    t: f64,
    s: f64,
) -> Vec<f64> {
    let posterior = Posterior::new(m.path(), t, s);
    let c = m.path().at(t);
    let state = data.clone().axpby(c.alpha, c.sigma, noise);
    let misses = m.denoise(&state, t).axpby(-1.0, 1.0, data).to_host();
    let shares = match variance {
        ReverseVariance::Fixed(Variance::Posterior) => None,
        ReverseVariance::Fixed(Variance::Forward) => Some(vec![vec![1.0; data.size()]; data.rows()]),
        ReverseVariance::Range(share) => Some(share(&state, t, s).to_host()),
    };
    let precision = posterior.of_data.powi(2) / posterior.lower;
    let one = |(r, misses): (usize, &Vec<f64>)| {
        let term = |(i, miss): (usize, &f64)| {
            let d = shares.as_ref().map_or(0.0, |shares| shares[r][i] * posterior.range());
            0.5 * ((-d).exp_m1() + d + (-d).exp() * precision * miss * miss)
        };
        misses.iter().enumerate().map(term).sum()
    };
    misses.iter().enumerate().map(one).collect()
}

/// `L_0` of each sample from the state `alpha data + sigma noise` at time `t`.
pub fn decoder_term<X: Rows>(m: &dyn Denoise<X>, decoder: &Decoder, data: &X, noise: &X, t: f64) -> Vec<f64> {
    let c = m.path().at(t);
    let estimates = m.denoise(&data.clone().axpby(c.alpha, c.sigma, noise), t).to_host();
    let one = |(data, estimate): (Vec<f64>, Vec<f64>)| -> f64 {
        data.iter().zip(&estimate).map(|(x, mean)| -decoder.log_mass(*x, *mean)).sum()
    };
    data.to_host().into_iter().zip(estimates).map(one).collect()
}

impl Decoder {
    /// `ln p(x | mean)` of one number: of its bin, or its density.
    pub fn log_mass(&self, x: f64, mean: f64) -> f64 {
        match *self {
            Decoder::Density { std } => -0.5 * ((x - mean) / std).powi(2) - std.ln() - 0.5 * std::f64::consts::TAU.ln(),
            Decoder::Bins { std, width, lowest, highest } => {
                let edge = |x: f64| (x - mean) / std;
                let below = if x <= lowest + 0.5 * width { f64::NEG_INFINITY } else { edge(x - 0.5 * width) };
                let above = if x >= highest - 0.5 * width { f64::INFINITY } else { edge(x + 0.5 * width) };
                log_normal_mass(below, above)
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        match *self {
            Decoder::Density { std } => crate::error::positive("std of the decoder", std).map(|_| ()),
            Decoder::Bins { std, width, .. } => {
                crate::error::positive("std of the decoder", std)?;
                crate::error::positive("width of the bins", width).map(|_| ())
            }
        }
    }
}

/// `ln (Phi(b) - Phi(a))`, `a < b`.
fn log_normal_mass(a: f64, b: f64) -> f64 {
    // In the upper tail the difference of two numbers near 1 would be rounded away: use the mirror image.
    let (near, far) = if a > -b { (a, b) } else { (-b, -a) };
    let tail = |z: f64| 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
    let mass = tail(near) - tail(far);
    if mass > 1e-290 {
        return mass.ln();
    }
    // Below that, the leading term of the tail beyond the nearer edge.
    -0.5 * near * near - (near * std::f64::consts::TAU.sqrt()).ln()
}
