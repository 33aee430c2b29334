//! Predictor-corrector sampling: any step, then Langevin dynamics at the new time.
//!
//! With `g` the score at `(x, s)` and `z` standard normal, for each sample on its own:
//!
//! 1. `eps = 2 (snr |z|/|g|)²`, at most `sigma_s²`
//! 2. `x <- x + eps g + sqrt(2 eps) z`
//!
//! Song et al., arXiv:2011.13456, algorithms 2 to 5 (norms there are means over the batch, which would make a sample depend
//! on its batch; algorithm 5's factor `1 - beta_i`, close to 1, is left out). The bound keeps the dynamics stable where the
//! score of a sample happens to vanish. In high dimension and at its end, the corrector widens `p_s` by `1 + snr²` in variance.

use crate::{Batch, Denoise, Rng, Step, score};

/// A predictor and its Langevin corrector. A multistep predictor forgets its past with each correction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictorCorrector<S> {
    /// The method that takes the step.
    pub predictor: S,
    /// Corrections after each step, one evaluation each.
    pub corrections: usize,
    /// Signal-to-noise ratio `r` of the corrector, 0.16 for the paper's VE models.
    pub snr: f64,
}

/// One correction of `x` at time `t`: the formulas of the file's head.
pub fn correct<X: Batch>(m: &dyn Denoise<X>, x: X, t: f64, snr: f64, rng: &mut Rng) -> X {
    let sigma = m.path().at(t).sigma;
    let score = score(m, &x, t);
    let z = x.randn_like(rng);
    let sizes = z.dot(&z).into_iter().zip(score.dot(&score));
    let step = |(noise, slope): (f64, f64)| {
        let eps = 2.0 * snr * snr * noise / slope;
        // A sample of padding alone has neither noise nor score: 0/0.
        if eps.is_nan() { 0.0 } else { eps.min(sigma * sigma) }
    };
    let eps: Vec<f64> = sizes.map(step).collect();
    let kick: Vec<f64> = eps.iter().map(|e| (2.0 * e).sqrt()).collect();
    let ones = vec![1.0; eps.len()];
    x.axpby_rows(&ones, &eps, &score).axpby_rows(&ones, &kick, &z)
}

impl<X: Batch, S: Step<X>> Step<X> for PredictorCorrector<S> {
    type Memory = S::Memory;

    /// The predictor's order.
    fn order(&self) -> u32 {
        self.predictor.order()
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, rng: &mut Rng) -> X {
        let mut x = self.predictor.step(m, x, t, s, mem, rng);
        for _ in 0..self.corrections {
            *mem = S::Memory::default();
            x = correct(m, x, s, self.snr, rng);
        }
        x
    }
}
