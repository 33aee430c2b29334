//! The statistical floor: a metric is never zero on finite samples, so it is measured between two real samples as well.
//!
//! Either split the real sample into two disjoint halves, or give a second real sample. A floor from halves belongs to samples of
//! half the size and is a little high for metrics that shrink with the sample.

use crate::{error::Result, estimate::Estimate, matrix::Matrix, random::SplitMix64};

/// A metric of the generated sample next to the same metric of real against real.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floored {
    /// Generated against real.
    pub value: Estimate,
    /// Real against real.
    pub floor: Estimate,
}

impl Floored {
    /// (value - floor) / sqrt(sum of squared errors): how many sigmas the generated sample is above the floor.
    pub fn significance(&self) -> f64 {
        (self.value.value - self.floor.value) / self.value.error.hypot(self.floor.error)
    }
}

/// Two disjoint random halves of the numbers 0..rows; an odd one is left out.
pub fn halves(rows: usize, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let mut order = SplitMix64::keyed(seed, &[0xf1]).permutation(rows);
    let second = order.split_off(rows / 2);
    (order, second[..rows / 2].to_vec())
}

/// Evaluates `metric(real, generated)` and its floor: real halves against each other, or `real` against `second_real` where given.
pub fn with_floor(
    real: &Matrix,
    generated: &Matrix,
    second_real: Option<&Matrix>,
    seed: u64,
    metric: impl Fn(&Matrix, &Matrix) -> Result<Estimate>,
) -> Result<Floored> {
    let value = metric(real, generated)?;
    let floor = match second_real {
        Some(other) => metric(real, other)?,
        None => {
            let (a, b) = halves(real.rows(), seed);
            metric(&real.select(&a), &real.select(&b))?
        }
    };
    Ok(Floored { value, floor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fpd, fpd, random::tests::gaussian};

    #[test]
    fn halves_are_disjoint_and_equal_in_size() {
        let (a, b) = halves(101, 7);
        assert_eq!((a.len(), b.len()), (50, 50));
        let mut all = [a, b].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100);
    }

    #[test]
    fn a_shifted_sample_stands_above_the_floor_and_a_fair_one_does_not() {
        let real = gaussian(1, 8000, 3, 0.0);
        let metric = |x: &Matrix, y: &Matrix| fpd(x, y, &Fpd { normalise: false, ..Fpd::for_rows(4000) });
        let shifted = with_floor(&real, &gaussian(2, 4000, 3, 0.3), None, 1, metric).unwrap();
        assert!(shifted.significance() > 5.0, "{shifted:?}");
        // A squared mean difference of fair samples of n = 4000 is of order 3 features x 2/n = 1.5e-3.
        assert!(shifted.floor.value < 4.0 * 1.5e-3, "{shifted:?}");
    }
}
