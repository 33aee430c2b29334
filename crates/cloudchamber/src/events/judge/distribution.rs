//! One observable bin by bin: shares of true and generated events, their errors, and the spread over draws of a Bayesian network.

use std::collections::BTreeMap;

use collider::zjets::Event;
use collider::zjets::observables::Observable;
use serde::Serialize;

use super::binning::{Binning, pulls, values};

/// Bins of an observable.
const BINS: usize = 40;
/// Least share of true events in a bin that counts for the deviation.
const SHARE: f64 = 0.01;

/// One bin of an observable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower edge.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// Share of true events, by weight.
    pub truth: f64,
    /// Its statistical error.
    pub truth_error: f64,
    /// Share of generated events, by weight.
    pub generated: f64,
    /// Its statistical error.
    pub generated_error: f64,
    /// Statistical error of the ratio generated/truth, of both samples.
    pub error: f64,
    /// (Generated - truth) over its statistical error if both had one law; none in bins with fewer than ten events.
    pub pull: Option<f64>,
    /// What draws of a Bayesian network say of the share; none for one network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<Draws>,
}

/// The share of a bin over draws of a Bayesian network's weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Draws {
    /// Mean over draws.
    pub mean: f64,
    /// Standard deviation over draws that their statistics do not explain: the root of sample variance less mean statistical variance, at least 0.
    pub spread: f64,
}

impl Bin {
    /// Generated over truth.
    pub fn ratio(&self) -> f64 {
        self.generated / self.truth
    }
}

/// An observable's distribution in both samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// The observable.
    pub observable: String,
    /// Its bins.
    pub bins: Vec<Bin>,
    /// Shares of true and of generated events below the first bin, as jets without a mass.
    pub below: [f64; 2],
    /// Shares of true and of generated events above the last bin.
    pub above: [f64; 2],
    /// Median over bins with at least 1 % of the true events of |generated/truth - 1|.
    pub deviation: f64,
    /// Sum of squared pulls: about the number of pulls for samples of one law.
    pub chi_square: f64,
    /// Bins that have a pull.
    pub pulls: usize,
    /// The pull furthest from zero; 0 if there is none.
    pub largest_pull: f64,
}

impl Distribution {
    /// The distributions of an observable in bins chosen from true events; `None` if these do not have it.
    pub fn of(observable: &Observable, truth: &[Event], generated: &[Event]) -> Option<Distribution> {
        let true_values = values(observable, truth);
        let binning = Binning::of(observable.axis, &true_values, BINS)?;
        let (t, g) = (binning.shares(&true_values), binning.shares(&values(observable, generated)));
        let draws = over_draws(&binning, observable, generated);
        let pulls = pulls(&t, &g);
        let bin = |k: usize| {
            let (truth_error, generated_error) = (t.variance[k].sqrt(), g.variance[k].sqrt());
            let ratio = g.share[k] / t.share[k];
            Bin {
                low: binning.edge(k),
                high: binning.edge(k + 1),
                truth: t.share[k],
                truth_error,
                generated: g.share[k],
                generated_error,
                error: (ratio * truth_error).hypot(generated_error) / t.share[k],
                pull: pulls[k],
                draws: draws.as_ref().map(|d| d[k]),
            }
        };
        let bins: Vec<Bin> = (0..binning.bins()).map(bin).collect();
        let pulls: Vec<f64> = pulls.into_iter().flatten().collect();
        let distribution = Distribution {
            observable: observable.name.into(),
            deviation: deviation(&bins)?,
            below: [t.outside[0], g.outside[0]],
            above: [t.outside[1], g.outside[1]],
            bins,
            chi_square: pulls.iter().map(|p| p * p).sum(),
            pulls: pulls.len(),
            largest_pull: pulls.into_iter().fold(0.0, |m: f64, p| if p.abs() > m.abs() { p } else { m }),
        };
        Some(distribution)
    }
}

/// Median over bins with at least 1 % of the true events of |generated/truth - 1|; `None` if there is no such bin.
pub fn deviation<'a>(bins: impl IntoIterator<Item = &'a Bin>) -> Option<f64> {
    let off: Vec<f64> = bins.into_iter().filter(|b| b.truth >= SHARE).map(|b| (b.ratio() - 1.0).abs()).collect();
    (!off.is_empty()).then(|| metrics::quantile(&off, 0.5))
}

