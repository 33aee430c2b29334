//! Events to numbers and back, on events with the shape of real ones.

use super::*;
use crate::fourvector::{FourVector, wrap_phi};

/// A decaying boson recoiling against jets that fulfil the cuts.
fn events(n: usize) -> Vec<Event> {
    let mut rng = diffusion::Rng::new(7);
    let (normal, uniform) = (rng.normal_f64(n, 12), rng.uniform(n, 12));
    let mut events = Vec::new();
    for (z, u) in normal.chunks(12).zip(uniform.chunks(12)) {
        let jets = 1 + (3.0 * u[0]) as usize;
        let boson = FourVector::from_pt_eta_phi_mass(20.0 + 30.0 * u[1], 1.5 * z[0], 6.0 * u[2], 91.2 + 2.0 * z[1]);
        let (cos, phi) = (2.0 * u[3] - 1.0, 6.2 * u[4]);
        let (half, sin) = (boson.mass() / 2.0, (1.0 - cos * cos).sqrt());
        let p = (half * half - MUON_MASS * MUON_MASS).sqrt();
        let first = FourVector::new(half, p * sin * phi.cos(), p * sin * phi.sin(), p * cos).boost(boson.velocity());
        let muons = [Object::of(&first), Object::of(&(boson - first))];
        let mut event = Event::new(muons, Vec::new());
        for k in 0..jets {
            let pt = 20.0 + (30.0 + 60.0 * u[5]) * 0.6f64.powi(k as i32);
            let phi = wrap_phi(2.0 * k as f64 + 0.5 * z[2 + k]);
            event.jets.push(Object { pt, eta: 1.4 * z[5 + k], phi, mass: 4.0 + 3.0 * u[6 + k] });
        }
        events.push(event);
    }
    let cuts = Cuts::default();
    events.retain(|event| cuts.check(event).is_ok());
    events
}

/// The largest difference between two events of the same shape, azimuths turned back.
fn difference(a: &Event, b: &Event) -> f64 {
    let turn = wrap_phi(b.boson().phi() - a.boson().phi());
    let pairs = a.muons.iter().chain(&a.jets).zip(b.muons.iter().chain(&b.jets));
    let one = |(a, b): (&Object, &Object)| {
        let parts = [a.pt / b.pt - 1.0, a.eta - b.eta, wrap_phi(b.phi - a.phi - turn), (a.mass - b.mass) / b.mass];
        parts.into_iter().map(f64::abs).fold(0.0, f64::max)
    };
    pairs.map(one).fold(0.0, f64::max)
}

#[test]
fn events_survive_the_way_to_numbers_and_back_up_to_a_turn() {
    let cuts = Cuts::default();
    for coordinates in [Coordinates::Published, Coordinates::Boson] {
        for event in events(2000) {
            let numbers = coordinates.of(&event, &cuts);
            assert_eq!(numbers.len(), 5 + 4 * event.jets.len());
            let back = coordinates.event(&numbers, 1.0, &cuts);
            // The muon's mass is a difference of energies 10^3 times larger, and only its square counts: 1e-4 of it.
            let difference = difference(&event, &back);
            assert!(difference < 2e-4, "{coordinates:?}: {difference:e}");
        }
    }
}

#[test]
fn numbers_do_not_depend_on_the_azimuth_of_the_event() {
    let cuts = Cuts::default();
    for coordinates in [Coordinates::Published, Coordinates::Boson] {
        for event in events(200) {
            let mut turned = event.clone();
            turned.muons.iter_mut().chain(&mut turned.jets).for_each(|object| object.phi = wrap_phi(object.phi + 2.5));
            let (a, b) = (coordinates.of(&event, &cuts), coordinates.of(&turned, &cuts));
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6 * (1.0 + a.abs())), "{a:?} {b:?}");
        }
    }
}

