//! Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror & Shaw, SC 2011, doi:10.1145/2063384.2063405).
//!
//! A number is a pure function of (seed, stream, draw, sample, column). There is no hidden state, so a sample does not
//! depend on the batch it came in, the number of threads, or the machine:
//!
//! 1. `(k0, k1, c3, _) = philox(counter = (stream, draw), key = seed)` once per call;
//! 2. block `b` of sample `i` is `philox(counter = (i, b, c3), key = (k0, k1))`, 128 bits: two uniforms or two normals.
//!
//! Normals are Box & Muller's (1958) in f64 with a software `ln`, `sin`, `cos`, so that every platform agrees to the bit.
//! A row is filled from its left: a wider row begins with the narrower one.

/// Random numbers keyed by (seed, stream, sample, draw): row `r` of a call belongs to sample `first + r`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    /// The seed: the only number a user chooses.
    pub seed: u64,
    /// Which independent stream of that seed (training, sampling, shuffling, ...).
    pub stream: u64,
    /// Number of the sample that row 0 belongs to.
    pub first: u64,
    /// How many draws have been made; every call uses up one.
    pub draw: u64,
}

impl Rng {
    /// Stream 0 of a seed, at sample 0, before its first draw.
    pub fn new(seed: u64) -> Rng {
        Rng { seed, stream: 0, first: 0, draw: 0 }
    }

    /// The same seed's independent stream number `stream`, before its first draw.
    #[must_use]
    pub fn stream(self, stream: u64) -> Rng {
        Rng { stream, draw: 0, ..self }
    }

    /// The same draw for the samples from number `first` on.
    #[must_use]
    pub fn at(self, first: u64) -> Rng {
        Rng { first, ..self }
    }

    /// Standard normals, `rows` x `cols`, row-major; uses up one draw.
    pub fn normal(&mut self, rows: usize, cols: usize) -> Vec<f32> {
        self.fill(rows, cols, normal_pair, |z| z as f32)
    }

    /// Standard normals in double precision: [`Rng::normal`] before rounding.
    pub fn normal_f64(&mut self, rows: usize, cols: usize) -> Vec<f64> {
        self.fill(rows, cols, normal_pair, |z| z)
    }

    /// Uniform numbers in the open interval (0, 1), `rows` x `cols`, row-major; uses up one draw.
    pub fn uniform(&mut self, rows: usize, cols: usize) -> Vec<f64> {
        self.fill(rows, cols, |w| [unit(w[0]), unit(w[1])], |u| u)
    }

    /// A low-discrepancy column of uniform numbers in (0, 1): sample `i` gets `frac(shift + i/phi)`, phi the golden ratio.
    ///
    /// Each number alone is uniform (`shift` is); any run of consecutive samples is spread evenly. Uses up one draw.
    pub fn stratified(&mut self, rows: usize) -> Vec<f64> {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / phi
        let shift = self.words(u64::MAX, 0, self.call_key())[0];
        self.draw += 1;
        (0..rows as u64).map(|r| unit(shift.wrapping_add((self.first + r).wrapping_mul(GOLDEN)))).collect()
    }

    /// A uniformly random order of `0..n` (Fisher & Yates), keyed by sample `first`; uses up one draw.
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let key = self.call_key();
        self.draw += 1;
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            let word = self.words(self.first, (i / 2) as u32, key)[i % 2];
            order.swap(i, ((u128::from(word) * (i as u128 + 1)) >> 64) as usize);
        }
        order
    }

    fn fill<T>(
        &mut self,
        rows: usize,
        cols: usize,
        pair: impl Fn([u64; 2]) -> [f64; 2],
        as_t: impl Fn(f64) -> T,
    ) -> Vec<T> {
        let key = self.call_key();
        self.draw += 1;
        let mut out = Vec::with_capacity(rows * cols);
        for row in 0..rows as u64 {
            for block in 0..cols.div_ceil(2) {
                let [a, b] = pair(self.words(self.first + row, block as u32, key));
                out.push(as_t(a));
                if 2 * block + 1 < cols {
                    out.push(as_t(b));
                }
            }
        }
        out
    }

    fn call_key(&self) -> [u32; 4] {
        philox(
            [low(self.stream), high(self.stream), low(self.draw), high(self.draw)],
            [low(self.seed), high(self.seed)],
        )
    }

    fn words(&self, sample: u64, block: u32, key: [u32; 4]) -> [u64; 2] {
        let w = philox([low(sample), high(sample), block, key[2]], [key[0], key[1]]);
        [u64::from(w[0]) | u64::from(w[1]) << 32, u64::from(w[2]) | u64::from(w[3]) << 32]
    }
}

