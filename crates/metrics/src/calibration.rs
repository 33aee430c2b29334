//! Calibration of a classifier's scores: where it says D, a share D of the events should be real.
//!
//! [`Platt`] maps log odds s to offset + slope s, fitted on events that the classifier was not trained on (Platt 1999): two numbers, so that
//! even a classifier that finds next to nothing is not made worse by fluctuations. [`calibration_error`] measures what is left.

use crate::{
    boosting::sigmoid,
    error::{Error, Result, at_least},
};

/// Calibrated log odds, offset + slope s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    /// Log odds where the classifier says nothing.
    pub offset: f64,
    /// Factor on its log odds: below 1 for a classifier that is too sure of itself.
    pub slope: f64,
}

impl Platt {
    /// Fits the log odds of real and of generated events by maximum likelihood, both with the same total weight.
    ///
    /// One event's weight pulls towards no change (offset 0, slope 1), so that samples that can be told apart completely have a solution too.
    ///
    /// # Errors
    /// Fewer than two events of a class, a score that is not finite.
    pub fn fit(real: &[f64], generated: &[f64]) -> Result<Platt> {
        at_least("real events to calibrate with", real.len(), 2)?;
        at_least("generated events to calibrate with", generated.len(), 2)?;
        for (col, scores) in [real, generated].into_iter().enumerate() {
            if let Some(row) = scores.iter().position(|s| !s.is_finite()) {
                return Err(Error::NotFinite { row, col });
            }
        }
        let mut now = Platt { offset: 0.0, slope: 1.0 };
        for _ in 0..100 {
            // Gradient and Hessian of the loss, by (offset, slope).
            let pull = 1.0 / (real.len() + generated.len()) as f64;
            let (mut g, mut h) = ([now.offset * pull, (now.slope - 1.0) * pull], [pull, 0.0, pull]);
            for (scores, label) in [(real, 1.0), (generated, 0.0)] {
                let weight = 0.5 / scores.len() as f64;
                for s in scores {
                    let d = sigmoid(now.log_odds(*s));
                    let (slope, curvature) = (weight * (d - label), weight * d * (1.0 - d));
                    g = [g[0] + slope, g[1] + slope * s];
                    h = [h[0] + curvature, h[1] + curvature * s, h[2] + curvature * s * s];
                }
            }
            let determinant = h[0] * h[2] - h[1] * h[1];
            let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
            // Far from the minimum a full step of Newton's method can overshoot.
            let shorter = 1.0 / step.iter().fold(1.0, |m: f64, s| m.max(s.abs()));
            now = Platt { offset: now.offset - shorter * step[0], slope: now.slope - shorter * step[1] };
            if step.iter().all(|s| s.abs() < 1e-10) {
                break;
            }
        }
        Ok(now)
    }

    /// The calibrated log odds of a score.
    pub fn log_odds(&self, score: f64) -> f64 {
        self.offset + self.slope * score
    }
}

/// How far shares of real events are from what the classifier says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationError {
    /// Mean over events of |share of real events - mean D| in bins of D.
    pub value: f64,
    /// What chance alone would make of it with these numbers of events.
    pub expected: f64,
}

