//! Generated against true events: one-dimensional distributions bin by bin, the resonance, forbidden regions, and a classifier; each beside the
//! same figure for training events, the statistical floor.

use collider::fourvector::wrap_phi;
use collider::zjets::observables::{Axis, OBSERVABLES, Observable};
use collider::zjets::{Cuts, Event};
use diffusion::Rng;
use metrics::{C2st, Matrix, c2st};
use serde::Serialize;

use crate::Error;

/// Bins between the quantiles of an observable in true events.
const BINS: usize = 40;
/// The outermost part of true events on either side that no bin holds.
const TAIL: f64 = 0.002;
/// Least share of true events in a bin that counts for the deviation.
const SHARE: f64 = 0.01;
/// Window around the mass of the Z for its peak \[GeV\].
const PEAK: [f64; 2] = [86.19, 96.19];
/// Seed of the lots that decide which weighted events are kept.
const UNWEIGHTING: u64 = 0x77;
/// Most events of each sample that the classifier sees.
const CLASSIFIED: usize = 50_000;

/// One bin of an observable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower edge.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// Share of true events, by weight.
    pub truth: f64,
    /// Share of generated events, by weight.
    pub generated: f64,
    /// Statistical error of the ratio generated/truth, of both samples.
    pub error: f64,
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
    /// Median over bins with at least 1 % of the true events of |generated/truth - 1|.
    pub deviation: f64,
}

/// Position and width of the resonance: mean and standard deviation of the pair's mass between 86.19 and 96.19 GeV.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Peak {
    /// Mean \[GeV\].
    pub position: f64,
    /// Standard deviation \[GeV\].
    pub width: f64,
}

/// Generated against true events with the same number of jets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// Number of jets.
    pub jets: usize,
    /// Number of true and of generated events.
    pub events: [usize; 2],
    /// Effective number of generated events, (sum w)^2 / sum w^2.
    pub effective: f64,
    /// All observables that such events have.
    pub distributions: Vec<Distribution>,
    /// The resonance in true and in generated events.
    pub peak: [Peak; 2],
    /// Share of generated events with two jets closer than the cut.
    pub overlapping: f64,
    /// Area under the ROC curve of a classifier, and its error.
    pub auc: [f64; 2],
}

/// Judges generated events with `jets` jets; `None` if one of the samples has fewer than a hundred of them.
pub fn judge(truth: &[Event], generated: &[Event], jets: usize, cuts: &Cuts) -> Result<Option<Judgement>, Error> {
    let of = |events: &[Event]| -> Vec<Event> { events.iter().filter(|e| e.jets.len() == jets).cloned().collect() };
    let (truth, generated) = (of(truth), of(generated));
    if truth.len().min(generated.len()) < 100 {
        return Ok(None);
    }
    let distributions = OBSERVABLES.iter().filter_map(|o| distribution(o, &truth, &generated)).collect();
    let (sum, square) = generated.iter().fold((0.0, 0.0), |(s, q), e| (s + e.weight, q + e.weight * e.weight));
    let close = generated.iter().filter(|e| e.weight != 0.0 && e.closest_jets() < cuts.separation).count();
    let report = c2st(&features(&truth)?, &features(&unweighted(&generated))?, &C2st::default())?;
    let auc = report.auc.estimate();
    Ok(Some(Judgement {
        jets,
        events: [truth.len(), generated.len()],
        effective: sum * sum / square,
        distributions,
        peak: [peak(&truth), peak(&generated)],
        overlapping: close as f64 / generated.len() as f64,
        auc: [auc.value, auc.error],
    }))
}

/// The distributions of an observable in bins chosen from true events.
fn distribution(observable: &Observable, truth: &[Event], generated: &[Event]) -> Option<Distribution> {
    let values = |events: &[Event]| -> Vec<(f64, f64)> {
        events.iter().filter_map(|e| Some((observable.of(e)?, e.weight))).collect()
    };
    let (truth, generated) = (values(truth), values(generated));
    if truth.is_empty() {
        return None;
    }
    let mut sorted: Vec<f64> = truth.iter().map(|(x, _)| *x).collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (metrics::quantile(&sorted, TAIL), metrics::quantile(&sorted, 1.0 - TAIL));
    let to = |x: f64| if observable.axis == Axis::Logarithmic { x.ln() } else { x };
    let from = |x: f64| if observable.axis == Axis::Logarithmic { x.exp() } else { x };
    if !(to(low).is_finite() && to(high) > to(low)) {
        return None;
    }
    let width = (to(high) - to(low)) / BINS as f64;
    let fill = |values: &[(f64, f64)]| {
        let mut bins = vec![[0.0; 2]; BINS];
        let mut total = 0.0;
        for (x, weight) in values {
            total += weight;
            let place = ((to(*x) - to(low)) / width).floor();
            if place >= 0.0 && place < BINS as f64 {
                bins[place as usize][0] += weight;
                bins[place as usize][1] += weight * weight;
            }
        }
        (bins, total)
    };
    let ((true_bins, true_total), (bins, total)) = (fill(&truth), fill(&generated));
    let bin = |k: usize| {
        let (truth, generated) = (true_bins[k][0] / true_total, bins[k][0] / total);
        let relative = |bin: [f64; 2]| if bin[0] > 0.0 { bin[1] / (bin[0] * bin[0]) } else { 0.0 };
        let error = generated / truth * (relative(true_bins[k]) + relative(bins[k])).sqrt();
        let edge = |k: usize| from(to(low) + width * k as f64);
        Bin { low: edge(k), high: edge(k + 1), truth, generated, error }
    };
    let bins: Vec<Bin> = (0..BINS).map(bin).collect();
    let mut off: Vec<f64> = bins.iter().filter(|b| b.truth >= SHARE).map(|b| (b.ratio() - 1.0).abs()).collect();
    off.sort_by(f64::total_cmp);
    (!off.is_empty()).then(|| Distribution {
        observable: observable.name.into(),
        bins,
        deviation: metrics::quantile(&off, 0.5),
    })
}

