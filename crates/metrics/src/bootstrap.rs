//! Batched bootstrap (Efron 1979): draw events with replacement from both samples, measure, repeat; report mean and spread.
//!
//! The same seed, batch and side always draw the same events, so several features measured with one `Bootstrap` see the same jets.

use crate::{
    error::{Result, at_least},
    estimate::Estimate,
    random::SplitMix64,
};
use rayon::prelude::*;

/// How many events are drawn, how often, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Events drawn from each sample.
    pub size: usize,
    /// Repetitions.
    pub batches: usize,
    /// Seed.
    pub seed: u64,
}

/// Which of the two samples is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Real = 0,
    Generated = 1,
}

impl Bootstrap {
    /// Wasserstein protocol of the JetNet library: 5 batches of 50,000 jets.
    pub const WASSERSTEIN: Self = Self { size: 50_000, batches: 5, seed: 42 };
    /// Coverage protocol of the JetNet library: 10 batches of 100 jets.
    pub const COVERAGE: Self = Self { size: 100, batches: 10, seed: 42 };

    pub(crate) fn indices(&self, rows: usize, batch: usize, side: Side) -> Vec<u32> {
        let mut rng = SplitMix64::keyed(self.seed, &[batch as u64, side as u64]);
        (0..self.size).map(|_| rng.below(rows) as u32).collect()
    }

    /// How often each row is drawn: the same draw as `indices`, as a multinomial count per row.
    pub(crate) fn counts(&self, rows: usize, batch: usize, side: Side) -> Vec<u32> {
        let mut rng = SplitMix64::keyed(self.seed, &[batch as u64, side as u64]);
        let mut counts = vec![0; rows];
        for _ in 0..self.size {
            counts[rng.below(rows)] += 1;
        }
        counts
    }

    pub(crate) fn check(&self, real: usize, generated: usize) -> Result<()> {
        at_least("events drawn per batch", self.size, 1)?;
        at_least("batches", self.batches, 1)?;
        at_least("real events", real, 1)?;
        at_least("generated events", generated, 1)
    }

    /// Mean and standard deviation over batches of `statistic(rows drawn of real, rows drawn of generated)`, batches in parallel.
    pub fn run(
        &self,
        real: usize,
        generated: usize,
        statistic: impl Fn(&[u32], &[u32]) -> Result<f64> + Sync,
    ) -> Result<Estimate> {
        self.check(real, generated)?;
        let values: Result<Vec<f64>> = (0..self.batches)
            .into_par_iter()
            .map(|batch| {
                let a = self.indices(real, batch, Side::Real);
                let b = self.indices(generated, batch, Side::Generated);
                statistic(&a, &b)
            })
            .collect();
        Ok(Estimate::of(&values?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn counts_are_the_same_draw_as_indices() {
        let draws = Bootstrap { size: 500, batches: 1, seed: 5 };
        let mut counts = vec![0; 37];
        for i in draws.indices(37, 3, Side::Generated) {
            counts[i as usize] += 1;
        }
        assert_eq!(counts, draws.counts(37, 3, Side::Generated));
    }

    #[test]
    fn spread_of_a_mean_is_its_standard_error_within_4_sigma() {
        // The mean of n draws from 0..m has variance (m^2-1)/12/n; the spread of b batches is known to 1/sqrt(2b).
        let draws = Bootstrap { size: 100, batches: 400, seed: 2 };
        let mean = |a: &[u32], _: &[u32]| Ok(a.iter().map(|&i| f64::from(i)).sum::<f64>() / a.len() as f64);
        let found = draws.run(50, 1, mean).unwrap();
        let error = ((50.0_f64.powi(2) - 1.0) / 12.0 / 100.0).sqrt();
        assert!((found.value - 24.5).abs() < 4.0 * error / 20.0);
        assert!((found.error / error - 1.0).abs() < 4.0 / 800.0_f64.sqrt());
    }

    #[test]
    fn empty_samples_are_an_error() {
        let result = Bootstrap::WASSERSTEIN.run(0, 5, |_, _| Ok(0.0));
        assert_eq!(result, Err(Error::TooFew { what: "real events", found: 0, needed: 1 }));
    }
}
