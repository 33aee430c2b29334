//! Pairs of observables: rank correlations of true and generated events, and maps of both.

use collider::zjets::Event;
use collider::zjets::observables::{Axis, OBSERVABLES, Observable};
use serde::Serialize;

use super::binning::{Binning, pulls, shares, values};

/// The pairs that are looked at, where events have both.
const PAIRS: [[&str; 2]; 7] = [
    ["pt_z", "pt_j1"],
    ["pt_j1", "mass_j1"],
    ["pt_z", "dphi_mumu"],
    ["dphi_j1_j2", "dr_j1_j2"],
    ["eta_j1", "eta_j2"],
    ["dr_j1_j2", "mass_j1_j2"],
    ["dr_j1_j3", "dr_j2_j3"],
];
/// Cells of a map in each direction.
const CELLS: usize = 24;

/// A pair of observables in true and in generated events.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// The observables.
    pub pair: [&'static str; 2],
    /// Spearman's rank correlation of true events and its error.
    pub truth: [f64; 2],
    /// That of generated events.
    pub generated: [f64; 2],
    /// Where they are.
    #[serde(skip)]
    pub map: Map,
}

/// Shares of events in a grid of cells, row by row from the lowest value of the second observable.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Edges of the cells in the first and in the second observable.
    pub edges: [Vec<f64>; 2],
    /// Whether each of these axes is logarithmic.
    pub logarithmic: [bool; 2],
    /// Share of true events.
    pub truth: Vec<f64>,
    /// Share of generated events.
    pub generated: Vec<f64>,
    /// (Generated - truth) over its statistical error if both had one law; none in cells with fewer than ten events.
    pub pull: Vec<Option<f64>>,
}

