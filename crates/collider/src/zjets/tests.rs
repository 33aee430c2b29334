//! Events to numbers and back, on events with the shape of real ones.

use super::*;
use crate::fourvector::{FourVector, wrap_phi};

const ALL: [Coordinates; 3] = [Coordinates::Published, Coordinates::Boson, Coordinates::Dressed];

/// A decaying boson recoiling against jets that fulfil the cuts; in every fourth event a muon radiates the first or, where there is one, the second.
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
        if u[9] < 0.25 {
            let (k, muon) = ((2.0 * u[10]) as usize % jets, &muons[usize::from(u[11] < 0.5)]);
            let jet = Object { eta: muon.eta + 0.1 * z[8], phi: wrap_phi(muon.phi + 0.1 * z[9]), ..event.jets[k] };
            event.jets[k] = Object { mass: if u[8] < 0.5 { 0.0 } else { u[8] }, ..jet };
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
        // A MeV is the least mass that is told.
        let mass = ((a.mass - b.mass).abs() - 1.001e-3).max(0.0) / b.mass.max(1.0);
        let parts = [a.pt / b.pt - 1.0, a.eta - b.eta, wrap_phi(b.phi - a.phi - turn), mass];
        parts.into_iter().map(f64::abs).fold(0.0, f64::max)
    };
    pairs.map(one).fold(0.0, f64::max)
}

#[test]
fn events_survive_the_way_to_numbers_and_back_up_to_a_turn() {
    let cuts = Cuts::default();
    for coordinates in ALL {
        for event in events(2000) {
            let topology = Topology::of(&event);
            let numbers = coordinates.of(&event, &topology, &cuts);
            assert_eq!(numbers.len(), 5 + 4 * event.jets.len());
            let back = coordinates.event(&numbers, &topology, 1.0, &cuts);
            // The muon's mass is a difference of energies 10^3 times larger, and only its square counts: 1e-4 of it.
            let difference = difference(&event, &back);
            assert!(difference < 2e-4, "{coordinates:?}: {difference:e}");
        }
    }
}

#[test]
fn numbers_do_not_depend_on_the_azimuth_of_the_event() {
    let cuts = Cuts::default();
    for coordinates in ALL {
        for event in events(200) {
            let mut turned = event.clone();
            turned.muons.iter_mut().chain(&mut turned.jets).for_each(|object| object.phi = wrap_phi(object.phi + 2.5));
            let topology = Topology::of(&event);
            assert_eq!(topology, Topology::of(&turned));
            let (a, b) = (coordinates.of(&event, &topology, &cuts), coordinates.of(&turned, &topology, &cuts));
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6 * (1.0 + a.abs())), "{a:?} {b:?}");
        }
    }
}

#[test]
fn whatever_a_network_says_becomes_an_event_inside_the_cuts_of_its_coordinates() {
    let cuts = Cuts::default();
    let mut rng = diffusion::Rng::new(3);
    let radiated = |first, second, third| Topology { jets: 3, emitters: [first, second, third] };
    let kinds = [Topology::plain(3), radiated(Some(0), None, Some(1)), radiated(None, Some(1), Some(0))];
    for (scale, topology) in [1.0, 10.0, 1e4, f64::INFINITY].into_iter().flat_map(|s| kinds.map(|kind| (s, kind))) {
        for row in rng.normal_f64(300, 17).chunks(17) {
            let wild: Vec<f64> = row.iter().map(|x| x * scale).collect();
            for coordinates in ALL {
                let event = coordinates.event(&wild, &topology, 0.3, &cuts);
                assert!(event.muons.iter().chain(&event.jets).all(Object::is_valid), "{wild:?} {event:?}");
                assert!(event.jets.iter().all(|jet| jet.pt >= cuts.jet_pt));
                if coordinates != Coordinates::Published {
                    assert!(event.jets.windows(2).all(|pair| pair[0].pt >= pair[1].pt));
                    let apart = event.jets.windows(2).all(|pair| pair[0].delta_r(&pair[1]) > cuts.separation - 1e-9);
                    assert!(apart || topology != Topology::plain(3));
                }
            }
        }
    }
}

