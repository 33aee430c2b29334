//! What holds for every clustering: conservation, symmetries, safety against soft and collinear particles, ties, errors.

mod common;

use std::f64::consts::PI;

use clustering::{Algorithm, Clusterer, Error, Event, FourVector, JetDefinition, Recombination, Strategy};
use common::{ALGORITHMS, Random};

/// Particles of the hard jets only, so that sets can be compared.
fn hard_sets(definition: &JetDefinition, particles: &[FourVector], pt_min: f64) -> Vec<Vec<usize>> {
    let sequence = definition.cluster(particles).unwrap();
    let mut sets: Vec<_> = sequence.inclusive_jets(pt_min).iter().map(|jet| sequence.constituents(jet.index)).collect();
    sets.sort();
    sets
}

#[test]
fn inclusive_jets_partition_the_particles_and_conserve_momentum() {
    let mut random = Random(11);
    for algorithm in ALGORITHMS {
        let particles = random.event(250);
        let sequence = JetDefinition::new(algorithm, 0.6).cluster(&particles).unwrap();
        let jets = sequence.inclusive_jets(0.0);
        let mut all: Vec<usize> = jets.iter().flat_map(|jet| sequence.constituents(jet.index)).collect();
        all.sort_unstable();
        assert_eq!(all, (0..250).collect::<Vec<_>>());
        assert!(jets.windows(2).all(|pair| pair[0].momentum.pt() >= pair[1].momentum.pt()));
        for jet in &jets {
            let sum: FourVector = sequence.constituent_momenta(jet.index).into_iter().sum();
            assert!((sum - jet.momentum).p() < 1e-12 * sum.e && (sum.e - jet.momentum.e).abs() < 1e-12 * sum.e);
        }
    }
}

#[test]
fn exclusive_jets_of_any_number_and_their_subjets_partition_what_has_not_gone_to_the_beam() {
    let mut random = Random(12);
    let particles = random.event(80);
    let sequence = JetDefinition::whole(Algorithm::Kt).cluster(&particles).unwrap();
    for n in 1..=80 {
        let jets = sequence.exclusive_jets(n).unwrap();
        let count: usize = jets.iter().map(|jet| sequence.constituents(jet.index).len()).sum();
        assert_eq!((jets.len(), count), (n, 80));
        // Without a beam the exclusive jets are the subjets of the only jet.
        assert_eq!(sequence.exclusive_subjets(sequence.exclusive_jets(1).unwrap()[0].index, n).unwrap(), jets);
        let (above, below) = (sequence.merge_distance_max(n - 1), sequence.merge_distance_max(n));
        assert!(above >= below);
        if above > below {
            assert_eq!(sequence.exclusive_jets_dcut(below), jets);
            assert_eq!(sequence.exclusive_jets_dcut(0.5 * (above + below)), jets);
        }
    }
    assert_eq!(sequence.exclusive_jets(81), Err(Error::Count { wanted: 81, particles: 80 }));
}

#[test]
fn two_particles_merge_if_and_only_if_they_are_nearer_than_the_radius() {
    for algorithm in ALGORITHMS {
        for radius in [0.1, 0.4, 1.0, 3.0] {
            for strategy in [Strategy::Plain, Strategy::Tiled] {
                for (share, jets) in [(1.0 - 1e-9, 1), (1.0 + 1e-9, 2)] {
                    for k in 0..12 {
                        // Around phi = pi, in all directions.
                        let (angle, r) = (f64::from(k) * PI / 6.0, share * radius);
                        let pair = [[0.3, PI - 0.01, 20.0], [0.3 + r * angle.cos(), PI - 0.01 + r * angle.sin(), 1.0]];
                        let pair = pair.map(FourVector::massless);
                        let mut clusterer =
                            Clusterer::with_strategy(JetDefinition::new(algorithm, radius), strategy).unwrap();
                        assert_eq!(clusterer.cluster(&pair).unwrap().inclusive_jets(0.0).len(), jets);
                    }
                }
            }
        }
    }
}