/// Mean and spread over draws in each bin; `None` for fewer than two draws.
fn over_draws(binning: &Binning, observable: &Observable, events: &[Event]) -> Option<Vec<Draws>> {
    let mut by_draw: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for event in events.iter().filter(|e| e.weight != 0.0) {
        by_draw.entry(event.draw).or_default().extend(observable.of(event).map(|x| (x, event.weight)));
    }
    if by_draw.len() < 2 {
        return None;
    }
    let draws: Vec<_> = by_draw.values().map(|values| binning.shares(values)).collect();
    let n = draws.len() as f64;
    let one = |k: usize| {
        let mean = draws.iter().map(|d| d.share[k]).sum::<f64>() / n;
        let sample = draws.iter().map(|d| (d.share[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let statistical = draws.iter().map(|d| d.variance[k]).sum::<f64>() / n;
        Draws { mean, spread: (sample - statistical).max(0.0).sqrt() }
    };
    Some((0..binning.bins()).map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::judge::tests::{observable, with_eta};
    use diffusion::Rng;

    /// Events whose jets have a normal eta with these means, `each` for every draw.
    fn drawn(seed: u64, means: &[f64], each: usize) -> Vec<Event> {
        let mut rng = Rng::new(seed);
        let one = |(draw, mean): (usize, &f64)| -> Vec<Event> {
            let etas = rng.normal_f64(each, 1);
            etas.into_iter().map(|eta| Event { draw: draw as u32, ..with_eta(eta + mean) }).collect()
        };
        means.iter().enumerate().flat_map(one).collect()
    }

    #[test]
    fn the_spread_over_draws_is_that_of_their_laws_without_their_statistics() {
        // 200 draws with means of spread 0.1: the share p(x) of a bin has the spread |p'(x)| 0.1, to first order, with p' = -x p.
        let spread = 0.1;
        let means: Vec<f64> = Rng::new(4).normal_f64(200, 1).into_iter().map(|x| spread * x).collect();
        let truth = drawn(1, &[0.0], 50_000);
        let found = Distribution::of(observable("eta_j1"), &truth, &drawn(2, &means, 2000)).unwrap();
        let (mut told, mut expected) = (0.0, 0.0);
        for bin in &found.bins {
            let x = (bin.low + bin.high) / 2.0;
            let draws = bin.draws.unwrap();
            told += draws.spread.powi(2);
            expected += (x * bin.truth * spread).powi(2);
            assert!(
                (draws.mean - bin.generated).abs() < 1e-12,
                "draws of one size: the mean share is the share of all"
            );
        }
        // The sum of variances over bins follows one chi-square of 200 draws (sigma sqrt(2/200) = 10 %) and the noise of 40 bins (about 5 %).
        let sigma = 0.11;
        assert!((told / expected - 1.0).abs() < 3.0 * sigma, "{told} {expected}");
    }

    #[test]
    fn draws_of_one_law_have_next_to_no_spread_and_one_network_none() {
        let truth = drawn(1, &[0.0], 20_000);
        let found = Distribution::of(observable("eta_j1"), &truth, &drawn(2, &[0.0; 50], 1000)).unwrap();
        // The difference of variances has a spread of sqrt(2/49) of the statistical variance v; its positive part averages to 0.4 of that.
        let (mut told, mut statistical) = (0.0, 0.0);
        for bin in &found.bins {
            told += bin.draws.unwrap().spread.powi(2);
            statistical += 50.0 * bin.generated_error.powi(2);
        }
        let expected = 0.4 * (2.0f64 / 49.0).sqrt();
        assert!((told / statistical - expected).abs() < 0.05, "{} {expected}", told / statistical);
        let single = Distribution::of(observable("eta_j1"), &truth, &drawn(3, &[0.0], 1000)).unwrap();
        assert!(single.bins.iter().all(|bin| bin.draws.is_none()));
    }

    #[test]
    fn chi_square_of_samples_of_one_law_is_the_number_of_pulls() {
        let (mut chi, mut pulls) = (0.0, 0);
        // Few true events too, some of whose bins are empty where there are ten generated ones.
        for seed in 0..40 {
            let n = if seed % 2 == 0 { 4000 } else { 300 };
            let (truth, mut ours) = (drawn(100 + seed, &[0.0], n), drawn(200 + seed, &[0.0], 6000));
            // Weights that do not depend on eta change the statistics only.
            ours.iter_mut().enumerate().for_each(|(i, e)| e.weight = 0.5 + (i % 3) as f64);
            let found = Distribution::of(observable("eta_j1"), &truth, &ours).unwrap();
            chi += found.chi_square;
            pulls += found.pulls;
            assert!(found.bins.iter().filter_map(|b| b.pull).any(|p| p == found.largest_pull));
        }
        let sigma = (2.0 * pulls as f64).sqrt();
        assert!((chi - pulls as f64).abs() < 4.0 * sigma, "{chi} of {pulls}");
    }
}
