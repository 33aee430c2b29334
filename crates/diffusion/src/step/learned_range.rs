//! Ancestral sampling with a variance that the network chooses, number by number, within DDPM's range:
//!
//! `x_s = a D + b x_t + sqrt(v) z`, `ln v = share ln beta + (1 - share) ln beta-tilde`
//!
//! Nichol & Dhariwal, arXiv:2102.09672, eq. 15. Any `share` is allowed, as in the paper; 0 and 1 are
//! [`DdpmAncestral`](crate::DdpmAncestral)'s two variances. [`range_losses`](crate::train::range_losses) trains it.

use super::Posterior;
use crate::{Denoise, Rng, Rows, Step};

/// Ancestral sampling with a learned range.
#[derive(Clone, Copy, Debug)]
pub struct LearnedRange<F> {
    /// `share(x_t, t, s)`, of the state's shape. A network with two heads should keep its last output: the model is asked
    /// about the same state just before.
    pub share: F,
}

impl<X: Rows, F: Fn(&X, f64, f64) -> X> Step<X> for LearnedRange<F> {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, _: &mut (), rng: &mut Rng) -> X {
        let posterior = Posterior::new(m.path(), t, s);
        let mean = m.denoise(&x, t).axpby(posterior.of_data, posterior.of_state, &x);
        let scaled = |(z, share): (&f64, &f64)| z * posterior.variance(*share).sqrt();
        let row = |(z, share): (&Vec<f64>, &Vec<f64>)| z.iter().zip(share).map(scaled).collect();
        let (noise, shares) = (x.randn_like(rng).to_host(), (self.share)(&x, t, s).to_host());
        let noise: Vec<Vec<f64>> = noise.iter().zip(&shares).map(row).collect();
        mean.axpby(1.0, 1.0, &x.with_host(&noise))
    }
}