#[test]
fn the_distances_of_three_particles_are_those_computed_by_hand() {
    // Massless at phi = 0, y = 0, 0.3, 1; pT 3, 1, 2. kT, R = 1: d_12 = 1 * 0.09, d_13 = 4 * 1, d_23 = 1 * 0.49; d_iB = pT^2.
    let particles = [[0.0, 0.0, 3.0], [0.3, 0.0, 1.0], [1.0, 0.0, 2.0]].map(FourVector::massless);
    let sequence = JetDefinition::new(Algorithm::Kt, 1.0).cluster(&particles).unwrap();
    let first = sequence.steps()[0];
    assert!((first.d - 0.09).abs() < 1e-14);
    assert_eq!(first.event, Event::Merged { parents: [0, 1], child: 3 });
    // The sum has pT 4 and tan-half rapidity y = atanh((sinh 0.3) / (3 + cosh 0.3)); then d = min(16, 4) (1 - y)^2 < 4.
    let y = (0.3f64.sinh() / (3.0 + 0.3f64.cosh())).atanh();
    assert!((sequence.merge_distance(1) - 4.0 * (1.0 - y).powi(2)).abs() < 1e-12);
    assert!((sequence.merge_distance(0) - 36.0).abs() < 1e-12);
    assert_eq!(sequence.exclusive_jets(2).unwrap().iter().map(|jet| jet.index).collect::<Vec<_>>(), [3, 2]);
    assert_eq!((sequence.parents(3), sequence.parents(2), sequence.origin(2)), (Some([0, 1]), None, None));
}

#[test]
fn soft_particles_everywhere_do_not_change_the_hard_jets() {
    let mut random = Random(13);
    for algorithm in ALGORITHMS {
        let hard = random.event(60);
        let mut all = hard.clone();
        all.extend((0..400).map(|_| random.particle() * 1e-30));
        let definition = JetDefinition::new(algorithm, 0.5);
        let before = hard_sets(&definition, &hard, 0.05);
        let mut after = hard_sets(&definition, &all, 0.05);
        after.iter_mut().for_each(|set| set.retain(|&k| k < 60));
        assert_eq!(before, after, "{algorithm:?}");
    }
}

#[test]
fn a_collinear_splitting_does_not_change_the_jets() {
    let mut random = Random(14);
    for algorithm in ALGORITHMS {
        let whole = random.event(60);
        let mut split: Vec<FourVector> = whole.iter().map(|&p| p * 0.3).collect();
        split.extend(whole.iter().map(|&p| p * 0.7));
        let definition = JetDefinition::new(algorithm, 0.5);
        let mut halves = hard_sets(&definition, &split, 0.05);
        for set in &mut halves {
            let (first, second): (Vec<usize>, Vec<usize>) = set.iter().partition(|&&k| k < 60);
            assert_eq!(first, second.iter().map(|k| k - 60).collect::<Vec<_>>(), "{algorithm:?}");
            *set = first;
        }
        assert_eq!(hard_sets(&definition, &whole, 0.05), halves);
    }
}

#[test]
fn boosts_along_the_beam_and_rotations_around_it_change_no_jet() {
    let mut random = Random(15);
    for algorithm in ALGORITHMS {
        for recombination in [Recombination::EScheme, Recombination::WinnerTakesAll] {
            let particles = random.event(200);
            let definition = JetDefinition { recombination, ..JetDefinition::new(algorithm, 0.4) };
            let angle = random.between(0.0, 6.0);
            let rotate = |p: &FourVector| {
                let (s, c) = f64::sin_cos(angle);
                FourVector::new(p.e, c * p.px - s * p.py, s * p.px + c * p.py, p.pz).boost([0.0, 0.0, 0.8])
            };
            let moved: Vec<_> = particles.iter().map(rotate).collect();
            assert_eq!(hard_sets(&definition, &particles, 0.0), hard_sets(&definition, &moved, 0.0));
        }
    }
}

#[test]
fn equal_particles_merge_at_distance_zero_whatever_the_strategy() {
    let mut random = Random(16);
    let some = random.event(40);
    let threefold: Vec<FourVector> = some.iter().chain(&some).chain(&some).copied().collect();
    for algorithm in ALGORITHMS {
        for strategy in [Strategy::Plain, Strategy::Tiled] {
            let mut clusterer = Clusterer::with_strategy(JetDefinition::new(algorithm, 0.4), strategy).unwrap();
            let sequence = clusterer.cluster(&threefold).unwrap();
            assert!(sequence.steps().iter().filter(|step| step.d == 0.0).count() >= 40);
            for jet in sequence.inclusive_jets(0.0) {
                let set = sequence.constituents(jet.index);
                assert!(set.iter().all(|k| set.contains(&((k + 40) % 120))), "{set:?}");
            }
        }
    }
}

