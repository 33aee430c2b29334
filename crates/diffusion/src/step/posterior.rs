//! The reverse step when the data is known: `q(x_s | x_t, data) = N(a data + b x_t, beta-tilde)`, on any path.
//!
//! With `r = e^(lambda_t - lambda_s)`:
//!
//! 1. `a = alpha_s (1 - r^2)`, `b = (sigma_s/sigma_t) r`
//! 2. `beta-tilde = sigma_s^2 (1 - r^2)`, `beta = sigma_t^2 (1 - r^2)`
//!
//! The reverse step of data with unit variance or less has a variance between the two.
//! Ho, Jain & Abbeel, arXiv:2006.11239, eq. 6 and 7; Nichol & Dhariwal, arXiv:2102.09672, eq. 15.

use crate::Path;

/// The posterior of a step from `t` to `s < t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    /// Factor of the data in the mean.
    pub of_data: f64,
    /// Factor of `x_t` in the mean.
    pub of_state: f64,
    /// Beta-tilde, the variance; 0 if `sigma(s)` is.
    pub lower: f64,
    /// Beta, the largest variance that a reverse step is given.
    pub upper: f64,
}

impl Posterior {
    /// The posterior of the step `t -> s`, `sigma(t) > 0`.
    pub fn new(path: &dyn Path, t: f64, s: f64) -> Posterior {
        let (from, to) = (path.at(t), path.at(s));
        let ratio = (from.lambda() - to.lambda()).exp();
        let fresh = -(2.0 * (from.lambda() - to.lambda())).exp_m1();
        Posterior {
            of_data: to.alpha * fresh,
            of_state: ratio * to.sigma / from.sigma,
            lower: to.sigma * to.sigma * fresh,
            upper: from.sigma * from.sigma * fresh,
        }
    }

    /// `ln(beta/beta-tilde)`, the width of the range in the logarithm.
    pub fn range(&self) -> f64 {
        (self.upper / self.lower).ln()
    }

    /// The variance at a share of the range: `exp(share ln beta + (1 - share) ln beta-tilde)`.
    pub fn variance(&self, share: f64) -> f64 {
        // Not by the range, which is undefined where the variance is zero.
        self.upper.powf(share) * self.lower.powf(1.0 - share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Linear;

    #[test]
    fn a_step_to_clean_data_and_a_step_of_no_length_have_variances_too() {
        let clean = Posterior::new(&Linear, 0.5, 0.0);
        assert_eq!([0.0, 0.5, 1.0].map(|share| clean.variance(share)), [0.0, 0.0, clean.upper]);
        let still = Posterior { lower: 0.0, upper: 0.0, ..clean };
        assert_eq!(still.variance(0.5), 0.0);
    }
}
