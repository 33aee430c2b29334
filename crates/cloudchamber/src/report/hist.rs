//! Histograms with honest errors.
//!
//! A bin filled by independent jets has variance n. Particles of one jet are not independent: with c_jb particles of jet j
//! in bin b the variance is sum_j c_jb^2, which falls back to n where no jet fills a bin twice.

/// Values of one observable, one for each jet, or several for each jet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub values: Vec<f32>,
    /// Number of consecutive values that belong to each jet; `None` is one each.
    pub per_jet: Option<Vec<u32>>,
}

/// How the range of an observable is cut into bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    Linear,
    Log,
    Integer,
}

/// Increasing bin edges; bin b is [edge b, edge b+1), the last one is closed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bins {
    pub edges: Vec<f64>,
}

impl Bins {
    /// Bins that show the central 99.8 % of a sample, about 2 n^(1/3) of them between 12 and 50; `None` without a usable value.
    pub fn choose(sample: &Sample, scale: Scale) -> Option<Bins> {
        let mut values: Vec<f32> =
            sample.values.iter().copied().filter(|v| v.is_finite() && (scale != Scale::Log || *v > 0.0)).collect();
        if values.is_empty() {
            return None;
        }
        values.sort_unstable_by(f32::total_cmp);
        let at = |q: f64| f64::from(values[(q * (values.len() - 1) as f64).round() as usize]);
        let (lo, hi, smallest) = (at(0.001), at(0.999), at(0.0));
        let n = (2.0 * (values.len() as f64).cbrt()).round().clamp(12.0, 50.0) as usize;
        Some(match scale {
            Scale::Integer => Bins::integer(lo, hi),
            Scale::Log => {
                let (lo, hi) = (lo.ln(), hi.ln());
                let pad = if hi > lo { 0.01 * (hi - lo) } else { 0.5 };
                let bins = Bins::even(lo - pad, hi + pad, n);
                Bins { edges: bins.edges.into_iter().map(f64::exp).collect() }
            }
            Scale::Linear => {
                let pad =
                    if hi - lo > 1e-6 * lo.abs().max(hi.abs()) { 0.02 * (hi - lo) } else { 0.5 * lo.abs().max(1e-3) };
                // A range that nearly reaches zero begins there.
                let start = if smallest >= 0.0 && lo - pad < 0.12 * (hi - lo) { 0.0 } else { lo - pad };
                Bins::even(start, hi + pad, n)
            }
        })
    }

    /// `n` equal bins.
    pub fn even(lo: f64, hi: f64, n: usize) -> Bins {
        Bins { edges: (0..=n).map(|i| lo + (hi - lo) * i as f64 / n as f64).collect() }
    }

    /// At most 60 bins of equal whole width, each centred on its whole numbers.
    pub fn integer(lo: f64, hi: f64) -> Bins {
        let (lo, hi) = (lo.floor(), hi.ceil());
        let width = ((hi - lo + 1.0) / 60.0).ceil().max(1.0);
        let n = ((hi - lo + 1.0) / width).ceil() as usize;
        Bins { edges: (0..=n).map(|i| lo - 0.5 + width * i as f64).collect() }
    }

    /// Number of bins.
    pub fn len(&self) -> usize {
        self.edges.len() - 1
    }

    pub fn width(&self, bin: usize) -> f64 {
        self.edges[bin + 1] - self.edges[bin]
    }

    fn find(&self, value: f64) -> Place {
        let last = self.edges[self.len()];
        match self.edges.partition_point(|e| *e <= value) {
            0 => Place::Below,
            i if i <= self.len() => Place::Bin(i - 1),
            _ if value == last => Place::Bin(self.len() - 1),
            _ => Place::Above,
        }
    }
}

enum Place {
    Below,
    Bin(usize),
    Above,
}

