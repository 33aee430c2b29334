//! How fast tokens are replaced: the probability `a(t)` that a token is still the original at time `t` in [0, 1].
//!
//! | schedule | a(t) | reference |
//! |---|---|---|
//! | linear | 1 - t | log-linear noise of arXiv:2406.07524; D3PM's `beta = 1/(T - t + 1)` |
//! | cosine | 1 - cos((pi/2)(1 - t)) | arXiv:2406.07524, appendix |
//! | polynomial | 1 - t^power | |
//!
//! All go from 1 to 0: nothing is replaced at `t = 0`, nothing survives at `t = 1`.

use crate::error::{Error, positive, unknown};

/// The probability of survival as a function of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Schedule {
    /// `1 - t`.
    #[default]
    Linear,
    /// `1 - cos((pi/2)(1 - t))`.
    Cosine,
    /// `1 - t^power`.
    Polynomial {
        /// Larger than one keeps tokens longer.
        power: f64,
    },
}

impl Schedule {
    /// The names that parse; `polynomial` has power 2.
    pub const NAMES: [&str; 3] = ["linear", "cosine", "polynomial"];

    /// `a(t)`.
    pub fn survival(&self, t: f64) -> f64 {
        1.0 - self.loss(t)
    }

    /// `1 - a(t)`, without cancellation at small `t`.
    pub fn loss(&self, t: f64) -> f64 {
        let t = t.clamp(0.0, 1.0);
        match *self {
            Schedule::Linear => t,
            Schedule::Cosine => (std::f64::consts::FRAC_PI_2 * (1.0 - t)).cos().max(0.0),
            Schedule::Polynomial { power } => t.powf(power),
        }
    }

    /// The time at which a share `loss`, in [0, 1], of the tokens has been replaced: the inverse of [`Schedule::loss`].
    pub fn time(&self, loss: f64) -> f64 {
        let loss = loss.clamp(0.0, 1.0);
        match *self {
            Schedule::Linear => loss,
            Schedule::Cosine => 1.0 - loss.acos() / std::f64::consts::FRAC_PI_2,
            Schedule::Polynomial { power } => loss.powf(power.recip()),
        }
    }

    /// Checks the constants.
    pub(super) fn validate(&self) -> Result<(), Error> {
        match *self {
            Schedule::Linear | Schedule::Cosine => Ok(()),
            Schedule::Polynomial { power } => positive("power", power).map(|_| ()),
        }
    }
}

impl std::str::FromStr for Schedule {
    type Err = Error;

    fn from_str(name: &str) -> Result<Schedule, Error> {
        Ok(match name {
            "linear" => Schedule::Linear,
            "cosine" => Schedule::Cosine,
            "polynomial" => Schedule::Polynomial { power: 2.0 },
            _ => return Err(unknown("schedule", name, &Schedule::NAMES)),
        })
    }
}
