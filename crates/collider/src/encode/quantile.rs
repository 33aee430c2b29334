//! Monotone map of a quantity onto a standard normal: `u = Phi^-1(F(x))` with the empirical distribution function `F`.
//!
//! Stored as the values of `x` at equally spaced `u`; linear between, clamped at the ends. A model of `u` need not learn the
//! shape of a one-dimensional distribution, only correlations (the copula).

use serde::{Deserialize, Serialize};

/// Knots lie at `u = -LIMIT ..= LIMIT`; beyond `Phi(-4) = 3e-5` a sample of 50 000 has no information.
const LIMIT: f64 = 4.0;
/// Number of knots: 0.05 in `u` between neighbours.
const KNOTS: usize = 161;

/// Monotone piecewise linear map between a quantity and a standard normal variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// Values of the quantity at the equally spaced knots in `u`, not decreasing.
    knots: Vec<f32>,
}

impl Quantile {
    /// Fits the map to a sample, which is sorted in passing; `None` if it is empty or holds a NaN.
    pub fn fit(sample: &mut [f64]) -> Option<Quantile> {
        if sample.is_empty() || sample.iter().any(|x| x.is_nan()) {
            return None;
        }
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let knots = (0..KNOTS).map(|k| {
            let place = (normal_cdf(knot_u(k)) * n - 0.5).clamp(0.0, n - 1.0);
            let (low, part) = (place.floor() as usize, place.fract());
            let high = (low + 1).min(sample.len() - 1);
            (sample[low] + part * (sample[high] - sample[low])) as f32
        });
        Some(Quantile { knots: knots.collect() })
    }

    /// `u` of a value; the middle of the interval where the map is flat.
    pub fn forward(&self, x: f64) -> f64 {
        let above = self.knots.partition_point(|k| f64::from(*k) < x);
        let not_below = self.knots.partition_point(|k| f64::from(*k) <= x);
        if not_below > above {
            return (knot_u(above) + knot_u(not_below - 1)) / 2.0;
        }
        if above == 0 || above == self.knots.len() {
            return LIMIT.copysign(above as f64 - 0.5);
        }
        let (low, high) = (f64::from(self.knots[above - 1]), f64::from(self.knots[above]));
        knot_u(above - 1) + (x - low) / (high - low) * (knot_u(above) - knot_u(above - 1))
    }

    /// As [`Quantile::forward`], but where the map is flat, as for a value that many of the sample share, the part `lot` of the probability there: if `lot` is even
    /// between 0 and 1, `u` of the sample is normal all the same.
    pub fn forward_at(&self, x: f64, lot: f64) -> f64 {
        let x = f64::from(x as f32);
        let above = self.knots.partition_point(|k| f64::from(*k) < x);
        let not_below = self.knots.partition_point(|k| f64::from(*k) <= x);
        if not_below < above + 2 {
            return self.forward(x);
        }
        let (low, high) = (normal_cdf(knot_u(above)), normal_cdf(knot_u(not_below - 1)));
        diffusion::normal_quantile(low + lot * (high - low)).clamp(-LIMIT, LIMIT)
    }

    /// The value at `u`.
    pub fn inverse(&self, u: f64) -> f64 {
        let place =
            ((u.clamp(-LIMIT, LIMIT) + LIMIT) / (2.0 * LIMIT) * (KNOTS - 1) as f64).clamp(0.0, (KNOTS - 1) as f64);
        let low = (place.floor() as usize).min(KNOTS - 2);
        let (a, b) = (f64::from(self.knots[low]), f64::from(self.knots[low + 1]));
        a + (place - low as f64) * (b - a)
    }

    /// Whether the knots are as [`Quantile::fit`] makes them; a map read from a file may not be.
    pub fn is_valid(&self) -> bool {
        self.knots.len() == KNOTS
            && self.knots.iter().all(|k| k.is_finite())
            && self.knots.windows(2).all(|pair| pair[0] <= pair[1])
    }
}

fn knot_u(k: usize) -> f64 {
    -LIMIT + 2.0 * LIMIT * k as f64 / (KNOTS - 1) as f64
}

/// Distribution function of the standard normal, `erfc(-u / sqrt 2) / 2`.
fn normal_cdf(u: f64) -> f64 {
    0.5 * libm::erfc(-u / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_and_inverse_undo_each_other_inside_the_range() {
        let mut sample: Vec<f64> = (0..20_000).map(|i| ((i as f64 + 0.5) / 20_000.0).powf(1.5) * 7.0 - 1.0).collect();
        let map = Quantile::fit(&mut sample).unwrap();
        assert!(map.is_valid());
        for i in 1..60 {
            let u = -3.0 + 0.1 * f64::from(i);
            assert!((map.forward(map.inverse(u)) - u).abs() < 1e-3, "at {u}");
        }
    }

    #[test]
    fn a_normal_sample_maps_to_itself() {
        // Exact quantiles of a normal of mean 5 and deviation 2: the map must be u = (x - 5) / 2 up to interpolation, O(0.05^2).
        let map = Quantile { knots: (0..KNOTS).map(|k| (5.0 + 2.0 * knot_u(k)) as f32).collect() };
        let mut sample: Vec<f64> = (0..40_000)
            .map(|i| {
                // Bisection on the distribution function, independent of the fit's own interpolation.
                let p = (f64::from(i) + 0.5) / 40_000.0;
                let (mut low, mut high) = (-6.0, 6.0);
                for _ in 0..60 {
                    let middle = (low + high) / 2.0;
                    if normal_cdf(middle) < p { low = middle } else { high = middle }
                }
                5.0 + 2.0 * low
            })
            .collect();
        let fitted = Quantile::fit(&mut sample).unwrap();
        for i in 0..=120 {
            let x = -1.0 + 0.1 * f64::from(i);
            assert!((fitted.forward(x) - map.forward(x)).abs() < 2e-3, "at {x}");
            assert!((map.forward(x) - (x - 5.0) / 2.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_value_that_many_share_is_spread_over_its_probability() {
        // Three tenths of the sample are zero, the others even between 0 and 1.
        let n = 20_000;
        let lots = |i: usize| (i as f64 * 0.618_034) % 1.0;
        let mut sample: Vec<f64> = (0..n).map(|i| ((i as f64 + 0.5) / n as f64 - 0.3).max(0.0) / 0.7).collect();
        let map = Quantile::fit(&mut sample).unwrap();
        let codes: Vec<f64> = sample.iter().enumerate().map(|(i, x)| map.forward_at(*x, lots(i))).collect();
        for k in -30..=30 {
            let u = 0.1 * f64::from(k);
            let below = codes.iter().filter(|code| **code < u).count() as f64 / n as f64;
            // Knots every 0.05 cut the corner where the flat part ends: at most half a step of probability.
            assert!((below - normal_cdf(u)).abs() < 0.01, "{u}: {below}");
        }
        for (i, (x, code)) in sample.iter().zip(&codes).enumerate() {
            assert!((map.inverse(*code) - x).abs() < 0.02, "{i}: {x} {}", map.inverse(*code));
        }
    }

    #[test]
    fn values_outside_the_sample_are_clamped_and_flat_parts_give_their_middle() {
        let map = Quantile::fit(&mut [1.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!(map.forward(1.0), 0.0);
        assert_eq!((map.forward(0.0), map.forward(2.0)), (-LIMIT, LIMIT));
        assert_eq!(map.inverse(9.0), 1.0);
        assert!(Quantile::fit(&mut []).is_none() && Quantile::fit(&mut [f64::NAN]).is_none());
    }
}
