//! Independent tokens, each with its own probabilities `p_l(k)`. Each place is seen by itself, so
//!
//! 1. `p(data_l = k | x_t)` is `p_l(k) q(x_t,l | k)`, normalised
//! 2. the entropy is the sum of the places'

use crate::Rng;
use crate::discrete::{Categorical, Probabilities, Tokens, pick};
use crate::error::{Error, positive};

/// The exact model of independent tokens.
#[derive(Clone, Debug)]
pub struct Factorised {
    probabilities: Vec<Vec<f64>>,
    process: Categorical,
}

impl Factorised {
    /// The model of one token per row of probabilities, which are normalised.
    ///
    /// # Errors
    /// [`Error::Length`] for no token or a row that has not one probability per class, [`Error::Parameter`] for one that is
    /// not above zero.
    pub fn new(process: Categorical, mut probabilities: Vec<Vec<f64>>) -> Result<Factorised, Error> {
        if probabilities.is_empty() {
            return Err(Error::Length { what: "tokens (at least one)", expected: 1, got: 0 });
        }
        for row in &mut probabilities {
            if row.len() != process.classes() {
                let (expected, got) = (process.classes(), row.len());
                return Err(Error::Length { what: "probabilities of a token", expected, got });
            }
            row.iter().try_for_each(|p| positive("probability", *p).map(|_| ()))?;
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= total);
        }
        Ok(Factorised { probabilities, process })
    }

    /// The entropy of a sequence, nats.
    pub fn entropy(&self) -> f64 {
        -self.probabilities.iter().flatten().map(|p| p * p.ln()).sum::<f64>()
    }

    /// `ln p` of each sequence.
    ///
    /// # Errors
    /// [`Error::Token`] for a token that is no class, [`Error::Length`] for sequences of another length than the model's.
    pub fn log_mass(&self, data: &Tokens) -> Result<Vec<f64>, Error> {
        self.check(data, self.process.classes())?;
        let one = |row: &[u32]| row.iter().zip(&self.probabilities).map(|(k, p)| p[*k as usize].ln()).sum();
        Ok(data.values.chunks(data.length).map(one).collect())
    }

    /// Data, one sequence for each of the samples `rng.first ..`; uses up one draw.
    pub fn data(&self, rng: &mut Rng, n: usize) -> Tokens {
        let length = self.probabilities.len();
        let uniform = rng.uniform(n, length);
        let token = |(place, u): (usize, &f64)| pick(&self.probabilities[place % length], *u) as u32;
        Tokens { values: uniform.iter().enumerate().map(token).collect(), length }
    }

    /// `p(data | x_t)` at each place.
    ///
    /// # Errors
    /// [`Error::Token`] for a token that is no state of the process, [`Error::Length`] for sequences of another length than
    /// the model's.
    pub fn posterior(&self, x: &Tokens, t: f64) -> Result<Probabilities, Error> {
        self.check(x, self.process.states())?;
        let classes = self.process.classes();
        let seen: Vec<Vec<f64>> = (0..classes).map(|k| self.process.marginal(k, t)).collect();
        let mut values = Vec::with_capacity(x.values.len() * classes);
        for (place, state) in x.values.iter().enumerate() {
            let prior = &self.probabilities[place % x.length];
            let joint: Vec<f64> = prior.iter().zip(&seen).map(|(p, seen)| p * seen[*state as usize]).collect();
            let total: f64 = joint.iter().sum();
            values.extend(joint.iter().map(|q| q / total));
        }
        Ok(Probabilities { values, classes })
    }

    fn check(&self, tokens: &Tokens, states: usize) -> Result<(), Error> {
        tokens.below(states)?;
        let (expected, got) = (self.probabilities.len(), tokens.length);
        if expected == got { Ok(()) } else { Err(Error::Length { what: "tokens of a sequence", expected, got }) }
    }
}
