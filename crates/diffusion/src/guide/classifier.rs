//! Classifier guidance: a model of all data, drawn towards a class by a classifier of noisy data.
//!
//! `D_c = D + w (sigma²/alpha) grad_x ln p(c | x_t)`
//!
//! At `w = 1`, with the exact classifier, this is the model of the class, by Bayes' rule. Dhariwal & Nichol, arXiv:2105.05233,
//! algorithm 2 and eq. 14, for any sampler; Song et al., arXiv:2011.13456, eq. 14.

use crate::inverse::askable;
use crate::{Denoise, Interval, Path, Space};

/// A model guided by the gradient of a classifier, or of any log-likelihood of noisy data.
#[derive(Clone, Copy, Debug)]
pub struct ClassifierGuided<M, G> {
    /// The model of all data.
    pub model: M,
    /// `grad_x ln p(c | x_t = x)` at `(x, t)`, its class bound.
    pub gradient: G,
    /// How strongly, and when; 0 outside of its interval.
    pub weight: Interval,
}

impl<X: Space, M: Denoise<X>, G: Fn(&X, f64) -> X> Denoise<X> for ClassifierGuided<M, G> {
    fn path(&self) -> &dyn Path {
        self.model.path()
    }

    fn denoise(&self, x: &X, t: f64) -> X {
        let lambda = self.path().at(t).lambda();
        let inside = (self.weight.lambda_min..=self.weight.lambda_max).contains(&lambda);
        if !inside || self.weight.weight == 0.0 {
            return self.model.denoise(x, t);
        }
        let (t, c) = askable(self.path(), t);
        let pull = (self.gradient)(x, t);
        self.model.denoise(x, t).axpby(1.0, self.weight.weight * c.sigma * c.sigma / c.alpha, &pull)
    }
}
