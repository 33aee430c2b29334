//! One-dimensional 1-Wasserstein distance W1 = integral |F(x) - G(x)| dx of two empirical distributions, exactly, for any sizes.
//!
//! A bootstrap draw is an integer weight per event, so every sample is sorted once and each draw is one merge of two sorted lists.
//! |F - G| is formed from integers, so identical draws give exactly zero.

use crate::{
    bootstrap::{Bootstrap, Side},
    error::{Error, Result, at_least},
    estimate::Estimate,
};
use rayon::prelude::*;

/// W1 distance of two samples (sorts both in place); fails if either is empty or holds a value that is not finite.
pub fn wasserstein_1d(x: &mut [f64], y: &mut [f64]) -> Result<f64> {
    at_least("values", x.len().min(y.len()), 1)?;
    for values in [&mut *x, &mut *y] {
        if let Some(row) = values.iter().position(|v| !v.is_finite()) {
            return Err(Error::NotFinite { row, col: 0 });
        }
        values.sort_unstable_by(f64::total_cmp);
    }
    let (m, n) = (x.len() as u64, y.len() as u64);
    Ok(merge(x.iter().map(|&v| (v, 1)), m, y.iter().map(|&v| (v, 1)), n))
}

/// Values of one feature sorted once, each owned by the event it came from: one value per jet, or all particles of all jets.
#[derive(Debug, Clone)]
pub struct Pool {
    rows: usize,
    sorted: Vec<(f64, u32)>,
}

impl Pool {
    /// Pools `(value, event)` pairs of `rows` events; fails if a value is not finite or an event number is not below `rows`.
    pub fn new(rows: usize, mut pairs: Vec<(f64, u32)>) -> Result<Self> {
        if let Some(&(_, row)) = pairs.iter().find(|p| !p.0.is_finite()) {
            return Err(Error::NotFinite { row: row as usize, col: 0 });
        }
        if let Some(p) = pairs.iter().find(|p| p.1 as usize >= rows) {
            return Err(Error::Setting {
                name: "event number",
                value: f64::from(p.1),
                must: "below the number of events",
            });
        }
        // The event number breaks ties, so that the order does not depend on how the sort was split among threads.
        pairs.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Ok(Self { rows, sorted: pairs })
    }

    /// One value per event.
    pub fn scalar(values: impl IntoIterator<Item = f64>) -> Result<Self> {
        let pairs: Vec<_> = values.into_iter().enumerate().map(|(i, v)| (v, i as u32)).collect();
        Self::new(pairs.len(), pairs)
    }

    /// Number of events.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn total(&self, counts: &[u32]) -> u64 {
        self.sorted.iter().map(|&(_, i)| u64::from(counts[i as usize])).sum()
    }

    fn weighted<'a>(&'a self, counts: &'a [u32]) -> impl Iterator<Item = (f64, u32)> + 'a {
        self.sorted.iter().map(|&(v, i)| (v, counts[i as usize]))
    }
}

/// W1 of one feature over bootstrap draws of events: mean and standard deviation over the batches.
///
/// Fails if a drawn sample holds no value at all.
pub fn bootstrap_wasserstein(real: &Pool, generated: &Pool, draws: &Bootstrap) -> Result<Estimate> {
    draws.check(real.rows, generated.rows)?;
    let values: Result<Vec<f64>> = (0..draws.batches)
        .into_par_iter()
        .map(|batch| {
            let a = draws.counts(real.rows, batch, Side::Real);
            let b = draws.counts(generated.rows, batch, Side::Generated);
            let (m, n) = (real.total(&a), generated.total(&b));
            at_least("values in a bootstrap draw", m.min(n) as usize, 1)?;
            Ok(merge(real.weighted(&a), m, generated.weighted(&b), n))
        })
        .collect();
    Ok(Estimate::of(&values?))
}

