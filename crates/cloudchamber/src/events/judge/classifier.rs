//! What a classifier between true and generated events finds: its area, whether its scores can be trusted, and its weights.

use collider::fourvector::wrap_phi;
use collider::zjets::{Event, Object};
use diffusion::Rng;
use metrics::{C2st, Matrix, Score, c2st, calibration_error};
use serde::Serialize;

use super::tails::{Tail, tails};
use crate::Error;

/// Seed of the lots that decide which weighted events are kept.
const UNWEIGHTING: u64 = 0x77;
/// Bins of the calibration error.
const CALIBRATION_BINS: usize = 20;
/// Weights beyond which shares are told: those of the literature, and those that a good model can reach.
const LIMITS: [f64; 5] = [0.01, 0.1, 0.5, 2.0, 10.0];

/// A classifier between true and generated events, on events that it was not trained on.
#[derive(Clone, Debug, Serialize)]
pub struct Discrimination {
    /// Area under the ROC curve, and its error.
    pub auc: [f64; 2],
    /// True and generated events, of weight one, that it was trained and tested on.
    pub events: [usize; 2],
    /// Whether its scores mean what they say.
    pub calibration: Calibration,
    /// Shares of events with extreme weights w = D/(1-D) after calibration.
    pub limits: Vec<Limit>,
    /// Where in phase space the weights are extreme.
    pub tails: Vec<Tail>,
    /// ln w of true and of generated events, in rising order.
    #[serde(skip)]
    pub log_weights: [Vec<f64>; 2],
}

/// The calibration offset + slope ln(D/(1-D)) and the mean |share of true events - D| in twenty bins, on untouched events.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Offset of the log odds.
    pub offset: f64,
    /// Factor on them.
    pub slope: f64,
    /// Calibration error of the classifier's own scores.
    pub before: f64,
    /// Calibration error after it.
    pub after: f64,
    /// What chance alone makes of it with this many events.
    pub expected: f64,
}

/// Shares of events whose weight is beyond a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limit {
    /// The limit: below it if it is below 1, above it otherwise.
    pub weight: f64,
    /// Share of true events.
    pub truth: f64,
    /// Share of generated events.
    pub generated: f64,
}

/// Tells true from generated events with the same number of jets, at most `most` of each.
pub fn discriminate(truth: &[Event], generated: &[Event], most: usize) -> Result<Discrimination, Error> {
    let (mut truth, mut generated) = (unweighted(truth), unweighted(generated));
    truth.truncate(most);
    generated.truncate(most);
    let report = c2st(&features(&truth)?, &features(&generated)?, &C2st::default())?;
    let odds = |scores: &[Score]| -> Vec<f64> { scores.iter().map(Score::log_odds).collect() };
    let raw = [odds(&report.real), odds(&report.generated)];
    let logs = raw.clone().map(|v| v.into_iter().map(|s| report.calibration.log_odds(s)).collect::<Vec<f64>>());
    let before = calibration_error(&raw[0], &raw[1], CALIBRATION_BINS)?;
    let after = calibration_error(&logs[0], &logs[1], CALIBRATION_BINS)?;
    let limit = |weight: f64| {
        let beyond = |log: &&f64| if weight < 1.0 { **log < weight.ln() } else { **log > weight.ln() };
        let share = |logs: &[f64]| logs.iter().filter(beyond).count() as f64 / logs.len() as f64;
        Limit { weight, truth: share(&logs[0]), generated: share(&logs[1]) }
    };
    let tested = |events: &[Event], scores: &[Score]| -> Vec<Event> {
        scores.iter().map(|s| events[s.row as usize].clone()).collect()
    };
    let (true_tested, generated_tested) = (tested(&truth, &report.real), tested(&generated, &report.generated));
    let auc = report.auc.estimate();
    let tails = tails([&true_tested, &generated_tested], [&logs[0], &logs[1]])?;
    Ok(Discrimination {
        auc: [auc.value, auc.error],
        events: [truth.len(), generated.len()],
        calibration: Calibration {
            offset: report.calibration.offset,
            slope: report.calibration.slope,
            before: before.value,
            after: after.value,
            expected: after.expected,
        },
        limits: LIMITS.map(limit).to_vec(),
        tails,
        log_weights: logs.map(|mut v| {
            v.sort_by(f64::total_cmp);
            v
        }),
    })
}

/// Events of weight one: each is kept with the probability of its weight over the largest. All of them if they weigh the same.
pub fn unweighted(events: &[Event]) -> Vec<Event> {
    let largest = events.iter().map(|e| e.weight).fold(0.0, f64::max);
    let lots = Rng::new(UNWEIGHTING).uniform(events.len(), 1);
    let kept = events.iter().zip(lots).filter(|(event, lot)| lot * largest < event.weight);
    kept.map(|(event, _)| Event { weight: 1.0, ..event.clone() }).collect()
}

/// What the classifier sees: every momentum relative to the first muon, and the features that networks miss first.
pub fn features(events: &[Event]) -> Result<Matrix, Error> {
    let row = |event: &Event| {
        let [first, second] = &event.muons;
        let phi = |object: &Object| wrap_phi(object.phi - first.phi);
        let z = event.boson();
        let mut row = vec![first.pt.ln(), first.eta, second.pt.ln(), second.eta, phi(second), z.mass(), z.pt().ln()];
        for (k, jet) in event.jets.iter().enumerate() {
            row.extend([jet.pt.ln(), jet.eta, phi(jet), jet.mass.max(1e-3).ln()]);
            row.extend(event.muons.iter().chain(&event.jets[..k]).map(|other| other.delta_r(jet)));
        }
        row
    };
    let rows: Vec<Vec<f64>> = events.iter().map(row).collect();
    let columns = rows.first().map_or(0, Vec::len);
    Ok(Matrix::new(rows.len(), columns, rows.concat())?)
}
