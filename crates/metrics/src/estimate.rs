//! A number and its statistical error.

use std::fmt;

/// A measured value with its statistical error (one standard deviation, or what the metric's protocol calls its error).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its error, in the same unit.
    pub error: f64,
}

impl Estimate {
    /// Mean and standard deviation (divided by n, not n-1, as the JetNet protocol does) of repeated measurements.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let value = values.iter().sum::<f64>() / n;
        let error = (values.iter().map(|v| (v - value).powi(2)).sum::<f64>() / n).sqrt();
        Self { value, error }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4e} +- {:.1e}", self.value, self.error)
    }
}

/// Quantile `q` in 0..=1 of a non-empty list, linear between neighbours: position q (n-1) of the sorted list.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = q.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_evenly_spaced_numbers_are_linear() {
        let v = [3., 1., 0., 2., 4.];
        for q in [0.0, 0.1, 0.25, 0.5, 0.83, 1.0] {
            assert!((quantile(&v, q) - 4.0 * q).abs() < 1e-12);
        }
    }

    #[test]
    fn two_measurements_have_half_their_difference_as_error() {
        assert_eq!(Estimate::of(&[1.0, 4.0]), Estimate { value: 2.5, error: 1.5 });
    }
}
