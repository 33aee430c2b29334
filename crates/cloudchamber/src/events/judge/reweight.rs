//! Weights of a classifier as weights of generated events: w = D/(1-D), an estimate of the density of true over that of generated events.
//!
//! Two-fold cross-fitting: a classifier is trained and calibrated on one half of both samples and weighs the other half of the generated one,
//! so that no event is weighed by a classifier that has learned it by heart.

use collider::zjets::Event;
use diffusion::Rng;
use metrics::{C2st, c2st, quantile};
use serde::Serialize;

use super::classifier::{features, unweighted};
use super::{LEAST, Settings, effective};
use crate::Error;

/// Quantiles at which weights are clipped.
pub const CLIP: [f64; 2] = [0.001, 0.999];
/// Seed of the halves.
const FOLDS: u64 = 0xf01d;

/// What reweighting did to the events with a number of jets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reweighted {
    /// Number of jets.
    pub jets: usize,
    /// Effective number of events, (sum w)^2 / sum w^2, before and after.
    pub effective: [f64; 2],
    /// Weights of the classifier between which all are kept, the quantiles [`CLIP`].
    pub clip: [f64; 2],
    /// Area under the ROC curve of each half's classifier.
    pub auc: [f64; 2],
}

/// Multiplies the weights of generated events with `jets` jets by the calibrated weights of a classifier between them and true events,
/// clipped at the quantiles [`CLIP`]; the sum of their weights stays. `None`, and nothing is changed, with fewer than two hundred in a sample.
///
/// # Errors
/// Those of the classifier: numbers that are not finite.
pub fn reweight(
    truth: &[Event],
    generated: &mut [Event],
    jets: usize,
    settings: &Settings,
) -> Result<Option<Reweighted>, Error> {
    let halves = |events: &[Event], stream: u64| -> [Vec<usize>; 2] {
        let of: Vec<usize> =
            (0..events.len()).filter(|i| events[*i].jets.len() == jets && events[*i].weight > 0.0).collect();
        let order = Rng::new(FOLDS).stream(stream).permutation(of.len());
        let (first, second) = order.split_at(of.len() / 2);
        [first, second].map(|half| half.iter().map(|i| of[*i as usize]).collect())
    };
    let (true_halves, our_halves) = (halves(truth, 0), halves(generated, 1));
    if true_halves.iter().chain(&our_halves).any(|half| half.len() < LEAST) {
        return Ok(None);
    }
    let pick = |events: &[Event], rows: &[usize]| -> Vec<Event> { rows.iter().map(|i| events[*i].clone()).collect() };
    let learnt = |events: &[Event], rows: &[usize]| {
        let mut events = unweighted(&pick(events, rows));
        events.truncate(settings.classified);
        features(&events)
    };
    // Nothing but the area is read off the test part: nine tenths are learned from.
    let fit = C2st { train: 0.7, validation: 0.2, ..C2st::default() };
    let mut logs: Vec<(usize, f64)> = Vec::new();
    let mut auc = [0.0; 2];
    for fold in 0..2 {
        let known = 1 - fold;
        let report = c2st(&learnt(truth, &true_halves[known])?, &learnt(generated, &our_halves[known])?, &fit)?;
        let odds = report.classifier.log_odds(&features(&pick(generated, &our_halves[fold]))?)?;
        auc[fold] = report.auc.value;
        logs.extend(our_halves[fold].iter().zip(odds).map(|(i, s)| (*i, report.calibration.log_odds(s))));
    }
    let values: Vec<f64> = logs.iter().map(|(_, log)| *log).collect();
    let [low, high] = CLIP.map(|q| quantile(&values, q));
    let before = pick(generated, &logs.iter().map(|(i, _)| *i).collect::<Vec<_>>());
    let total = |events: &[Event]| logs.iter().map(|(i, _)| events[*i].weight).sum::<f64>();
    let sum = total(generated);
    logs.iter().for_each(|(i, log)| generated[*i].weight *= log.clamp(low, high).exp());
    let scale = sum / total(generated);
    logs.iter().for_each(|(i, _)| generated[*i].weight *= scale);
    let after = pick(generated, &logs.iter().map(|(i, _)| *i).collect::<Vec<_>>());
    let clip = [low.exp(), high.exp()];
    Ok(Some(Reweighted { jets, effective: [effective(&before), effective(&after)], clip, auc }))
}
