//! Batches of tokens and of probabilities, on the host.

use crate::error::Error;

/// A batch of sequences of the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Class numbers, row-major, `[B, L]`.
    pub values: Vec<u32>,
    /// Length L of a sequence.
    pub length: usize,
}

impl Tokens {
    /// Sequences of `length` tokens from a row-major list.
    ///
    /// # Errors
    /// [`Error::Length`] if the list is not a whole number of sequences.
    pub fn new(values: Vec<u32>, length: usize) -> Result<Tokens, Error> {
        let tokens = Tokens { values, length };
        tokens.whole()?;
        Ok(tokens)
    }

    /// Number of sequences.
    pub fn rows(&self) -> usize {
        self.values.len() / self.length.max(1)
    }

    /// Whether these are whole sequences of tokens numbered below `states`.
    ///
    /// # Errors
    /// [`Error::Length`] as [`Tokens::new`], [`Error::Token`] for the first token that has no number below `states`.
    pub fn below(&self, states: usize) -> Result<(), Error> {
        self.whole()?;
        match self.values.iter().enumerate().find(|(_, token)| **token as usize >= states) {
            Some((place, &token)) => Err(Error::Token { place, token, states }),
            None => Ok(()),
        }
    }

    fn whole(&self) -> Result<(), Error> {
        let (whole, got) = (self.length.max(1), self.values.len());
        if self.length > 0 && got.is_multiple_of(whole) {
            return Ok(());
        }
        Err(Error::Length { what: "tokens of whole sequences", expected: got.div_ceil(whole) * whole, got })
    }
}

/// The probability of each class at each place.
#[derive(Clone, Debug, PartialEq)]
pub struct Probabilities {
    /// Probabilities, row-major, `[B, L, K]`; those of a place sum to one.
    pub values: Vec<f64>,
    /// Number of classes K, the mask not among them.
    pub classes: usize,
}

impl Probabilities {
    /// Whether there is one probability for each of `classes` classes and each of the `tokens`.
    ///
    /// # Errors
    /// [`Error::Length`] if there are more or fewer.
    pub fn fit(&self, tokens: &Tokens, classes: usize) -> Result<(), Error> {
        if self.classes != classes {
            return Err(Error::Length { what: "probabilities of a token", expected: classes, got: self.classes });
        }
        let (expected, got) = (tokens.values.len() * classes, self.values.len());
        if expected != got {
            return Err(Error::Length { what: "probabilities of all tokens", expected, got });
        }
        Ok(())
    }

    /// The probabilities of the token at `place` of the row-major list.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn of(&self, place: usize) -> &[f64] {
        &self.values[place * self.classes..(place + 1) * self.classes]
    }
}

/// The class in which `u`, in (0, 1), falls when the unit interval is divided in proportion to `weights`.
pub fn pick(weights: &[f64], u: f64) -> usize {
    let mut left = u * weights.iter().sum::<f64>();
    let chosen = weights.iter().position(|w| {
        left -= w;
        left < 0.0
    });
    // Rounding can leave u beyond the last weight: the last class that is possible at all.
    chosen.or_else(|| weights.iter().rposition(|w| *w > 0.0)).unwrap_or(0)
}
