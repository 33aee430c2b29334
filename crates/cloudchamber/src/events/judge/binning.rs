//! Bins of an observable, chosen from true events, and the shares of events in them.

use collider::zjets::Event;
use collider::zjets::observables::{Axis, Observable};

/// Least number of events of both samples in a bin that has a pull.
const ENTRIES: usize = 10;
/// The outermost part of true events on either side that no bin holds.
const TAIL: f64 = 0.002;

/// A logarithmic axis begins no lower than the median over this: masses of jets of one particle are zero or what rounding leaves of it.
const REACH: f64 = 30.0;

/// Even bins between the outer quantiles of true events, in the logarithm for a logarithmic axis.
#[derive(Clone, Copy, Debug)]
pub struct Binning {
    low: f64,
    width: f64,
    bins: usize,
    axis: Axis,
}

/// Shares of the weight of all events in each bin.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Sum of weights over that of all events.
    pub share: Vec<f64>,
    /// Statistical variance of the share p: sum over events of (w (1 or 0 - p))^2 over the squared sum of weights.
    pub variance: Vec<f64>,
    /// Events with a weight.
    pub entries: Vec<usize>,
    /// Variance of a small share over the share, (sum w^2)/(sum w of the bin)/(sum w of all): one over the number of unweighted events.
    pub unit: Vec<f64>,
    /// Share below the first and above the last bin.
    pub outside: [f64; 2],
}

/// Values of an observable with their weights, of the events that have it.
pub fn values(observable: &Observable, events: &[Event]) -> Vec<(f64, f64)> {
    events.iter().filter_map(|e| Some((observable.of(e)?, e.weight))).collect()
}

impl Binning {
    /// `bins` bins for the values of true events; `None` if they are all the same, or cannot be on the axis.
    pub fn of(axis: Axis, truth: &[(f64, f64)], bins: usize) -> Option<Binning> {
        if truth.is_empty() {
            return None;
        }
        let values: Vec<f64> = truth.iter().map(|(x, _)| *x).collect();
        let [mut low, median, high] = [TAIL, 0.5, 1.0 - TAIL].map(|q| metrics::quantile(&values, q));
        if axis == Axis::Logarithmic {
            low = low.max(median / REACH);
        }
        let [low, high] = [low, high].map(|x| to(axis, x));
        (low.is_finite() && high > low).then(|| Binning { low, width: (high - low) / bins as f64, bins, axis })
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Lower edge of a bin; the upper one of the last for the number of bins.
    pub fn edge(&self, bin: usize) -> f64 {
        let place = self.low + self.width * bin as f64;
        if self.axis == Axis::Logarithmic { place.exp() } else { place }
    }

    /// The bin of a value, if one holds it.
    pub fn place(&self, x: f64) -> Option<usize> {
        let place = ((to(self.axis, x) - self.low) / self.width).floor();
        (place >= 0.0 && place < self.bins as f64).then_some(place as usize)
    }

    /// Shares of events in the bins.
    pub fn shares(&self, values: &[(f64, f64)]) -> Shares {
        let (low, high) = (self.edge(0), self.edge(self.bins));
        let total: f64 = values.iter().map(|(_, w)| w).sum();
        let share = |out: &dyn Fn(f64) -> bool| values.iter().filter(|(x, _)| out(*x)).map(|(_, w)| w / total).sum();
        let outside = [share(&|x| x < low), share(&|x| x > high)];
        Shares { outside, ..shares(self.bins, values.iter().map(|(x, w)| (self.place(*x), *w))) }
    }
}

fn to(axis: Axis, x: f64) -> f64 {
    if axis == Axis::Logarithmic { x.ln() } else { x }
}

/// Shares of weighted events in numbered bins; events outside of all count in the total, on neither side.
pub fn shares(bins: usize, events: impl Iterator<Item = (Option<usize>, f64)>) -> Shares {
    let (mut total, mut square) = (0.0, 0.0);
    let mut sums = vec![[0.0; 2]; bins];
    let mut entries = vec![0; bins];
    for (bin, weight) in events {
        total += weight;
        square += weight * weight;
        if let Some(bin) = bin {
            sums[bin][0] += weight;
            sums[bin][1] += weight * weight;
            entries[bin] += usize::from(weight != 0.0);
        }
    }
    let share: Vec<f64> = sums.iter().map(|s| s[0] / total).collect();
    let variance = |(s, p): (&[f64; 2], &f64)| (s[1] * (1.0 - 2.0 * p) + p * p * square) / (total * total);
    let variance = sums.iter().zip(&share).map(variance).collect();
    let unit = |s: &[f64; 2]| if s[0] > 0.0 { s[1] / s[0] / total } else { square / (total * total) };
    let unit = sums.iter().map(unit).collect();
    Shares { share, variance, entries, unit, outside: [0.0; 2] }
}

/// (Generated - true share) over the standard deviation of this difference if both samples had one law; none in bins with fewer than ten events.
///
/// The deviation is that of the mean share of both samples, each counting by its statistics: it is right for bins that are empty in one of them too.
pub fn pulls(truth: &Shares, generated: &Shares) -> Vec<Option<f64>> {
    let one = |k: usize| {
        let (t, g) = (truth.unit[k], generated.unit[k]);
        let mean = (truth.share[k] / t + generated.share[k] / g) / (1.0 / t + 1.0 / g);
        let error = (mean * (1.0 - mean) * (t + g)).sqrt();
        (truth.entries[k] + generated.entries[k] >= ENTRIES && error > 0.0)
            .then(|| (generated.share[k] - truth.share[k]) / error)
    };
    (0..truth.share.len()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_unweighted_events_has_the_binomial_variance() {
        let events = (0..100).map(|i| (if i < 30 { Some(0) } else { None }, 2.0));
        let found = shares(1, events);
        assert!((found.share[0] - 0.3).abs() < 1e-12 && found.entries[0] == 30);
        assert!((found.variance[0] - 0.3 * 0.7 / 100.0).abs() < 1e-12, "a common weight does not matter");
    }

    #[test]
    fn a_value_is_between_the_edges_of_its_bin() {
        let values: Vec<(f64, f64)> = (1..1000).map(|i| (f64::from(i), 1.0)).collect();
        for axis in [Axis::Linear, Axis::Logarithmic] {
            let binning = Binning::of(axis, &values, 17).unwrap();
            for (x, _) in &values {
                if let Some(bin) = binning.place(*x) {
                    assert!(binning.edge(bin) <= x * (1.0 + 1e-12) && *x <= binning.edge(bin + 1) * (1.0 + 1e-12));
                }
            }
        }
        assert!(Binning::of(Axis::Linear, &[(1.0, 1.0); 9], 5).is_none());
        assert!(Binning::of(Axis::Logarithmic, &[(-1.0, 1.0), (-2.0, 1.0)], 5).is_none());
    }

    #[test]
    fn zeros_lie_below_a_logarithmic_axis_and_everything_is_somewhere() {
        let values: Vec<(f64, f64)> = (0..1000).map(|i| (if i < 50 { 0.0 } else { f64::from(i) }, 1.0)).collect();
        let binning = Binning::of(Axis::Logarithmic, &values, 10).unwrap();
        let found = binning.shares(&values);
        assert!((found.outside[0] - 0.05).abs() < 1e-9 && (binning.edge(0) - 499.5 / 30.0).abs() < 1e-9);
        assert!((found.share.iter().sum::<f64>() + found.outside.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