fn peak(events: &[Event]) -> Peak {
    let masses = events.iter().map(|e| (e.boson().mass(), e.weight)).filter(|(m, _)| (PEAK[0]..PEAK[1]).contains(m));
    let (n, sum, square) = masses.fold((0.0, 0.0, 0.0), |(n, s, q), (m, w)| (n + w, s + w * m, q + w * m * m));
    let position = sum / n;
    Peak { position, width: (square / n - position * position).max(0.0).sqrt() }
}

/// Events of weight one: each is kept with the probability of its weight over the largest. All of them if they weigh the same.
pub fn unweighted(events: &[Event]) -> Vec<Event> {
    let largest = events.iter().map(|e| e.weight).fold(0.0, f64::max);
    let lots = Rng::new(UNWEIGHTING).uniform(events.len(), 1);
    let kept = events.iter().zip(lots).filter(|(event, lot)| lot * largest < event.weight);
    kept.map(|(event, _)| Event { weight: 1.0, ..event.clone() }).collect()
}

/// What the classifier sees: every momentum relative to the first muon, and the features that networks miss first.
fn features(events: &[Event]) -> Result<Matrix, Error> {
    let events = &events[..events.len().min(CLASSIFIED)];
    let row = |event: &Event| {
        let [first, second] = &event.muons;
        let phi = |object: &collider::zjets::Object| wrap_phi(object.phi - first.phi);
        let z = event.boson();
        let mut row = vec![first.pt.ln(), first.eta, second.pt.ln(), second.eta, phi(second), z.mass(), z.pt().ln()];
        for (k, jet) in event.jets.iter().enumerate() {
            row.extend([jet.pt.ln(), jet.eta, phi(jet), jet.mass.max(1e-3).ln()]);
            row.extend(event.jets[..k].iter().map(|other| other.delta_r(jet)));
        }
        row
    };
    let rows: Vec<Vec<f64>> = events.iter().map(row).collect();
    let columns = rows.first().map_or(0, Vec::len);
    Ok(Matrix::new(rows.len(), columns, rows.concat())?)
}

/// Judgements as text, those of the floor beside them.
pub fn table(judged: &[Judgement], floor: &[Judgement]) -> String {
    let mut out = String::new();
    for one in judged {
        let floor = floor.iter().find(|f| f.jets == one.jets);
        let beside = |value: Option<String>| value.map_or(String::new(), |v| format!("  (floor {v})"));
        let jets = if one.jets == 1 { "jet" } else { "jets" };
        out += &format!(
            "{} {jets}: {} true and {} generated events, effectively {:.0}\n",
            one.jets, one.events[0], one.events[1], one.effective
        );
        for d in &one.distributions {
            let of = |j: &Judgement| j.distributions.iter().find(|f| f.observable == d.observable).map(|f| f.deviation);
            let floor = beside(floor.and_then(of).map(|v| format!("{:.2} %", 100.0 * v)));
            out += &format!("  {:<12} {:>6.2} %{floor}\n", d.observable, 100.0 * d.deviation);
        }
        let [truth, ours] = one.peak;
        out += &format!(
            "  Z peak       {:+.3} GeV, width {:+.1} %{}\n",
            ours.position - truth.position,
            100.0 * (ours.width / truth.width - 1.0),
            beside(floor.map(|f| format!(
                "{:+.3} GeV, {:+.1} %",
                f.peak[1].position - f.peak[0].position,
                100.0 * (f.peak[1].width / f.peak[0].width - 1.0)
            )))
        );
        if one.jets > 1 {
            out += &format!("  overlapping  {:.3} %\n", 100.0 * one.overlapping);
        }
        let floor = beside(floor.map(|f| format!("{:.4} \u{b1} {:.4}", f.auc[0], f.auc[1])));
        out += &format!("  AUC          {:.4} \u{b1} {:.4}{floor}\n", one.auc[0], one.auc[1]);
    }
    out
}
