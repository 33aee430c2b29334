//! Which noise goes with which data.

use crate::{Rng, Space};

/// A joint law of data and noise whose marginals are the data and the standard normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coupling {
    /// Every sample gets its own noise, whatever its data.
    #[default]
    Independent,
}

impl Coupling {
    /// The noise that goes with a batch of data, of its shape; row `r` is keyed by sample `rng.first + r`.
    pub fn noise<X: Space>(&self, data: &X, rng: &mut Rng) -> X {
        match self {
            Coupling::Independent => data.randn_like(rng),
        }
    }
}