#[test]
fn particles_along_the_beam_and_vanishing_ones_are_jets_by_themselves() {
    let mut random = Random(17);
    let mut particles = random.event(150);
    let ordinary = hard_sets(&JetDefinition::new(Algorithm::AntiKt, 0.4), &particles, 0.0);
    for pz in [7.0, -7.0, 3000.0] {
        particles.push(FourVector::new(f64::abs(pz), 0.0, 0.0, pz));
    }
    particles.push(FourVector::default());
    for strategy in [Strategy::Plain, Strategy::Tiled] {
        for algorithm in ALGORITHMS {
            let mut clusterer = Clusterer::with_strategy(JetDefinition::new(algorithm, 0.4), strategy).unwrap();
            let sequence = clusterer.cluster(&particles).unwrap();
            let alone = |k: usize| matches!(sequence.end(k).event, Event::Beam { jet } if jet == k);
            assert!((150..154).all(alone), "{algorithm:?} {strategy:?}");
            assert!(sequence.pseudojets().iter().all(|p| p.rapidity.is_finite() && p.phi.is_finite()));
        }
    }
    assert_eq!(hard_sets(&JetDefinition::new(Algorithm::AntiKt, 0.4), &particles, 1e-9), ordinary);
}

#[test]
fn the_winner_keeps_its_direction_and_mass_and_takes_all_pt() {
    let hard = FourVector::from_pt_eta_phi_mass(10.0, 0.3, 1.0, 2.0);
    let soft = FourVector::from_pt_eta_phi_mass(5.0, 0.1, 1.2, 1.0);
    let recombination = Recombination::WinnerTakesAll;
    let definition = JetDefinition { recombination, ..JetDefinition::new(Algorithm::Kt, 1.0) };
    let sum = definition.cluster(&[soft, hard]).unwrap().inclusive_jets(0.0)[0].momentum;
    for (ours, expected) in [(sum.pt(), 15.0), (sum.rapidity(), hard.rapidity()), (sum.phi(), 1.0), (sum.mass(), 2.0)] {
        assert!((ours - expected).abs() < 1e-10, "{ours} {expected}");
    }
}

#[test]
fn particles_and_definitions_that_make_no_sense_are_named() {
    let good = FourVector::massless([0.0, 0.0, 1.0]);
    let definition = JetDefinition::new(Algorithm::AntiKt, 0.4);
    let error = definition.cluster(&[good, FourVector { py: f64::NAN, ..good }]).unwrap_err();
    assert!(matches!(error, Error::Momentum { particle: 1, component: "py", .. }), "{error}");
    let error = definition.cluster(&[FourVector { e: 1e200, ..good }]).unwrap_err();
    assert!(matches!(error, Error::Momentum { particle: 0, component: "E", .. }), "{error}");
    let error = definition.cluster(&[good * -1.0]).unwrap_err();
    assert!(matches!(error, Error::Energy { particle: 0, .. }), "{error}");
    for radius in [0.0, -1.0, f64::NAN, f64::INFINITY, 2000.0] {
        let error = JetDefinition::new(Algorithm::Kt, radius).cluster(&[good]).unwrap_err();
        assert!(matches!(error, Error::Parameter { .. }), "{error}");
    }
    let events = [vec![good], vec![good, good * f64::NAN]];
    let error = definition.cluster_events(&events, |_, _| ()).unwrap_err();
    assert_eq!(error.to_string(), "event 1: particle 1: E is NaN; components must be finite and at most 1e150 in size");
    assert_eq!(definition.cluster(&[]).unwrap().inclusive_jets(0.0), []);
}

#[test]
fn the_number_of_threads_does_not_change_a_digit() {
    let mut random = Random(18);
    let events: Vec<_> = (0..60).map(|k| random.event(10 + 7 * k)).collect();
    let definition = JetDefinition::new(Algorithm::AntiKt, 0.4);
    let [one, three] = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| definition.cluster_events(&events, |event, s| (event, s.clone())).unwrap())
    });
    assert_eq!(one, three);
    assert!(one.iter().enumerate().all(|(k, (event, s))| *event == k && s.particles() == events[k].len()));
}
