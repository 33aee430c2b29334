//! The training objective: `E_t,data,noise  w(t) |F(input x_t, t) - F*|^2`, one draw at a time.
//!
//! DDPM is (vp, noise, flat, uniform), flow matching is (linear, velocity, flat, uniform), EDM is
//! (edm, edm, edm, log-normal): a paper is a choice of four.

use super::{Coupling, Times, Weight};
use crate::error::{Error, positive};
use crate::{Coef, Path, Precond, Rng, Target};

/// Path x target x weight x times, and the coupling of data and noise.
pub struct Objective {
    /// From data to noise.
    pub path: Box<dyn Path>,
    /// What the network's output is.
    pub target: Target,
    /// How much each time counts.
    pub weight: Weight,
    /// Which times are drawn.
    pub times: Times,
    /// Which noise goes with which data.
    pub coupling: Coupling,
}

/// What one sample of a batch is trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Time.
    pub t: f64,
    /// The path there: the noisy input is `alpha data + sigma noise`.
    pub coef: Coef,
    /// How the network is read there.
    pub row: Precond,
    /// The network's target is `mixture.0 data + mixture.1 noise`.
    pub mixture: (f64, f64),
    /// Weight of the network's squared error (F-space).
    pub weight: f64,
}

impl Objective {
    /// Everything the samples `rng.first .. rng.first + n` need to know of their times; uses up one draw.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a constant of target, weight or times is out of its domain; [`Error::NotFinite`] if a
    /// coefficient does not fit single precision at a drawn time.
    pub fn draw(&self, rng: &mut Rng, n: usize) -> Result<Vec<Drawn>, Error> {
        if let Target::Edm { sigma_data } = self.target {
            positive("sigma_data", sigma_data)?;
        }
        self.weight.validate()?;
        self.times.validate()?;
        self.times.draw(&*self.path, rng, n).into_iter().map(|t| self.at(t)).collect()
    }

    /// The same for a given time.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a coefficient does not fit single precision there.
    pub fn at(&self, t: f64) -> Result<Drawn, Error> {
        let coef = self.path.at(t);
        let row = self.target.row(coef);
        let mixture = self.target.mixture(coef);
        let weight = self.weight.of_output(coef, &row);
        let all = [
            ("input factor", row.input),
            ("target's share of the data", mixture.0),
            ("target's share of the noise", mixture.1),
            ("weight", weight),
        ];
        for (what, value) in all {
            if !(value as f32).is_finite() {
                return Err(Error::NotFinite { what, value, t });
            }
        }
        Ok(Drawn { t, coef, row, mixture, weight })
    }
}