/// Integral of |a/m - b/n| over the sorted union, where a and b count the values passed so far.
fn merge(x: impl Iterator<Item = (f64, u32)>, m: u64, y: impl Iterator<Item = (f64, u32)>, n: u64) -> f64 {
    let (mut x, mut y) = (x.filter(|p| p.1 > 0), y.filter(|p| p.1 > 0));
    let (mut next_x, mut next_y) = (x.next(), y.next());
    let (mut a, mut b) = (0_u64, 0_u64);
    let (mut area, mut last) = (0.0, 0.0);
    loop {
        let from_x = match (next_x, next_y) {
            (Some(p), Some(q)) => p.0 <= q.0,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        let (value, count) = if from_x { next_x } else { next_y }.expect("the chosen side has a value");
        // Before the first value both counts are zero, so the arbitrary start does not contribute.
        area += (a * n).abs_diff(b * m) as f64 * (value - last);
        last = value;
        if from_x {
            a += u64::from(count);
            next_x = x.next();
        } else {
            b += u64::from(count);
            next_y = y.next();
        }
    }
    area / (m as f64 * n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{
        SplitMix64,
        tests::{normal, uniform},
    };

    fn sample(seed: u64, n: usize) -> Vec<f64> {
        let mut rng = SplitMix64::keyed(seed, &[]);
        (0..n).map(|_| normal(&mut rng)).collect()
    }

    #[test]
    fn a_shifted_sample_is_as_far_as_the_shift() {
        let mut x = sample(1, 1001);
        let mut y: Vec<f64> = x.iter().map(|v| v + 0.375).collect();
        assert!((wasserstein_1d(&mut x, &mut y).unwrap() - 0.375).abs() < 1e-12);
    }

    #[test]
    fn identical_samples_are_exactly_zero_apart() {
        let mut x = sample(2, 333);
        let mut y = x.clone();
        y.reverse();
        assert_eq!(wasserstein_1d(&mut x, &mut y).unwrap(), 0.0);
    }

    #[test]
    fn unequal_sizes_agree_with_the_sorted_pairing_of_repeated_samples() {
        // Repeating x n times and y m times changes neither distribution and makes the sizes equal;
        // for equal sizes the optimal plan pairs the sorted values.
        let (mut x, mut y) = (sample(3, 7), sample(4, 12));
        let repeat = |v: &[f64], k: usize| {
            let mut r: Vec<f64> = v.iter().flat_map(|&a| std::iter::repeat_n(a, k)).collect();
            r.sort_by(f64::total_cmp);
            r
        };
        let (a, b) = (repeat(&x, 12), repeat(&y, 7));
        let truth = a.iter().zip(&b).map(|(p, q)| (p - q).abs()).sum::<f64>() / 84.0;
        assert!((wasserstein_1d(&mut x, &mut y).unwrap() - truth).abs() < 1e-12);
    }

    #[test]
    fn two_uniform_samples_differ_by_the_shift_within_4_sigma() {
        // U(0,1) against U(s,1+s): W1 = s; its error is that of the difference of means, sqrt(2/12/n).
        let (n, s) = (40_000, 0.25);
        let mut rng = SplitMix64::keyed(5, &[]);
        let mut x: Vec<f64> = (0..n).map(|_| uniform(&mut rng)).collect();
        let mut y: Vec<f64> = (0..n).map(|_| uniform(&mut rng) + s).collect();
        let sigma = (2.0 / 12.0 / n as f64).sqrt();
        assert!((wasserstein_1d(&mut x, &mut y).unwrap() - s).abs() < 4.0 * sigma);
    }

    #[test]
    fn a_pool_agrees_with_drawing_the_events_one_by_one() {
        let mut rng = SplitMix64::keyed(6, &[]);
        let mut jets = |n: usize| -> Vec<Vec<f64>> {
            (0..n).map(|i| (0..i % 4 + 1).map(|_| normal(&mut rng)).collect()).collect()
        };
        let (real, generated) = (jets(30), jets(41));
        let pool = |jets: &[Vec<f64>]| {
            let pairs = jets.iter().enumerate().flat_map(|(i, j)| j.iter().map(move |&v| (v, i as u32))).collect();
            Pool::new(jets.len(), pairs).unwrap()
        };
        let draws = Bootstrap { size: 25, batches: 4, seed: 9 };
        let fast = bootstrap_wasserstein(&pool(&real), &pool(&generated), &draws).unwrap();
        let gather = |jets: &[Vec<f64>], rows: &[u32]| -> Vec<f64> {
            rows.iter().flat_map(|&r| jets[r as usize].iter().copied()).collect()
        };
        let slow = draws.run(30, 41, |a, b| wasserstein_1d(&mut gather(&real, a), &mut gather(&generated, b))).unwrap();
        assert!((fast.value - slow.value).abs() < 1e-12 && (fast.error - slow.error).abs() < 1e-12);
    }

    #[test]
    fn values_that_are_not_finite_are_an_error() {
        assert_eq!(wasserstein_1d(&mut [1.0, f64::NAN], &mut [0.0]), Err(Error::NotFinite { row: 1, col: 0 }));
        assert!(Pool::scalar([f64::INFINITY]).is_err());
        assert!(wasserstein_1d(&mut [], &mut [0.0]).is_err());
    }
}