impl Correlation {
    /// A pair of observables; `None` if true events do not have both.
    pub fn of(pair: [&'static str; 2], truth: &[Event], generated: &[Event]) -> Option<Correlation> {
        let [x, y] = pair.map(|name| OBSERVABLES.iter().find(|o| o.name == name));
        let (x, y) = (x?, y?);
        Some(Correlation {
            pair,
            truth: spearman(&both(x, y, truth))?,
            generated: spearman(&both(x, y, generated))?,
            map: Map::of(x, y, truth, generated)?,
        })
    }

    /// All pairs that such events have.
    pub fn all(truth: &[Event], generated: &[Event]) -> Vec<Correlation> {
        PAIRS.iter().filter_map(|pair| Correlation::of(*pair, truth, generated)).collect()
    }

    /// Generated less true correlation, and its error.
    pub fn difference(&self) -> [f64; 2] {
        [self.generated[0] - self.truth[0], self.generated[1].hypot(self.truth[1])]
    }
}

impl Map {
    fn of(x: &Observable, y: &Observable, truth: &[Event], generated: &[Event]) -> Option<Map> {
        let binning = |o: &Observable| Binning::of(o.axis, &values(o, truth), CELLS);
        let (columns, rows) = (binning(x)?, binning(y)?);
        let fill = |events: &[Event]| {
            let place = |(x, y, w): (f64, f64, f64)| (columns.place(x).zip(rows.place(y)), w);
            let cells = both(x, y, events).into_iter().map(place);
            shares(CELLS * CELLS, cells.map(|(at, w)| (at.map(|(column, row)| row * CELLS + column), w)))
        };
        let (t, g) = (fill(truth), fill(generated));
        Some(Map {
            edges: [&columns, &rows].map(|b| (0..=CELLS).map(|k| b.edge(k)).collect()),
            logarithmic: [x, y].map(|o| o.axis == Axis::Logarithmic),
            pull: pulls(&t, &g),
            truth: t.share,
            generated: g.share,
        })
    }
}

/// The values of two observables and the weight of each event that has them.
fn both(x: &Observable, y: &Observable, events: &[Event]) -> Vec<(f64, f64, f64)> {
    events.iter().filter(|e| e.weight != 0.0).filter_map(|e| Some((x.of(e)?, y.of(e)?, e.weight))).collect()
}

/// Spearman's correlation of weighted points and its error: Pearson's of the ranks, a rank being the weight below (and half of that at the value).
///
/// The error is (1 - r^2) sqrt((1 + r^2/2)/(n - 3)), Bonett and Wright's (2000) for Fisher's transform, with the effective number of events.
/// `None` for too few points or constant ones.
fn spearman(points: &[(f64, f64, f64)]) -> Option<[f64; 2]> {
    let weights: Vec<f64> = points.iter().map(|p| p.2).collect();
    let x = ranks(&points.iter().map(|p| p.0).collect::<Vec<_>>(), &weights);
    let y = ranks(&points.iter().map(|p| p.1).collect::<Vec<_>>(), &weights);
    let total: f64 = weights.iter().sum();
    let effective = total * total / weights.iter().map(|w| w * w).sum::<f64>();
    let mean = |v: &[f64]| v.iter().zip(&weights).map(|(v, w)| v * w).sum::<f64>() / total;
    let (mx, my) = (mean(&x), mean(&y));
    let moment = |a: &[f64], ma: f64, b: &[f64], mb: f64| -> f64 {
        a.iter().zip(b).zip(&weights).map(|((a, b), w)| w * (a - ma) * (b - mb)).sum()
    };
    let r = moment(&x, mx, &y, my) / (moment(&x, mx, &x, mx) * moment(&y, my, &y, my)).sqrt();
    let error = (1.0 - r * r) * ((1.0 + r * r / 2.0) / (effective - 3.0)).sqrt();
    (r.is_finite() && error.is_finite()).then_some([r, error])
}

fn ranks(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0.0;
    for ties in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let weight: f64 = ties.iter().map(|i| weights[*i]).sum();
        ties.iter().for_each(|i| ranks[*i] = below + 0.5 * weight);
        below += weight;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use diffusion::Rng;

    /// Normal pairs of correlation rho.
    fn pairs(seed: u64, n: usize, rho: f64) -> Vec<(f64, f64, f64)> {
        let numbers = Rng::new(seed).normal_f64(n, 2);
        let y = |p: &[f64]| rho * p[0] + (1.0 - rho * rho).sqrt() * p[1];
        numbers.chunks(2).map(|p| (p[0], y(p), 1.0)).collect()
    }

    #[test]
    fn normal_pairs_have_the_rank_correlation_of_the_closed_form_and_the_stated_error() {
        // Spearman's correlation of normal pairs is (6/pi) arcsin(rho/2).
        let rho: f64 = 0.6;
        let exact = 6.0 / std::f64::consts::PI * (rho / 2.0).asin();
        let found: Vec<[f64; 2]> = (0..200).map(|seed| spearman(&pairs(seed, 500, rho)).unwrap()).collect();
        let pulls: Vec<f64> = found.iter().map(|[r, error]| (r - exact) / error).collect();
        let mean = pulls.iter().sum::<f64>() / 200.0;
        let square = pulls.iter().map(|p| p * p).sum::<f64>() / 200.0;
        // 200 repetitions: the mean to 1/sqrt(200) = 0.07, the mean square to sqrt(2/200) = 0.1, both at 4 sigma; the bias is O(1/n).
        assert!(mean.abs() < 0.3 && (square - 1.0).abs() < 0.4, "{mean} {square}");
    }

    #[test]
    fn monotonic_functions_and_whole_weights_change_nothing() {
        let points = pairs(7, 400, 0.5);
        let bent: Vec<_> = points.iter().map(|(x, y, w)| (x.exp(), y.powi(3), *w)).collect();
        assert_eq!(spearman(&points), spearman(&bent));
        let twice: Vec<_> = points.iter().chain(&points[..100]).copied().collect();
        let weighted: Vec<_> =
            points.iter().enumerate().map(|(i, p)| (p.0, p.1, if i < 100 { 2.0 } else { 1.0 })).collect();
        assert!((spearman(&twice).unwrap()[0] - spearman(&weighted).unwrap()[0]).abs() < 1e-9);
        assert!(spearman(&[(1.0, 2.0, 1.0); 20]).is_none());
    }
}
