//! Area under the ROC curve = P(score of a positive > score of a negative), ties counting one half (Mann and Whitney 1947).
//!
//! Error: DeLong, DeLong and Clarke-Pearson (1988): var = var(V10)/m + var(V01)/n with V10_i the fraction of negatives below positive i
//! and V01_j the fraction of positives above negative j. p-value: one-sided test of AUC > 1/2 with the exact null variance
//! (m+n+1)/(12 m n), corrected for ties, and the normal approximation.

use crate::{
    error::{Error, Result, at_least},
    estimate::Estimate,
    normal::normal_cdf,
};

/// Area under the ROC curve with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auc {
    /// Area in 0..=1; 1/2 means indistinguishable.
    pub value: f64,
    /// DeLong standard error (zero if the classes do not overlap).
    pub error: f64,
    /// Probability of at least this area if both classes had the same distribution.
    pub p_value: f64,
}

impl Auc {
    /// Value and error only.
    pub fn estimate(&self) -> Estimate {
        Estimate { value: self.value, error: self.error }
    }
}

/// AUC of scores that should be large for positives; fails with fewer than two scores in a class or a score that is NaN.
pub fn auc(positive: &[f64], negative: &[f64]) -> Result<Auc> {
    at_least("scores of positives", positive.len(), 2)?;
    at_least("scores of negatives", negative.len(), 2)?;
    for (col, scores) in [positive, negative].into_iter().enumerate() {
        if let Some(row) = scores.iter().position(|s| s.is_nan()) {
            return Err(Error::NotFinite { row, col });
        }
    }
    let sorted = |v: &[f64]| {
        let mut v = v.to_vec();
        v.sort_unstable_by(|a, b| a.partial_cmp(b).expect("no NaN"));
        v
    };
    let (p, q) = (sorted(positive), sorted(negative));
    let above = placements(&p, &q);
    let below = placements(&q, &p);
    let (m, n) = (p.len() as f64, q.len() as f64);
    let value = above.iter().sum::<f64>() / m;
    let error = (variance(&above) / m + variance(&below) / n).sqrt();
    let null = null_variance(&p, &q).sqrt();
    let p_value = if null > 0.0 { normal_cdf(-(value - 0.5) / null) } else { 0.5 };
    Ok(Auc { value, error, p_value })
}

/// For each of the sorted `x` the fraction of the sorted `y` below it, ties counting one half.
fn placements(x: &[f64], y: &[f64]) -> Vec<f64> {
    let (mut low, mut high) = (0, 0);
    x.iter()
        .map(|v| {
            while low < y.len() && y[low] < *v {
                low += 1;
            }
            while high < y.len() && y[high] <= *v {
                high += 1;
            }
            0.5 * (low + high) as f64 / y.len() as f64
        })
        .collect()
}

fn variance(v: &[f64]) -> f64 {
    let mean = v.iter().sum::<f64>() / v.len() as f64;
    v.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (v.len() - 1) as f64
}

/// Variance of the area if the N = m+n scores were dealt to the classes at random: (N+1 - sum(t^3-t)/(N(N-1)))/(12 m n), t = tied scores.
fn null_variance(p: &[f64], q: &[f64]) -> f64 {
    let mut all = [p, q].concat();
    all.sort_unstable_by(|a, b| a.partial_cmp(b).expect("no NaN"));
    let n = all.len() as f64;
    let ties: f64 = all.chunk_by(|a, b| a == b).map(|t| (t.len() as f64).powi(3) - t.len() as f64).sum();
    ((n + 1.0 - ties / (n * (n - 1.0))) / (12.0 * p.len() as f64 * q.len() as f64)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SplitMix64, tests::normal};

    fn sample(seed: u64, n: usize, shift: f64) -> Vec<f64> {
        let mut rng = SplitMix64::keyed(seed, &[]);
        (0..n).map(|_| normal(&mut rng) + shift).collect()
    }

    #[test]
    fn it_counts_the_pairs_in_the_right_order() {
        // Pairs (3,2) (3,1) (2,1) right, (2,2) tied: (3 + 1/2)/4.
        assert_eq!(auc(&[3.0, 2.0], &[2.0, 1.0]).unwrap().value, 3.5 / 4.0);
    }

    #[test]
    fn shifted_gaussians_have_phi_of_shift_over_root_two() {
        let found = auc(&sample(1, 20_000, 0.8), &sample(2, 15_000, 0.0)).unwrap();
        assert!((found.value - normal_cdf(0.8 / 2.0_f64.sqrt())).abs() < 3.0 * found.error, "{found:?}");
        assert!(found.p_value < 1e-6);
    }

    #[test]
    fn the_delong_error_is_the_spread_of_repeated_experiments() {
        // 600 experiments determine a spread to 1/sqrt(1200) = 2.9 %.
        let runs: Vec<Auc> =
            (0..600).map(|k| auc(&sample(1000 + k, 150, 1.0), &sample(9000 + k, 100, 0.0)).unwrap()).collect();
        let spread = Estimate::of(&runs.iter().map(|a| a.value).collect::<Vec<_>>()).error;
        let claimed = (runs.iter().map(|a| a.error.powi(2)).sum::<f64>() / 600.0).sqrt();
        assert!((claimed / spread - 1.0).abs() < 4.0 * 0.029, "{claimed} {spread}");
    }

    #[test]
    fn the_delong_error_agrees_with_the_bootstrap() {
        let (p, q) = (sample(3, 300, 0.7), sample(4, 400, 0.0));
        let mut rng = SplitMix64::keyed(5, &[]);
        let mut again = |v: &[f64]| -> Vec<f64> { (0..v.len()).map(|_| v[rng.below(v.len())]).collect() };
        let values: Vec<f64> = (0..800).map(|_| auc(&again(&p), &again(&q)).unwrap().value).collect();
        let spread = Estimate::of(&values).error;
        // 800 resamplings determine a spread to 1/sqrt(1600) = 2.5 %; the two estimators differ by O(1/300) more.
        assert!((auc(&p, &q).unwrap().error / spread - 1.0).abs() < 4.0 * 0.025 + 0.01);
    }

    #[test]
    fn p_values_of_identical_distributions_are_uniform() {
        // Mean 1/2 and fraction below 0.1 equal to 0.1, within 4 sigma of 500 experiments, with many ties from rounding.
        let rounded = |seed| sample(seed, 80, 0.0).iter().map(|v| (2.0 * v).round()).collect::<Vec<_>>();
        let p: Vec<f64> = (0..500).map(|k| auc(&rounded(k), &rounded(70_000 + k)).unwrap().p_value).collect();
        let low = p.iter().filter(|v| **v < 0.1).count() as f64 / 500.0;
        assert!((p.iter().sum::<f64>() / 500.0 - 0.5).abs() < 4.0 / (12.0_f64 * 500.0).sqrt());
        assert!((low - 0.1).abs() < 4.0 * (0.09_f64 / 500.0).sqrt(), "{low}");
    }

    #[test]
    fn a_constant_score_is_no_evidence() {
        let found = auc(&[1.0; 5], &[1.0; 7]).unwrap();
        assert_eq!((found.value, found.error, found.p_value), (0.5, 0.0, 0.5));
    }
}
