//! Toys whose truth is known.

use collider::zjets::observables::{OBSERVABLES, Observable};
use collider::zjets::{Event, MUON_MASS, Object};
use diffusion::Rng;

use super::reweight::reweight;
use super::tails::Side;
use super::*;

pub(super) fn observable(name: &str) -> &'static Observable {
    OBSERVABLES.iter().find(|o| o.name == name).unwrap()
}

/// An event that is always the same but for the pseudorapidity of its jet.
pub(super) fn with_eta(eta: f64) -> Event {
    let muon = |pt: f64, phi: f64| Object { pt, eta: 0.1, phi, mass: MUON_MASS };
    Event::new([muon(45.0, 0.0), muon(46.0, 3.0)], vec![Object { pt: 30.0, eta, phi: 1.0, mass: 5.0 }])
}

/// Events with one jet or two: muons and jets independent of each other.
pub(crate) fn toys(seed: u64, n: usize, jets: usize) -> Vec<Event> {
    let mut rng = Rng::new(seed);
    let numbers = rng.normal_f64(n, 4 + 3 * jets);
    let angles = rng.uniform(n, 2 + jets);
    let one = |(x, a): (&[f64], &[f64])| {
        let phi = |u: f64| std::f64::consts::PI * (2.0 * u - 1.0);
        let muon =
            |k: usize| Object { pt: 45.0 * (0.2 * x[k]).exp(), eta: x[k + 2], phi: phi(a[k / 2]), mass: MUON_MASS };
        let jet = |k: usize| Object {
            pt: 20.0 + 20.0 * (0.7 * x[4 + 3 * k]).exp(),
            eta: 1.5 * x[5 + 3 * k],
            phi: phi(a[2 + k]),
            mass: 5.0 * (0.4 * x[6 + 3 * k]).exp(),
        };
        let mut second = muon(1);
        second.phi = phi(a[1]);
        let mut jets: Vec<Object> = (0..jets).map(jet).collect();
        jets.sort_by(|a, b| b.pt.total_cmp(&a.pt));
        Event::new([muon(0), second], jets)
    };
    numbers.chunks(4 + 3 * jets).zip(angles.chunks(2 + jets)).map(one).collect()
}

/// Keeps events with a probability.
fn thinned(seed: u64, events: Vec<Event>, keep: impl Fn(&Event) -> f64) -> Vec<Event> {
    let lots = Rng::new(seed).uniform(events.len(), 1);
    events.into_iter().zip(lots).filter(|(e, lot)| *lot < keep(e)).map(|(e, _)| e).collect()
}

/// Between 0.3 for a soft Z and 1 for a hard one.
fn keep(event: &Event) -> f64 {
    let x = (event.boson().pt() / 50.0).powi(2);
    (0.3 + x) / (1.0 + x)
}

#[test]
fn reweighting_recovers_the_ratio_of_densities_that_thinning_made() {
    let truth = toys(1, 30_000, 1);
    let mut ours = thinned(2, toys(3, 50_000, 1), keep);
    let before = judge(&truth, &ours, 1, &Settings::default()).unwrap().unwrap();
    let sum: f64 = ours.iter().map(|e| e.weight).sum();
    let told = reweight(&truth, &mut ours, 1, &Settings::default()).unwrap().unwrap();
    assert!((ours.iter().map(|e| e.weight).sum::<f64>() / sum - 1.0).abs() < 1e-9, "the number of events stays");
    assert!(told.effective[1] < told.effective[0] && told.effective[0] == ours.len() as f64);

    // The true ratio is c/keep with a mean of 1 over our events. 15 000 events train each classifier; it errs by some percent per event.
    let mean = ours.iter().map(|e| 1.0 / keep(e)).sum::<f64>() / ours.len() as f64;
    let off: f64 = ours.iter().map(|e| (e.weight.ln() + (mean * keep(e)).ln()).powi(2)).sum::<f64>();
    let spread: f64 = ours.iter().map(|e| (mean * keep(e)).ln().powi(2)).sum::<f64>();
    assert!(off < 0.15 * spread, "of the variance of the true ln w {} is left", off / spread);

    // On other true events, the distribution of the thinned variable is closer to the floor than to where it was.
    let fresh = toys(4, 30_000, 1);
    let pt = |ours: &[Event]| Distribution::of(observable("pt_z"), &fresh, ours).unwrap();
    let (floor, after) = (pt(&truth), pt(&ours));
    let was = before.distribution("pt_z").unwrap().deviation;
    assert!(after.deviation - floor.deviation < 0.35 * (was - floor.deviation), "{} {}", after.deviation, was);
    // In five ranges of pT_Z the weighted shares are the true ones, within 4 sigma and 3 % for what a classifier of finite size misses.
    for range in [[0.0, 30.0], [30.0, 50.0], [50.0, 70.0], [70.0, 90.0], [90.0, 1000.0]] {
        let share = |events: &[Event]| {
            let inside = events.iter().filter(|e| (range[0]..range[1]).contains(&e.boson().pt()));
            let (s, q) = inside.fold((0.0, 0.0), |(s, q), e| (s + e.weight, q + e.weight * e.weight));
            let total: f64 = events.iter().map(|e| e.weight).sum();
            (s / total, q.sqrt() / total)
        };
        let ((p, error), (q, other)) = (share(&ours), share(&fresh));
        assert!((p - q).abs() < 4.0 * error.hypot(other) + 0.03 * q, "{range:?}: {p} {q}");
    }
}

#[test]
fn a_classifier_of_one_law_finds_nothing_and_is_calibrated() {
    let judged = judge(&toys(5, 6000, 2), &toys(6, 6000, 2), 2, &Settings::default()).unwrap().unwrap();
    let [auc, error] = judged.auc;
    assert!((auc - 0.5).abs() < 4.0 * error, "{auc} {error}");
    let calibration = &judged.classifier.calibration;
    assert!(calibration.after < 2.0 * calibration.expected, "{calibration:?}");
    assert!(judged.classifier.limits.iter().filter(|l| l.weight < 0.2 || l.weight > 5.0).all(|l| l.generated < 0.01));
    assert!(judged.correlations.iter().all(|c| c.difference()[0].abs() < 5.0 * c.difference()[1]));
    assert!(judge(&toys(5, 99, 2), &toys(6, 6000, 2), 2, &Settings::default()).unwrap().is_none());
}

#[test]
fn the_tails_name_the_observable_that_is_wrong_and_the_side() {
    // A fifth of the generated events has a first jet of three times its mass; heavy jets are too many.
    let truth = toys(7, 10_000, 1);
    let mut ours = toys(8, 10_000, 1);
    ours.iter_mut().step_by(5).for_each(|e| e.jets[0].mass *= 3.0);
    let judged = judge(&truth, &ours, 1, &Settings::default()).unwrap().unwrap();
    let surplus = judged.classifier.tails.iter().find(|t| t.side == Side::Surplus).unwrap();
    assert!(surplus.threshold < 0.5, "{}", surplus.threshold);
    for cluster in &surplus.clusters {
        let mass = cluster.shifts.iter().find(|s| s.observable == "mass_j1").unwrap();
        assert!(mass.deviations > 1.0, "{cluster:?}");
    }
    assert_eq!(surplus.clusters[0].furthest(1)[0].observable, "mass_j1");
    assert!((surplus.clusters.iter().map(|c| c.share).sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(judged.worst_pull().unwrap().observable, "mass_j1");
}