/// Expected calibration error of log odds in `bins` bins with about the same number of events; both samples count with the same total weight.
///
/// # Errors
/// Fewer than two events of a class.
pub fn calibration_error(real: &[f64], generated: &[f64], bins: usize) -> Result<CalibrationError> {
    at_least("real events", real.len(), 2)?;
    at_least("generated events", generated.len(), 2)?;
    at_least("bins", bins, 1)?;
    let of = |scores: &[f64], is_real: bool| -> Vec<(f64, bool)> { scores.iter().map(|s| (*s, is_real)).collect() };
    let mut all = [of(real, true), of(generated, false)].concat();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut error = CalibrationError { value: 0.0, expected: 0.0 };
    // Equal scores share a bin: how they are ordered says nothing.
    let ties: Vec<&[(f64, bool)]> = all.chunk_by(|a, b| a.0 == b.0).collect();
    let (size, mut rest) = (all.len().div_ceil(bins), &ties[..]);
    while !rest.is_empty() {
        let mut held = 0;
        let full = |tie: &&[(f64, bool)]| {
            held += tie.len();
            held >= size
        };
        let end = rest.iter().position(full).map_or(rest.len(), |last| last + 1);
        let (bin, others) = rest.split_at(end);
        rest = others;
        let bin = bin.concat();
        let (mut weight, mut ones, mut said) = (0.0, 0.0, 0.0);
        for (score, is_real) in &bin {
            let w = 0.5 / if *is_real { real.len() } else { generated.len() } as f64;
            weight += w;
            ones += if *is_real { w } else { 0.0 };
            said += w * sigmoid(*score);
        }
        let d = said / weight;
        error.value += (ones - said).abs();
        // Mean of |normal number| is sqrt(2/pi).
        error.expected += weight * (std::f64::consts::FRAC_2_PI * d * (1.0 - d) / bin.len() as f64).sqrt();
    }
    Ok(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{
        SplitMix64,
        tests::{normal, uniform},
    };

    /// Events with log odds s = a + b x of x normal, real with probability sigmoid(s); `told` is what the classifier says of x.
    fn events(seed: u64, n: usize, told: impl Fn(f64) -> f64) -> [Vec<f64>; 2] {
        let mut rng = SplitMix64::keyed(seed, &[]);
        let mut out = [Vec::new(), Vec::new()];
        for _ in 0..n {
            let s = 1.2 * normal(&mut rng);
            out[usize::from(uniform(&mut rng) > sigmoid(s))].push(told(s));
        }
        out
    }

    #[test]
    fn a_classifier_that_is_too_sure_is_corrected_within_4_sigma() {
        // Told 0.3 + 2 s for a true log odds of s: the correction is (told - 0.3)/2.
        let [real, generated] = events(1, 40_000, |s| 0.3 + 2.0 * s);
        let platt = Platt::fit(&real, &generated).unwrap();
        // Fisher information per event: E[d(1-d)] = 0.19 for the offset, E[d(1-d) told^2] = 0.6 for the slope.
        assert!((platt.slope - 0.5).abs() < 4.0 / (40_000.0f64 * 0.6).sqrt(), "{platt:?}");
        assert!((platt.offset + 0.15).abs() < 4.0 / (40_000.0f64 * 0.19).sqrt() + 0.3 * 0.02, "{platt:?}");
        let [real, generated] = events(2, 40_000, |s| 0.3 + 2.0 * s);
        let before = calibration_error(&real, &generated, 20).unwrap();
        let through = |v: &[f64]| -> Vec<f64> { v.iter().map(|s| platt.log_odds(*s)).collect() };
        let after = calibration_error(&through(&real), &through(&generated), 20).unwrap();
        assert!(before.value > 5.0 * before.expected, "{before:?}");
        assert!(after.value < 2.0 * after.expected, "{after:?}");
    }

    #[test]
    fn the_error_of_a_calibrated_classifier_is_what_chance_makes_of_it() {
        let found: Vec<CalibrationError> = (0..40)
            .map(|seed| {
                let [real, generated] = events(100 + seed, 4000, |s| s);
                calibration_error(&real, &generated, 20).unwrap()
            })
            .collect();
        // 40 x 20 absolute values of normal numbers, spread sqrt(pi/2 - 1) of their mean each: 4 sigma are 11 %.
        let ratio: f64 = found.iter().map(|e| e.value / e.expected).sum::<f64>() / 40.0;
        assert!((ratio - 1.0).abs() < 0.11, "{ratio}");
    }

    #[test]
    fn equal_scores_of_one_half_are_calibrated_perfectly() {
        let error = calibration_error(&[0.0; 300], &[0.0; 200], 20).unwrap();
        assert!(error.value < 1e-12 && error.expected > 0.0, "{error:?}");
    }

    #[test]
    fn samples_without_overlap_have_finite_scores() {
        let platt = Platt::fit(&[3.0; 50], &[-3.0; 50]).unwrap();
        assert!(platt.slope.is_finite() && platt.slope > 0.0 && platt.offset.abs() < 1e-6, "{platt:?}");
        assert!(Platt::fit(&[1.0], &[0.0, 1.0]).is_err());
        assert!(Platt::fit(&[1.0, f64::NAN], &[0.0, 1.0]).is_err());
    }
}
