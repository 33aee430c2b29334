//! Exponential Adams-Bashforth of order 1 to 3 in `lambda`: the predictor of UniPC alone, one evaluation per step.
//!
//! The polynomial through the last `order` values of the [`Prediction`] is integrated exactly against the kernel of the
//! probability flow, whatever the spacing of the times (Lu et al., arXiv:2206.00927, eq. 3.4; Zhang & Chen, arXiv:2204.13902,
//! eq. 15). Order 1 of `Data` is DDIM. Started with Euler's step, a method of order 3 would be of order 2: as soon as the
//! second estimate is there the first step is taken again with both, which costs no evaluation.
//!
//! With [`Prediction::Edm`] the linear part of normal data is solved exactly: an exponential Rosenbrock method with a fixed
//! coefficient, after DPM-Solver-v3 (Zheng et al., arXiv:2310.13268).

use super::multistep::{History, Prediction};
use crate::error::Error;
use crate::{Denoise, Rng, Space, Step};

/// The exponential Adams method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamsExp {
    /// How many values the polynomial goes through, 1 to 3 (values outside are clamped): the order of convergence.
    pub order: u32,
    /// What is taken for a polynomial.
    pub prediction: Prediction,
}

impl AdamsExp {
    /// A method of order 1, 2 or 3.
    ///
    /// # Errors
    /// [`Error::Parameter`] for another order, or a `sigma_data` not above zero.
    pub fn new(order: u32, prediction: Prediction) -> Result<AdamsExp, Error> {
        check_order(order)?;
        prediction.validate()?;
        Ok(AdamsExp { order, prediction })
    }
}

pub(super) fn check_order(order: u32) -> Result<(), Error> {
    let refused = Error::Parameter { what: "order", value: f64::from(order), allowed: "1, 2 or 3" };
    if (1..=3).contains(&order) { Ok(()) } else { Err(refused) }
}

impl<X: Space> Step<X> for AdamsExp {
    type Memory = History<X>;

    fn order(&self) -> u32 {
        self.order.clamp(1, 3)
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, _: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let order = self.order.clamp(1, 3) as usize;
        let starting = if mem.len() + 1 < order { mem.len() } else { 0 };
        let estimate = m.denoise(&x, t);
        let x = mem.observe(self.prediction, x, from, estimate, starting);
        mem.predict(self.prediction, x, from, to, order)
    }
}