#[test]
fn whatever_a_network_says_becomes_an_event_inside_the_cuts_of_its_coordinates() {
    let cuts = Cuts::default();
    let mut rng = diffusion::Rng::new(3);
    for scale in [1.0, 10.0, 1e4, f64::INFINITY] {
        for row in rng.normal_f64(300, 17).chunks(17) {
            let wild: Vec<f64> = row.iter().map(|x| x * scale).collect();
            for coordinates in [Coordinates::Published, Coordinates::Boson] {
                let event = coordinates.event(&wild, 0.3, &cuts);
                assert!(event.muons.iter().chain(&event.jets).all(Object::is_valid), "{wild:?} {event:?}");
                assert!(event.jets.iter().all(|jet| jet.pt >= cuts.jet_pt));
                if coordinates == Coordinates::Boson {
                    assert!(event.jets.windows(2).all(|pair| pair[0].pt >= pair[1].pt));
                    assert!(event.jets.windows(2).all(|pair| pair[0].delta_r(&pair[1]) > cuts.separation - 1e-9));
                }
            }
        }
    }
}

#[test]
fn codes_have_zero_mean_unit_spread_and_lead_back_to_the_event() {
    let events = events(6000);
    for coordinates in [Coordinates::Published, Coordinates::Boson] {
        for scaling in [Scaling::Standard, Scaling::Whiten, Scaling::Normal] {
            let encoding = EventEncoding::fit(&events, coordinates, scaling, Cuts::default()).unwrap();
            assert!(encoding.is_valid() && encoding.stages() == 3);
            let codes: Vec<Vec<f64>> = events.iter().map(|event| encoding.encode(event)).collect();
            for f in 0..17 {
                let column: Vec<f64> = codes.iter().filter_map(|row| row.get(f).copied()).collect();
                let n = column.len() as f64;
                let mean = column.iter().sum::<f64>() / n;
                let spread = (column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
                assert!(
                    mean.abs() < 0.01 && (spread - 1.0).abs() < 0.02,
                    "{coordinates:?} {scaling:?} {f}: {mean} {spread}"
                );
            }
            let mut far = 0;
            for (event, codes) in events.iter().zip(&codes) {
                far += usize::from(difference(event, &encoding.decode(codes, 0.0)) > 1e-3);
            }
            // Quantiles end at four deviations: of 17 numbers of an event some 1e-3 lie beyond, and come back at the end.
            let most = if scaling == Scaling::Normal { events.len() / 200 } else { 0 };
            assert!(far <= most, "{coordinates:?} {scaling:?}: {far}");
        }
    }
}

#[test]
fn whitened_codes_are_uncorrelated() {
    let events = events(3000);
    let encoding = EventEncoding::fit(&events, Coordinates::Published, Scaling::Whiten, Cuts::default()).unwrap();
    let codes: Vec<Vec<f64>> = events.iter().map(|event| encoding.encode(event)).collect();
    for a in 0..9 {
        for b in 0..a {
            let product = codes.iter().map(|row| row[a] * row[b]).sum::<f64>() / codes.len() as f64;
            assert!(product.abs() < 1e-8, "{a} {b}: {product}");
        }
    }
}

#[test]
fn the_angles_of_a_decay_are_those_it_was_made_with() {
    // A boson at rest decays along a known direction and is boosted across and along the beam; the frame undoes both.
    let cuts = Cuts::default();
    let (mass, cos, azimuth): (f64, f64, f64) = (90.0, 0.3, -2.0);
    let sin = (1.0 - cos * cos).sqrt();
    let rest = FourVector::new(45.0, 45.0 * sin * azimuth.cos(), 45.0 * sin * azimuth.sin(), 45.0 * cos);
    let boosts = |v: FourVector| v.boost([0.4, 0.0, 0.0]).boost([0.0, 0.0, -0.7]);
    let (first, boson) = (boosts(rest), boosts(FourVector::new(mass, 0.0, 0.0, 0.0)));
    let jet = Object { pt: 40.0, eta: 0.2, phi: 3.0, mass: 5.0 };
    let event = Event::new([Object::of(&first), Object::of(&(boson - first))], vec![jet]);
    let numbers = Coordinates::Boson.of(&event, &cuts);
    let expected = [mass, (0.4 * mass / (1.0f64 - 0.16).sqrt()).ln(), -(0.7f64.atanh()), cos, azimuth];
    assert!(numbers.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{numbers:?}");
}

#[test]
fn an_event_outside_the_cuts_is_named() {
    let mut events = events(100);
    events[17].jets[0].pt = 19.0;
    let error = EventEncoding::fit(&events, Coordinates::Boson, Scaling::Normal, Cuts::default()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("event 17") && text.contains("19 GeV"), "{text}");
}
