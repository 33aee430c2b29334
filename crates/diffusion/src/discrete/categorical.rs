//! Categorical diffusion: a token survives or is replaced by a draw from a fixed law `pi`.
//!
//! With `a_ts = a(t)/a(s)`, the probability of surviving from `s` to `t`:
//!
//! 1. `q(x_t = j | data = k) = a_t [j = k] + (1 - a_t) pi_j`
//! 2. `q(x_t = i | x_s = j) = a_ts [i = j] + (1 - a_ts) pi_i`
//! 3. `q(x_s = j | x_t = i, data = k) = q(i | j) q_s(j | k)/q_t(i | k)`, and for an estimate `p(k)` of the data given `x_t`
//!    `sum_k p(k) q(j | i, k)`, the exact reverse if `p` is exact (eq. 4 of the paper weighs by `q_t(i | k)` once more)
//!
//! `pi` is uniform or all on the mask. Austin et al., arXiv:2107.03006, eq. 2 and 3, appendix A.2; in continuous time.

use super::tokens::pick;
use super::{Probabilities, Schedule, Tokens};
use crate::error::Error;
use crate::{Process, Rng};

/// What a token is replaced by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replacement {
    /// Any class, all equally likely.
    Uniform,
    /// The mask, one more state with number K, which is never left.
    #[default]
    Mask,
}

/// Diffusion of tokens of K classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Categorical {
    classes: usize,
    replacement: Replacement,
    schedule: Schedule,
}

impl Categorical {
    /// Diffusion of tokens `0..classes`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no class or a schedule's constant out of its domain.
    pub fn new(classes: usize, replacement: Replacement, schedule: Schedule) -> Result<Categorical, Error> {
        crate::error::positive("classes", classes as f64)?;
        schedule.validate()?;
        Ok(Categorical { classes, replacement, schedule })
    }

    /// Number of classes of the data.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of states of a noisy token: the classes, and the mask if there is one.
    pub fn states(&self) -> usize {
        self.classes + usize::from(self.replacement == Replacement::Mask)
    }

    /// The schedule.
    pub fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// The mask's number, if there is one.
    pub fn mask(&self) -> Option<u32> {
        (self.replacement == Replacement::Mask).then_some(self.classes as u32)
    }

    /// `pi`, the law of replacements, `[states]`.
    pub fn stationary(&self) -> Vec<f64> {
        (0..self.states()).map(|j| self.replaced(j)).collect()
    }

    /// `q(x_t = j | data = k)` for all j, `[states]`.
    pub fn marginal(&self, data: usize, t: f64) -> Vec<f64> {
        (0..self.states()).map(|j| self.seen(j, data, t)).collect()
    }

    /// `q(x_t = i | x_s = j)` for all i, `[states]`, `s <= t`.
    pub fn transition(&self, from: usize, s: f64, t: f64) -> Vec<f64> {
        (0..self.states()).map(|i| self.moved(i, from, s, t)).collect()
    }

    /// `q(x_s | x_t = state, data = k)`, `[states]`, `s < t`. For a state that cannot come from that data, all zero.
    pub fn posterior(&self, state: usize, data: usize, t: f64, s: f64) -> Vec<f64> {
        let total = self.seen(state, data, t);
        let of = |j| if total > 0.0 { self.moved(state, j, s, t) * self.seen(j, data, s) / total } else { 0.0 };
        (0..self.states()).map(of).collect()
    }

    /// `sum_k p(k) q(x_s | x_t = state, k)`, `[states]`: the reverse step for an estimate `p(k)` of the data given `x_t`.
    /// Classes that cannot have led to the state are left out.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one probability per class, [`Error::Parameter`] for a state that does not exist.
    pub fn reverse(&self, state: usize, estimate: &[f64], t: f64, s: f64) -> Result<Vec<f64>, Error> {
        if estimate.len() != self.classes {
            let (expected, got) = (self.classes, estimate.len());
            return Err(Error::Length { what: "probabilities of a token", expected, got });
        }
        if state >= self.states() {
            let allowed = "a number below the process's number of states";
            return Err(Error::Parameter { what: "state of a token", value: state as f64, allowed });
        }
        Ok(self.mixed(state, estimate, t, s))
    }

    /// [`Categorical::reverse`] of a state and an estimate that are the process's.
    pub(super) fn mixed(&self, state: usize, estimate: &[f64], t: f64, s: f64) -> Vec<f64> {
        let mut mixed = vec![0.0; self.states()];
        for (k, p) in estimate.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            mixed.iter_mut().zip(self.posterior(state, k, t, s)).for_each(|(sum, q)| *sum += p * q);
        }
        let total: f64 = mixed.iter().sum();
        if total > 0.0 {
            mixed.iter_mut().for_each(|q| *q /= total);
        } else {
            // The estimate excludes every class that the state allows: a token that is not noise stays as it is.
            mixed[state] = 1.0;
        }
        mixed
    }

    /// `pi_j`.
    fn replaced(&self, j: usize) -> f64 {
        match self.replacement {
            Replacement::Uniform => 1.0 / self.classes as f64,
            Replacement::Mask => f64::from(u8::from(j == self.classes)),
        }
    }

    /// `q(x_t = j | data = k)`.
    fn seen(&self, j: usize, k: usize, t: f64) -> f64 {
        let kept = if j == k { self.schedule.survival(t) } else { 0.0 };
        kept + self.schedule.loss(t) * self.replaced(j)
    }

    /// `q(x_t = i | x_s = j)`.
    fn moved(&self, i: usize, j: usize, s: f64, t: f64) -> f64 {
        // 1 - a_ts = (loss_t - loss_s)/a_s, without cancellation at small times.
        let kept = self.schedule.survival(s);
        let lost = if kept > 0.0 { (self.schedule.loss(t) - self.schedule.loss(s)) / kept } else { 1.0 };
        let stays = if i == j { 1.0 - lost } else { 0.0 };
        stays + lost * self.replaced(i)
    }

    /// One draw per token, of the law that `weights` gives for its place; row `r` is keyed by sample `rng.first + r`.
    fn draw(&self, like: &Tokens, rng: &mut Rng, weights: impl Fn(usize) -> Vec<f64>) -> Tokens {
        let uniform = rng.uniform(like.rows(), like.length);
        let values = uniform.iter().enumerate().map(|(place, u)| pick(&weights(place), *u) as u32).collect();
        Tokens { values, length: like.length }
    }
}

impl Process for Categorical {
    type State = Tokens;
    type Estimate = Probabilities;

    fn prior(&self, like: &Tokens, _: f64, rng: &mut Rng) -> Tokens {
        self.draw(like, rng, |_| self.stationary())
    }

    fn corrupt(&self, data: &Tokens, t: &[f64], rng: &mut Rng) -> Tokens {
        self.draw(data, rng, |place| self.marginal(data.values[place] as usize, t[place / data.length]))
    }

    fn bridge(&self, x: Tokens, estimate: &Probabilities, t: f64, s: f64, rng: &mut Rng) -> Tokens {
        self.draw(&x, rng, |place| self.mixed(x.values[place] as usize, estimate.of(place), t, s))
    }

    /// A token that is not noise under the mask is kept; the others are drawn from the estimate.
    fn finish(&self, x: Tokens, estimate: &Probabilities, _: f64, rng: &mut Rng) -> Tokens {
        self.draw(&x, rng, |place| {
            let state = x.values[place] as usize;
            let kept = self.replacement == Replacement::Mask && state < self.classes;
            let law = |k: usize| if kept { f64::from(u8::from(k == state)) } else { estimate.of(place)[k] };
            (0..self.classes).map(law).collect()
        })
    }
}
