//! Generated against true events: distributions bin by bin, the resonance, forbidden regions, correlations, and a classifier; each beside the
//! same figure for training events, the statistical floor.
//!
//! | module | |
//! |---|---|
//! | [`distribution`] | one observable: shares, errors, spread over draws of a Bayesian network, pulls |
//! | [`peak`] | position and width of the resonance |
//! | [`correlation`] | pairs of observables: rank correlations and maps |
//! | [`classifier`] | area, calibration and weights of a classifier |
//! | [`tails`] | where in phase space its weights are extreme |
//! | [`reweight`] | its weights as weights of the events |
//! | [`table`] | judgements as text |

pub mod classifier;
pub mod correlation;
pub mod distribution;
pub mod peak;
pub mod reweight;
pub mod tails;

mod binning;
#[cfg(test)]
pub(crate) mod tests;
mod text;

pub use text::table;

use collider::zjets::observables::OBSERVABLES;
use collider::zjets::{Cuts, Event};
use serde::Serialize;

use crate::Error;
use classifier::Discrimination;
use correlation::Correlation;
use distribution::Distribution;
use peak::Peak;

/// Least number of events of a sample that is judged.
pub const LEAST: usize = 100;

/// What a judgement is made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What every event was to fulfil.
    pub cuts: Cuts,
    /// Most events of each sample that the classifier sees.
    pub classified: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { cuts: Cuts::default(), classified: 50_000 }
    }
}

/// Generated against true events with the same number of jets.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// Number of jets.
    pub jets: usize,
    /// Number of true and of generated events.
    pub events: [usize; 2],
    /// Effective number of generated events, (sum w)^2 / sum w^2.
    pub effective: f64,
    /// Draws of a Bayesian network's weights among them; 1 for one network.
    pub draws: usize,
    /// Median over the bins of all observables with at least 1 % of the true events of |generated/truth - 1|.
    pub deviation: f64,
    /// All observables that such events have.
    pub distributions: Vec<Distribution>,
    /// The resonance in true and in generated events.
    pub peak: [Peak; 2],
    /// Share of generated events with two jets closer than the cut.
    pub overlapping: f64,
    /// Share of generated events with a jet softer than the cut.
    pub soft: f64,
    /// Rank correlations of pairs of observables.
    pub correlations: Vec<Correlation>,
    /// Area under the ROC curve of a classifier, and its error.
    pub auc: [f64; 2],
    /// What else the classifier finds.
    pub classifier: Discrimination,
}

impl Judgement {
    /// The correlation that is furthest from the true one, by its error.
    pub fn worst_correlation(&self) -> Option<&Correlation> {
        let pull = |c: &&Correlation| (c.difference()[0] / c.difference()[1]).abs();
        self.correlations.iter().max_by(|a, b| pull(a).total_cmp(&pull(b)))
    }

    /// The distribution with the largest pull.
    pub fn worst_pull(&self) -> Option<&Distribution> {
        self.distributions.iter().max_by(|a, b| a.largest_pull.abs().total_cmp(&b.largest_pull.abs()))
    }

    /// An observable's distribution.
    pub fn distribution(&self, observable: &str) -> Option<&Distribution> {
        self.distributions.iter().find(|d| d.observable == observable)
    }
}

/// The events with a number of jets.
pub fn with_jets(events: &[Event], jets: usize) -> Vec<Event> {
    events.iter().filter(|e| e.jets.len() == jets).cloned().collect()
}

/// Judges generated events with `jets` jets; `None` if one of the samples has fewer than a hundred of them with a weight.
///
/// # Errors
/// Those of the classifier: numbers that are not finite.
pub fn judge(
    truth: &[Event],
    generated: &[Event],
    jets: usize,
    settings: &Settings,
) -> Result<Option<Judgement>, Error> {
    let (truth, generated) = (with_jets(truth, jets), with_jets(generated, jets));
    let counted = |events: &[Event]| events.iter().filter(|e| e.weight > 0.0).count();
    if counted(&truth).min(counted(&generated)) < LEAST {
        return Ok(None);
    }
    let distributions: Vec<Distribution> =
        OBSERVABLES.iter().filter_map(|o| Distribution::of(o, &truth, &generated)).collect();
    let share = |wrong: &dyn Fn(&Event) -> bool| {
        generated.iter().filter(|e| e.weight != 0.0 && wrong(e)).count() as f64 / generated.len() as f64
    };
    let cuts = &settings.cuts;
    let classifier = classifier::discriminate(&truth, &generated, settings.classified)?;
    let mut draws: Vec<u32> = generated.iter().map(|e| e.draw).collect();
    draws.sort_unstable();
    draws.dedup();
    Ok(Some(Judgement {
        jets,
        events: [truth.len(), generated.len()],
        effective: effective(&generated),
        draws: draws.len(),
        deviation: distribution::deviation(distributions.iter().flat_map(|d| &d.bins)).unwrap_or(f64::NAN),
        distributions,
        peak: [Peak::of(&truth), Peak::of(&generated)],
        overlapping: share(&|e| e.closest_jets() < cuts.separation),
        soft: share(&|e| e.jets.iter().any(|jet| jet.pt < cuts.jet_pt)),
        correlations: Correlation::all(&truth, &generated),
        auc: classifier.auc,
        classifier,
    }))
}

/// Effective number of weighted events, (sum w)^2 / sum w^2.
pub fn effective(events: &[Event]) -> f64 {
    let (sum, square) = events.iter().fold((0.0, 0.0), |(s, q), e| (s + e.weight, q + e.weight * e.weight));
    if square > 0.0 { sum * sum / square } else { 0.0 }
}
