//! The fast clusterings against the definition, computed from all pairs at every step.

mod common;

use clustering::{ClusterSequence, Clusterer, Event, JetDefinition, Strategy};
use common::{ALGORITHMS, Random, ReferenceStep, brute_force};

const STRATEGIES: [Strategy; 3] = [Strategy::Plain, Strategy::Tiled, Strategy::Best];

/// Puts steps of the same distance (the beam distance of Cambridge/Aachen is 1 for all) into one order.
fn in_order(mut steps: Vec<ReferenceStep>) -> Vec<ReferenceStep> {
    steps
        .chunk_by_mut(|a, b| (a.d - b.d).abs() <= 1e-12 * a.d)
        .for_each(|ties| ties.sort_by(|a, b| a.sets.cmp(&b.sets)));
    steps
}

/// Distance and sets of particles of each step.
fn steps(sequence: &ClusterSequence) -> Vec<ReferenceStep> {
    let of = |event: &Event| match *event {
        Event::Merged { parents, .. } => {
            let mut both: Vec<_> = parents.iter().map(|&p| sequence.constituents(p)).collect();
            both.sort();
            both
        }
        Event::Beam { jet } => vec![sequence.constituents(jet)],
    };
    in_order(sequence.steps().iter().map(|step| ReferenceStep { d: step.d, sets: of(&step.event) }).collect())
}

#[test]
fn every_step_of_the_fast_clusterings_is_that_of_the_definition() {
    let mut random = Random(1);
    for n in [1, 2, 3, 7, 20, 60, 150] {
        for (a, algorithm) in ALGORITHMS.into_iter().enumerate() {
            for radius in [0.1, 0.4, 1.0, 2.0, 4.0] {
                let particles = random.event(n);
                let definition = JetDefinition::new(algorithm, radius);
                let reference = in_order(brute_force(&definition, &particles));
                for strategy in STRATEGIES {
                    let mut clusterer = Clusterer::with_strategy(definition, strategy).unwrap();
                    let sequence = clusterer.cluster(&particles).unwrap();
                    assert_eq!(sequence.steps().len(), n);
                    for (k, (step, expected)) in steps(sequence).iter().zip(&reference).enumerate() {
                        assert_eq!(step.sets, expected.sets, "step {k} of {n}, {a}, R = {radius}, {strategy:?}");
                        // Angles are differences of coordinates that carry rounding.
                        assert!((step.d - expected.d).abs() <= 1e-7 * expected.d, "{} {}", step.d, expected.d);
                    }
                }
            }
        }
    }
}

#[test]
fn both_strategies_agree_on_thousands_of_particles() {
    let mut random = Random(2);
    for n in [700, 2500] {
        let particles = random.event(n);
        for algorithm in ALGORITHMS {
            let definition = JetDefinition::new(algorithm, 0.4);
            let [plain, tiled] = [Strategy::Plain, Strategy::Tiled].map(|strategy| {
                let mut clusterer = Clusterer::with_strategy(definition, strategy).unwrap();
                clusterer.cluster(&particles).unwrap();
                clusterer.into_sequence()
            });
            for (a, b) in steps(&plain).iter().zip(&steps(&tiled)) {
                assert_eq!((a.d, &a.sets), (b.d, &b.sets));
            }
        }
    }
}

#[test]
fn a_clusterer_forgets_the_event_before() {
    let mut random = Random(3);
    let definition = JetDefinition::new(ALGORITHMS[0], 0.4);
    for strategy in STRATEGIES {
        let mut kept = Clusterer::with_strategy(definition, strategy).unwrap();
        for n in [300, 5, 0, 120, 1, 900, 40] {
            let particles = random.event(n);
            let mut fresh = Clusterer::with_strategy(definition, strategy).unwrap();
            assert_eq!(kept.cluster(&particles).unwrap(), fresh.cluster(&particles).unwrap());
        }
    }
}