/// Counts of a sample in bins.
#[derive(Clone, Debug, Default)]
pub(super) struct Hist {
    pub counts: Vec<f64>,
    /// Variance of each count.
    pub variance: Vec<f64>,
    pub below: u64,
    pub above: u64,
    /// Values that are not numbers.
    pub invalid: u64,
    /// What densities are divided by: values that are numbers, or jets where a jet has several values.
    pub entries: f64,
}

impl Hist {
    /// Counts a sample.
    pub fn fill(bins: &Bins, sample: &Sample) -> Hist {
        let n = bins.len();
        let mut h = Hist { counts: vec![0.0; n], variance: vec![0.0; n], ..Hist::default() };
        let mut rest = &sample.values[..];
        let mut touched: Vec<usize> = Vec::new();
        let jets = sample.per_jet.as_ref().map_or(sample.values.len(), Vec::len);
        for jet in 0..jets {
            let take = sample.per_jet.as_ref().map_or(1, |p| p[jet] as usize).min(rest.len());
            let (own, others) = rest.split_at(take);
            rest = others;
            touched.clear();
            for &value in own {
                if !value.is_finite() {
                    h.invalid += 1;
                    continue;
                }
                match bins.find(f64::from(value)) {
                    Place::Below => h.below += 1,
                    Place::Above => h.above += 1,
                    Place::Bin(b) => touched.push(b),
                }
            }
            touched.sort_unstable();
            for same in touched.chunk_by(|a, b| a == b) {
                let c = same.len() as f64;
                h.counts[same[0]] += c;
                h.variance[same[0]] += c * c;
            }
        }
        h.entries = if sample.per_jet.is_some() { jets as f64 } else { jets as f64 - h.invalid as f64 };
        h
    }

    /// Number of values that are numbers.
    pub fn total(&self) -> f64 {
        self.counts.iter().sum::<f64>() + (self.below + self.above) as f64
    }

    /// Fraction of values outside the bins.
    pub fn outside(&self) -> f64 {
        let total = self.total();
        if total > 0.0 { (self.below + self.above) as f64 / total } else { 0.0 }
    }

    /// Density of a bin (per entry and unit of the axis; per bin if `whole`) and its standard error.
    pub fn density(&self, bins: &Bins, bin: usize) -> (f64, f64) {
        if self.entries <= 0.0 {
            return (0.0, 0.0);
        }
        let scale = 1.0 / (self.entries * bins.width(bin));
        (self.counts[bin] * scale, self.variance[bin].sqrt() * scale)
    }
}

/// Ratio of two independent counts per entry with the relative error of each: (ratio, numerator's, denominator's).
/// `None` where either bin is empty.
pub(super) fn ratio(numerator: (f64, f64), denominator: (f64, f64)) -> Option<(f64, f64, f64)> {
    let (n, d) = (numerator.0, denominator.0);
    (n > 0.0 && d > 0.0).then(|| (n / d, numerator.1 / n, denominator.1 / d))
}

