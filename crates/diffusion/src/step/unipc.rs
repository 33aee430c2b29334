//! UniPC of order 1 to 3: the exponential Adams predictor, and its corrector for free.
//!
//! 1. corrector: with `D(x_t, t)` at the predicted state, the last step is taken again through this value and `order` past ones
//! 2. predictor: on from the corrected state through the newest `order` values
//!
//! The estimate at the corrected state is never asked for, so a step costs one evaluation. Here with exact integrals
//! (`B(h)` of the paper solves the same equations on fewer terms). Zhao, Bai, Rao, Zhou & Lu, arXiv:2302.04867, algorithms 1
//! and 2. `order + 1` is the order of convergence. The first step has one value less than order 3 would need: the h³ it
//! leaves is far below the h⁴ of the others unless steps are very short (measured slopes are 3.9 to 4.1).

use super::adams_exp::check_order;
use super::multistep::{History, Prediction};
use crate::error::Error;
use crate::{Denoise, Rng, Space, Step};

/// The unified predictor-corrector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UniPc {
    /// How many values the predictor goes through, 1 to 3 (values outside are clamped).
    pub order: u32,
    /// What is taken for a polynomial.
    pub prediction: Prediction,
}

impl UniPc {
    /// UniPC-1, -2 or -3.
    ///
    /// # Errors
    /// [`Error::Parameter`] for another order, or a `sigma_data` not above zero.
    pub fn new(order: u32, prediction: Prediction) -> Result<UniPc, Error> {
        check_order(order)?;
        prediction.validate()?;
        Ok(UniPc { order, prediction })
    }
}

impl<X: Space> Step<X> for UniPc {
    type Memory = History<X>;

    fn order(&self) -> u32 {
        self.order.clamp(1, 3) + 1
    }

    fn step(&self, m: &dyn Denoise<X>, x: X, t: f64, s: f64, mem: &mut Self::Memory, _: &mut Rng) -> X {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let order = self.order.clamp(1, 3) as usize;
        let estimate = m.denoise(&x, t);
        let x = mem.observe(self.prediction, x, from, estimate, order);
        mem.predict(self.prediction, x, from, to, order)
    }
}
