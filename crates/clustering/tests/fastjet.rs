//! FastJet's answers on a sample of Pythia's events (tests/data/README.md).

use clustering::{Algorithm, FourVector, Jet, JetDefinition, Recombination};
use serde_json::Value;

fn events() -> Vec<Vec<FourVector>> {
    let bytes = include_bytes!("data/events.bin");
    let (mut at, mut events) = (0, Vec::new());
    while at < bytes.len() {
        let n = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let number = |k: usize| f64::from_le_bytes(bytes[at + 4 + 8 * k..at + 12 + 8 * k].try_into().unwrap());
        let momentum = |k| FourVector::new(number(4 * k), number(4 * k + 1), number(4 * k + 2), number(4 * k + 3));
        events.push((0..n).map(momentum).collect());
        at += 4 + 32 * n;
    }
    events
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn close(ours: f64, theirs: f64, scale: f64) {
    assert!((ours - theirs).abs() <= 1e-9 * scale, "{ours} is not {theirs}");
}

#[test]
fn jets_subjets_and_distances_are_fastjets() {
    let (events, answers) = (events(), include_str!("data/fastjet.json"));
    let answers: Vec<Value> = serde_json::from_str(answers).unwrap();
    assert_eq!((events.len(), answers.len()), (4, 36));
    let (mut jets_seen, mut exclusive_seen) = (0, 0);
    for answer in &answers {
        let algorithm = match answer["algorithm"].as_str().unwrap() {
            "antikt" => Algorithm::AntiKt,
            "kt" => Algorithm::Kt,
            _ => Algorithm::CambridgeAachen,
        };
        let mut definition = JetDefinition::new(algorithm, answer["radius"].as_f64().unwrap());
        if answer["scheme"] == "WTA" {
            definition.recombination = Recombination::WinnerTakesAll;
        }
        let sequence = definition.cluster(&events[answer["event"].as_u64().unwrap() as usize]).unwrap();
        let same = |ours: &[Jet], theirs: &Value| {
            let theirs = theirs.as_array().unwrap();
            assert_eq!(ours.len(), theirs.len());
            for (jet, expected) in ours.iter().zip(theirs) {
                let constituents: Vec<f64> = sequence.constituents(jet.index).iter().map(|&k| k as f64).collect();
                assert_eq!(constituents, numbers(&expected["constituents"]));
                let p = [jet.momentum.e, jet.momentum.px, jet.momentum.py, jet.momentum.pz];
                numbers(&expected["p"]).iter().zip(p).for_each(|(&theirs, ours)| close(ours, theirs, p[0]));
            }
            theirs.len()
        };
        let jets = sequence.inclusive_jets(answer["pt_min"].as_f64().unwrap());
        jets_seen += same(&jets, &answer["jets"]);
        if let Some(d) = answer["subjet_d"].as_f64() {
            same(&sequence.exclusive_subjets(jets[0].index, 3).unwrap(), &answer["subjets"]);
            close(sequence.subjet_merge_distance(jets[0].index, 2), d, d);
        }
        if algorithm == Algorithm::Kt {
            exclusive_seen += same(&sequence.exclusive_jets(4).unwrap(), &answer["exclusive"]);
            for (n, &d) in numbers(&answer["d"]).iter().enumerate() {
                close(sequence.merge_distance(n + 1), d, d);
            }
        }
    }
    assert!(jets_seen > 50 && exclusive_seen == 48, "{jets_seen} {exclusive_seen}");
}
