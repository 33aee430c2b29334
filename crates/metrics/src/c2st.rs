//! Classifier two-sample test (Lopez-Paz and Oquab, arXiv:1610.06545): train a classifier to tell real from generated events and measure
//! its area under the ROC curve on events that neither the trees nor the early stopping have seen. 1/2 means that this classifier finds
//! no difference.
//!
//! The classifier estimates D = p_real/(p_real + p_generated), so w = D/(1-D) reweights generated events to real ones.

use crate::{
    auc::{Auc, auc},
    boosting::{Boosting, Classifier, sigmoid},
    calibration::Platt,
    error::{Result, at_least, setting},
    matrix::{Matrix, comparable},
    random::SplitMix64,
};

/// Settings of [`c2st`].
#[derive(Debug, Clone, PartialEq)]
pub struct C2st {
    /// Fraction of each sample to train on.
    pub train: f64,
    /// Fraction of each sample for early stopping; the rest is the test part.
    pub validation: f64,
    /// The classifier.
    pub boosting: Boosting,
    /// Seed of the random split.
    pub seed: u64,
}

impl Default for C2st {
    fn default() -> Self {
        Self { train: 0.5, validation: 0.15, boosting: Boosting::default(), seed: 42 }
    }
}

/// Score of one event of the test part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Row in its sample.
    pub row: u32,
    /// Probability of being real, for samples of equal size.
    pub d: f64,
}

impl Score {
    /// Log odds ln(D/(1-D)).
    pub fn log_odds(&self) -> f64 {
        (self.d / (1.0 - self.d)).ln()
    }

    /// Weight D/(1-D) that turns a generated event into a real one.
    pub fn weight(&self) -> f64 {
        importance_weight(self.d)
    }
}

/// w = D/(1-D), an estimate of p_real/p_generated.
pub fn importance_weight(d: f64) -> f64 {
    d / (1.0 - d)
}

/// Result of a classifier two-sample test.
#[derive(Debug, Clone)]
pub struct C2stReport {
    /// Area under the ROC curve of the test part, with DeLong's error and a one-sided p-value.
    pub auc: Auc,
    /// Calibration of the classifier's log odds, fitted on the part for early stopping.
    pub calibration: Platt,
    /// Scores of the real test events.
    pub real: Vec<Score>,
    /// Scores of the generated test events.
    pub generated: Vec<Score>,
    /// The classifier, to score further events (those it was trained on come out too well).
    pub classifier: Classifier,
}