fn low(x: u64) -> u32 {
    x as u32
}

fn high(x: u64) -> u32 {
    (x >> 32) as u32
}

/// The top 52 bits as the middle of one of 2^52 equal cells: never 0, never 1, symmetric about 1/2.
fn unit(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

fn normal_pair(words: [u64; 2]) -> [f64; 2] {
    let radius = (-2.0 * libm::log(unit(words[0]))).sqrt();
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * unit(words[1]));
    [radius * cos, radius * sin]
}

/// Ten rounds of Philox 4x32.
fn philox(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
        }
        let p0 = u64::from(c[0]) * 0xD251_1F53;
        let p1 = u64::from(c[2]) * 0xCD9E_8D57;
        c = [high(p1) ^ c[1] ^ k[0], low(p1), high(p0) ^ c[3] ^ k[1], low(p0)];
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_reproduces_the_published_known_answers() {
        // Random123 kat_vectors, lines "philox4x32 10": zeros, all ones, digits of pi.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn a_sample_does_not_depend_on_its_batch() {
        let whole = Rng::new(7).stream(3).normal(10, 5);
        for (size, start) in [(1, 4), (3, 7), (6, 2)] {
            let part = Rng::new(7).stream(3).at(start).normal(size, 5);
            assert_eq!(part[..], whole[start as usize * 5..(start as usize + size) * 5]);
        }
        let wide = Rng::new(7).stream(3).normal(10, 8);
        assert!((0..10).all(|r| wide[r * 8..r * 8 + 5] == whole[r * 5..r * 5 + 5]));
    }

    #[test]
    fn seeds_streams_and_draws_all_differ() {
        let mut rng = Rng::new(1);
        let (a, b) = (rng.uniform(1, 4), rng.uniform(1, 4));
        assert_eq!(rng.draw, 2);
        assert_ne!(a, b);
        assert_ne!(a, Rng::new(2).uniform(1, 4));
        assert_ne!(a, Rng::new(1).stream(1).uniform(1, 4));
        assert_ne!(a, Rng::new(1 << 32 | 1).uniform(1, 4));
    }

    #[test]
    fn normals_have_the_moments_of_a_normal_within_five_sigmas() {
        let n: f64 = 400_000.0;
        let z = Rng::new(11).normal_f64(1000, 400);
        let moment = |p: i32| z.iter().map(|v| v.powi(p)).sum::<f64>() / n;
        // Var[z^p] = E z^2p - (E z^p)^2, with E z^2, z^4, z^6, z^8 = 1, 3, 15, 105.
        for (p, mean, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let pull = (moment(p) - mean) / (variance / n).sqrt();
            assert!(pull.abs() < 5.0, "moment {p}: {pull} sigmas");
        }
        let pairs = z.chunks(2).map(|p| p[0] * p[1]).sum::<f64>() / (n / 2.0);
        assert!((pairs * (n / 2.0).sqrt()).abs() < 5.0);
    }

    #[test]
    fn uniform_numbers_stay_inside_the_open_interval() {
        assert!(unit(0) > 0.0 && unit(u64::MAX) < 1.0);
        assert_eq!(unit(0), 1.0 - unit(u64::MAX));
    }

    #[test]
    fn stratified_numbers_leave_no_large_gap() {
        // Three-distance theorem: n points of the golden rotation have gaps below phi^2/n = 2.618/n.
        for (first, n) in [(0, 64), (1000, 100), (123_456, 999)] {
            let mut u = Rng::new(5).at(first).stratified(n);
            u.sort_by(f64::total_cmp);
            let wrap = 1.0 - u[n - 1] + u[0];
            let gap = u.windows(2).map(|w| w[1] - w[0]).fold(wrap, f64::max);
            assert!(gap < 2.62 / n as f64, "{gap} for {n}");
        }
    }

    #[test]
    fn every_permutation_of_three_is_equally_likely_within_five_sigmas() {
        let mut rng = Rng::new(3);
        let mut seen = std::collections::HashMap::new();
        for _ in 0..6000 {
            *seen.entry(rng.permutation(3)).or_insert(0.0) += 1.0;
        }
        assert_eq!(seen.len(), 6);
        // Binomial(6000, 1/6): sigma = sqrt(6000 * 5/36) = 28.9.
        assert!(seen.values().all(|n: &f64| (n - 1000.0).abs() < 5.0 * 28.9));
        assert_eq!(Rng::new(3).permutation(0), Vec::<u32>::new());
    }
}
