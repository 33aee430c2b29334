//! Pythia's seed for every block of every run.
//!
//! Pythia takes 1 to 900 000 000. Block b of seed S has 1 + (h(S) + b g) mod 9e8 with h the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA
//! 2014) and g odd and prime to 3 and 5, so prime to 9e8: the blocks of one run never share a seed.

/// Number of seeds that Pythia knows.
const SEEDS: u64 = 900_000_000;
/// Nearly 9e8 / the golden ratio, and prime to 9e8.
const STRIDE: u64 = 556_230_593;

/// The seed of a block.
pub fn of_block(seed: u64, block: u64) -> u32 {
    let mut h = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^= h >> 31;
    (1 + (h % SEEDS + (block % SEEDS) * STRIDE % SEEDS) % SEEDS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_a_run_never_share_a_seed() {
        let mut seeds: Vec<u32> = (0..200_000).map(|block| of_block(7, block)).collect();
        assert!(seeds.iter().all(|s| (1..=900_000_000).contains(s)));
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 200_000);
        // The general reason: a stride without a common divisor.
        let gcd = |mut a: u64, mut b: u64| {
            while b > 0 {
                (a, b) = (b, a % b);
            }
            a
        };
        assert_eq!(gcd(STRIDE, SEEDS), 1);
    }

    #[test]
    fn neighbouring_runs_begin_far_apart() {
        let mut starts: Vec<u32> = (0..1000).map(|seed| of_block(seed, 0)).collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), 1000);
        // Evenly over the range: the mean of 1000 uniform numbers, with sigma range / sqrt(12 * 1000).
        let mean = starts.iter().map(|&s| f64::from(s)).sum::<f64>() / 1000.0;
        assert!((mean - 4.5e8).abs() < 4.0 * 9e8 / 12_000f64.sqrt(), "{mean}");
    }
}