/// Trains and tests a classifier between two samples.
///
/// Fails if the columns differ, a fraction is out of range, or a part of the split has fewer than two events of a class.
pub fn c2st(real: &Matrix, generated: &Matrix, settings: &C2st) -> Result<C2stReport> {
    comparable(real, generated)?;
    setting("train fraction", settings.train, settings.train > 0.0 && settings.train < 1.0, "between 0 and 1")?;
    let rest = 1.0 - settings.train - settings.validation;
    setting(
        "validation fraction",
        settings.validation,
        settings.validation > 0.0 && rest > 0.0,
        "between 0 and 1 - train",
    )?;

    let mut parts: [Vec<Vec<u32>>; 2] = [Vec::new(), Vec::new()];
    for (side, (sample, parts)) in [real, generated].into_iter().zip(&mut parts).enumerate() {
        let order = SplitMix64::keyed(settings.seed, &[side as u64]).permutation(sample.rows());
        let first = (settings.train * sample.rows() as f64) as usize;
        let second = first + (settings.validation * sample.rows() as f64) as usize;
        *parts = vec![order[..first].to_vec(), order[first..second].to_vec(), order[second..].to_vec()];
        parts.iter().try_for_each(|p| at_least("events of a class in a part of the split", p.len(), 2))?;
    }
    let labelled = |part: usize| -> Result<(Matrix, Vec<bool>)> {
        let (a, b) = (&parts[0][part], &parts[1][part]);
        let data = [real.select(a).data(), generated.select(b).data()].concat();
        let positive = [vec![true; a.len()], vec![false; b.len()]].concat();
        Ok((Matrix::new(a.len() + b.len(), real.cols(), data)?, positive))
    };
    let (train, validation) = (labelled(0)?, labelled(1)?);
    let classifier = settings.boosting.train((&train.0, &train.1), (&validation.0, &validation.1))?;
    let log_odds = |part: usize| -> Result<[Vec<f64>; 2]> {
        let (a, b) = (&parts[0][part], &parts[1][part]);
        Ok([classifier.log_odds(&real.select(a))?, classifier.log_odds(&generated.select(b))?])
    };
    let [held_real, held_generated] = log_odds(1)?;
    let calibration = Platt::fit(&held_real, &held_generated)?;
    let [a, b] = log_odds(2)?;
    let scores = |rows: &[u32], s: &[f64]| rows.iter().zip(s).map(|(&row, &s)| Score { row, d: sigmoid(s) }).collect();
    Ok(C2stReport {
        auc: auc(&a, &b)?,
        calibration,
        real: scores(&parts[0][2], &a),
        generated: scores(&parts[1][2], &b),
        classifier,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{normal::normal_cdf, random::tests::gaussian};

    #[test]
    fn identical_distributions_give_one_half_within_3_sigma_and_mean_weight_one() {
        let report = c2st(&gaussian(1, 6000, 5, 0.0), &gaussian(2, 8000, 5, 0.0), &C2st::default()).unwrap();
        assert!((report.auc.value - 0.5).abs() <= 3.0 * report.auc.error, "{:?}", report.auc);
        assert!(report.auc.p_value > 1e-3);
        let mean = report.generated.iter().map(Score::weight).sum::<f64>() / report.generated.len() as f64;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
    }

    #[test]
    fn shifted_gaussians_come_close_to_the_optimal_classifier_and_not_above() {
        // The best score is the shifted coordinate, AUC = Phi(shift/sqrt 2); no classifier beats it on average.
        let shift = 0.7;
        let report = c2st(&gaussian(3, 12_000, 4, shift), &gaussian(4, 12_000, 4, 0.0), &C2st::default()).unwrap();
        let best = normal_cdf(shift / 2.0_f64.sqrt());
        let Auc { value, error, .. } = report.auc;
        assert!(value < best + 3.0 * error && value > best - 3.0 * error - 0.01, "{value} {error} {best}");
    }

    #[test]
    fn weights_carry_generated_events_to_the_real_mean() {
        let shift = 0.5;
        let (real, generated) = (gaussian(5, 20_000, 2, shift), gaussian(6, 20_000, 2, 0.0));
        let report = c2st(&real, &generated, &C2st::default()).unwrap();
        let (mut sum, mut total) = (0.0, 0.0);
        for s in &report.generated {
            sum += s.weight() * generated.row(s.row as usize)[0];
            total += s.weight();
        }
        // 7000 events with weights of variance exp(shift^2)-1 = 0.28: 4 sigma = 0.055.
        assert!((sum / total - shift).abs() < 0.055 + 0.03, "{}", sum / total);
    }

    #[test]
    fn the_test_part_is_untouched_and_split_as_asked() {
        let (real, generated) = (gaussian(7, 1000, 2, 0.0), gaussian(8, 600, 2, 0.0));
        let report = c2st(&real, &generated, &C2st::default()).unwrap();
        assert_eq!((report.real.len(), report.generated.len()), (350, 210));
        let mut rows: Vec<u32> = report.real.iter().map(|s| s.row).collect();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), 350);
        assert!(c2st(&real, &gaussian(9, 600, 3, 0.0), &C2st::default()).is_err());
        assert!(c2st(&real, &generated, &C2st { train: 0.9, validation: 0.2, ..C2st::default() }).is_err());
    }
}
