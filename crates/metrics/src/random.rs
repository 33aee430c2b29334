//! SplitMix64 (Steele, Lea, Flood 2014): a 64-bit generator whose whole state is one number, keyed by a seed and a purpose.

/// SplitMix64 generator.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64(u64);

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix64 {
    /// Generator of one purpose (batch, side, ...) of a seed; different keys give unrelated streams.
    pub(crate) fn keyed(seed: u64, keys: &[u64]) -> Self {
        Self(keys.iter().fold(mix(seed.wrapping_add(STEP)), |s, &k| mix(s ^ mix(k.wrapping_add(1).wrapping_mul(STEP)))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Uniform integer in 0..n (bias below n/2^64).
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// Uniform random order of 0..n (Fisher and Yates).
    pub(crate) fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Matrix;

    /// Uniform in (0, 1).
    pub(crate) fn uniform(rng: &mut SplitMix64) -> f64 {
        ((rng.next() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Standard normal number (Box and Muller).
    pub(crate) fn normal(rng: &mut SplitMix64) -> f64 {
        (-2.0 * uniform(rng).ln()).sqrt() * (std::f64::consts::TAU * uniform(rng)).cos()
    }

    /// Standard normal table with a shifted first column.
    pub(crate) fn gaussian(seed: u64, rows: usize, cols: usize, shift: f64) -> Matrix {
        let mut rng = SplitMix64::keyed(seed, &[]);
        let data = (0..rows * cols).map(|k| normal(&mut rng) + if k % cols == 0 { shift } else { 0.0 }).collect();
        Matrix::new(rows, cols, data).unwrap()
    }

    #[test]
    fn integers_below_n_are_uniform_within_4_sigma() {
        let mut rng = SplitMix64::keyed(1, &[]);
        let (n, draws) = (7, 70_000);
        let mut hits = vec![0_f64; n];
        for _ in 0..draws {
            hits[rng.below(n)] += 1.0;
        }
        let (mean, sigma) = (draws as f64 / n as f64, (draws as f64 / n as f64 * (1.0 - 1.0 / n as f64)).sqrt());
        assert!(hits.iter().all(|h| (h - mean).abs() < 4.0 * sigma), "{hits:?}");
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut p = SplitMix64::keyed(3, &[1, 2]).permutation(1000);
        assert_ne!(p[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        p.sort_unstable();
        assert!(p.iter().enumerate().all(|(i, &v)| i as u32 == v));
    }

    #[test]
    fn keys_give_different_streams() {
        let first = |keys: &[u64]| SplitMix64::keyed(42, keys).next();
        let all = [first(&[]), first(&[0]), first(&[1]), first(&[0, 1]), first(&[1, 0])];
        for i in 0..all.len() {
            assert!(all[i + 1..].iter().all(|v| *v != all[i]));
        }
    }
}