/// Chi-square of two histograms of independent jets over bins that hold at least ten jets in all, and the number of those bins.
pub(super) fn chi_square(bins: &Bins, a: &Hist, b: &Hist) -> (f64, usize) {
    let mut sum = (0.0, 0);
    for bin in (0..bins.len()).filter(|&bin| a.counts[bin] + b.counts[bin] >= 10.0) {
        let ((x, ex), (y, ey)) = (a.density(bins, bin), b.density(bins, bin));
        sum.0 += (x - y).powi(2) / (ex * ex + ey * ey);
        sum.1 += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::uniform;

    fn sample(values: &[f32]) -> Sample {
        Sample { values: values.to_vec(), per_jet: None }
    }

    #[test]
    fn every_value_is_in_a_bin_or_counted_as_below_above_or_invalid() {
        let bins = Bins::even(0.0, 1.0, 4);
        let h = Hist::fill(&bins, &sample(&[-1.0, 0.0, 0.25, 0.99, 1.0, 1.5, f32::NAN, f32::INFINITY, 0.3]));
        assert_eq!(h.counts, [1.0, 2.0, 0.0, 2.0]);
        assert_eq!((h.below, h.above, h.invalid), (1, 1, 2));
        assert_eq!(h.total(), 7.0);
        assert_eq!(h.entries, 7.0);
        assert_eq!(h.variance, h.counts, "independent jets are Poisson");
    }

    #[test]
    fn densities_of_all_values_integrate_to_one() {
        let values: Vec<f32> = uniform(7, 5000).into_iter().map(|u| (-f64::ln(u)) as f32).collect();
        let s = sample(&values);
        for scale in [Scale::Linear, Scale::Log, Scale::Integer] {
            let bins = Bins::choose(&s, scale).unwrap();
            let h = Hist::fill(&bins, &s);
            let integral: f64 = (0..bins.len()).map(|b| h.density(&bins, b).0 * bins.width(b)).sum();
            assert!((integral + h.outside() - 1.0).abs() < 1e-9);
            assert!(h.outside() < 0.005, "{scale:?} shows all but {}", h.outside());
            assert!((12..=60).contains(&bins.len()) || scale == Scale::Integer);
        }
    }

    #[test]
    fn a_jet_that_fills_a_bin_three_times_counts_as_three_with_variance_nine() {
        let bins = Bins::even(0.0, 2.0, 2);
        let s = Sample { values: vec![0.5, 0.5, 1.5, 0.5, 1.5], per_jet: Some(vec![4, 1]) };
        let h = Hist::fill(&bins, &s);
        assert_eq!(h.counts, [3.0, 2.0]);
        assert_eq!(h.variance, [9.0, 2.0]);
        assert_eq!(h.entries, 2.0);
    }

    #[test]
    fn whole_numbers_sit_in_the_middle_of_their_bins() {
        let bins = Bins::integer(3.0, 30.0);
        assert_eq!(bins.len(), 28);
        assert_eq!((bins.edges[0], bins.edges[28]), (2.5, 30.5));
        let wide = Bins::integer(1.0, 150.0);
        assert!(wide.len() <= 60 && wide.width(0) == 3.0 && wide.edges[wide.len()] >= 150.0);
    }

    #[test]
    fn heavy_tails_constants_and_emptiness_leave_usable_bins() {
        let mut values: Vec<f32> = uniform(3, 4000).into_iter().map(|u| u as f32).collect();
        values.extend([1e6, 3e7]);
        let bins = Bins::choose(&sample(&values), Scale::Linear).unwrap();
        assert!(bins.edges[bins.len()] < 1.2, "two outliers do not set the range");
        for scale in [Scale::Linear, Scale::Log, Scale::Integer] {
            let bins = Bins::choose(&sample(&[2.0; 9]), scale).unwrap();
            assert!(bins.edges.windows(2).all(|w| w[1] > w[0]));
            assert_eq!(Hist::fill(&bins, &sample(&[2.0; 9])).counts.iter().sum::<f64>(), 9.0);
            assert!(Bins::choose(&sample(&[f32::NAN]), scale).is_none());
        }
        assert!(Bins::choose(&sample(&[-1.0, 0.0]), Scale::Log).is_none());
    }

    #[test]
    fn the_chi_square_of_two_draws_of_one_law_is_the_number_of_bins() {
        let bins = Bins::even(0.0, 1.0, 40);
        let draw =
            |seed, n| Hist::fill(&bins, &sample(&uniform(seed, n).into_iter().map(|u| u as f32).collect::<Vec<_>>()));
        let (mut chi, mut n) = (0.0, 0);
        for seed in 0..20 {
            let (c, b) = chi_square(&bins, &draw(2 * seed, 4000), &draw(2 * seed + 1, 8000));
            chi += c;
            n += b;
        }
        // 20 repetitions of 40 bins: mean 800 (780 for fixed totals), sigma 40.
        assert_eq!(n, 800);
        assert!((chi - 790.0).abs() < 4.0 * 40.0, "chi2 {chi}");
    }
}
