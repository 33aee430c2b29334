//! RePaint: any step, after which the measured part of the state is the measurement made noisy; then back, and again.
//!
//! 1. `x_s = step(x_t)`, then `x_s <- x_s + A^+ (alpha_s y + sqrt(sigma_s² - alpha_s² sigma_y²) n - A x_s)`
//! 2. back: `x_t = (alpha_t/alpha_s) x_s + sqrt(sigma_t² - (alpha_t/alpha_s)² sigma_s²) z`
//!
//! The unmeasured part was made without knowing the measured one; going back and forth brings them together. Lugmayr et al.,
//! arXiv:2201.09865, algorithm 1. Sample with the model in [`Ddnm`](super::Ddnm) so that the last estimate agrees too.

use super::operator::{Measurement, Operator};
use crate::{Denoise, Rng, Rows, Step};

/// Resampling around any step.
#[derive(Clone, Debug)]
pub struct RePaint<A, S> {
    /// What was measured, usually with a [`Mask`](super::Mask). Its noise must be below `sigma_s/alpha_s` to be told apart.
    pub measured: Measurement<A>,
    /// The step that does not know of the measurement.
    pub inner: S,
    /// How often each stretch is walked, 10 in the paper; at least once.
    pub repeats: usize,
    /// Steps, even in lambda, that a stretch is cut into: the paper's jump length.
    pub jump: usize,
}

impl<X: Rows, A: Operator, S: Step<X>> Step<X> for RePaint<A, S> {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<X>, mut x: X, t: f64, s: f64, _: &mut (), rng: &mut Rng) -> X {
        let path = m.path();
        let (from, to) = (path.at(t), path.at(s));
        let back = to.alpha.recip() * from.alpha;
        let renewed = (from.sigma.powi(2) - (back * to.sigma).powi(2)).max(0.0).sqrt();
        for round in 0..self.repeats.max(1) {
            if round > 0 {
                let z = x.randn_like(rng);
                x = x.axpby(back, renewed, &z);
            }
            let mut memory = S::Memory::default();
            let mut here = t;
            for part in 1..=self.jump.max(1) {
                let share = part as f64 / self.jump.max(1) as f64;
                let between = || path.time((1.0 - share) * from.lambda() + share * to.lambda());
                // From pure noise lambda is infinite and cannot be cut.
                let next = if share == 1.0 || from.lambda().is_infinite() { s } else { between() };
                if next < here {
                    x = self.known(self.inner.step(m, x, here, next, &mut memory, rng), m, next, rng);
                    here = next;
                }
            }
        }
        x
    }
}

impl<A: Operator, S> RePaint<A, S> {
    fn known<X: Rows>(&self, x: X, m: &dyn Denoise<X>, s: f64, rng: &mut Rng) -> X {
        let c = m.path().at(s);
        let noise = (c.sigma.powi(2) - (c.alpha * self.measured.sigma()).powi(2)).max(0.0).sqrt();
        let seen = self.measured.apply(&x.randn_like(rng).scale(noise));
        let present = self.measured.apply(&x);
        let one = |(row, (n, a)): (usize, (Vec<f64>, Vec<f64>))| {
            self.measured.of_row(row).iter().zip(n).zip(a).map(|((y, n), a)| c.alpha * y + n - a).collect()
        };
        let missing: Vec<Vec<f64>> = seen.into_iter().zip(present).enumerate().map(one).collect();
        let change = self.measured.pseudo_inverse(&x, &missing);
        x.axpby(1.0, 1.0, &change)
    }
}