#[test]
fn codes_have_zero_mean_unit_spread_and_lead_back_to_the_event() {
    let events = events(6000);
    for coordinates in ALL {
        for scaling in [Scaling::Standard, Scaling::Whiten, Scaling::Normal] {
            let encoding = EventEncoding::fit(&events, coordinates, scaling, Cuts::default()).unwrap();
            assert!(encoding.is_valid() && encoding.stages() == 3);
            let codes: Vec<Vec<f64>> = events.iter().map(|event| encoding.encode(event)).collect();
            let labelled = events.iter().filter(|event| encoding.topology(event).emitters[0].is_some()).count();
            assert_eq!(labelled > 100, coordinates == Coordinates::Dressed, "{labelled}");
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
                far += usize::from(difference(event, &encoding.decode(codes, &encoding.topology(event), 0.0)) > 1e-3);
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
    let numbers = Coordinates::Boson.of(&event, &Topology::plain(1), &cuts);
    let expected = [mass, (0.4 * mass / (1.0f64 - 0.16).sqrt()).ln(), -(0.7f64.atanh()), cos, azimuth];
    assert!(numbers.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{numbers:?}");
}

#[test]
fn a_photon_is_added_to_the_muon_that_radiated_it() {
    // A boson of 91.2 GeV at rest; half of the first muon becomes a photon in its direction: the resonance keeps its mass, the pair of muons does not.
    let cuts = Cuts::default();
    let muon = |pt, phi| Object { pt, eta: 0.0, phi, mass: MUON_MASS };
    let photon = Object { mass: 0.0, ..muon(22.8, 0.02) };
    let event = Event::new([muon(22.8, 0.0), muon(45.6, 3.1315)], vec![photon]);
    assert!(event.boson().mass() < 65.0);
    let topology = Topology::of(&event);
    assert_eq!(topology, Topology { jets: 1, emitters: [Some(0), None, None] });
    let numbers = Coordinates::Dressed.of(&event, &topology, &cuts);
    assert!((numbers[0] - 91.2).abs() < 0.05, "{numbers:?}");
    assert!((numbers[6] - 0.02f64.ln()).abs() < 1e-9 && (numbers[7].abs() - std::f64::consts::FRAC_PI_2).abs() < 1e-9);
}

#[test]
fn kinds_of_events_are_drawn_as_often_as_they_were_seen() {
    let events = events(6000);
    let encoding = EventEncoding::fit(&events, Coordinates::Dressed, Scaling::Normal, Cuts::default()).unwrap();
    let n = 100_000;
    for jets in [None, Some(1), Some(2), Some(3)] {
        let mine: Vec<Topology> =
            events.iter().filter(|e| jets.is_none_or(|n| n == e.jets.len())).map(|e| encoding.topology(e)).collect();
        let drawn: Vec<Topology> = (0..n).map(|i| encoding.draw((f64::from(i) + 0.5) / f64::from(n), jets)).collect();
        // Of the 23 kinds those that were never seen count half an event.
        let unseen = 12.0 / mine.len() as f64;
        for kind in (1..=3).flat_map(Topology::all) {
            let share = |list: &[Topology]| list.iter().filter(|t| **t == kind).count() as f64 / list.len() as f64;
            assert!((share(&mine) - share(&drawn)).abs() < unseen, "{kind:?}");
            if jets == Some(kind.jets) {
                assert!((encoding.share(&kind) - share(&drawn)).abs() < 2e-5, "{kind:?}");
            }
        }
        assert!(drawn.iter().all(|kind| jets.is_none_or(|n| n == kind.jets)));
    }
}

#[test]
fn an_event_outside_the_cuts_is_named() {
    let mut events = events(100);
    events[17].jets[0].pt = 19.0;
    let error = EventEncoding::fit(&events, Coordinates::Boson, Scaling::Normal, Cuts::default()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("event 17") && text.contains("19 GeV"), "{text}");
}
