//! Clusters the events of a file and writes a JSON line for each, or times it.
//!
//! usage: cluster EVENTS ALGORITHM RADIUS [SCHEME [PT_MIN]]       (ALGORITHM antikt, kt, cambridge; SCHEME E or WTA)
//!        cluster EVENTS ALGORITHM RADIUS time ROUNDS [STRATEGY]  (STRATEGY best, plain, tiled)
//!        cluster JETS substructure R0                            (each "event" is one jet)
//!
//! EVENTS is binary, little endian: for each event the number of particles (u32), then E, px, py, pz (f64) of each. Lines have the keys
//! `jets` (each `p`, the four-momentum, and `constituents`), `d` (d_{n,n+1} for n = 1 to 10), `exclusive` (four jets), `subjets` (three, of
//! the hardest jet) and `subjet_d` (d_{2,3} inside it); with `substructure` the groomed jets and tau_N. With `time` the output is one
//! line per round: microseconds of processor time per event, from momenta in memory to a finished sequence, and the number of steps.

use std::error::Error;
use std::time::Instant;

use clustering::{
    Algorithm, Axes, ClusterSequence, Clusterer, FourVector, Jet, JetDefinition, NSubjettiness, Recombination,
    SoftDrop, Strategy,
};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [events, "substructure", r0] => {
            let r0 = r0.parse()?;
            for jet in read(events)? {
                println!("{}", substructure(&jet, r0)?);
            }
        }
        [events, algorithm, radius, "time", rounds, ref strategy @ ..] => {
            let strategy = match strategy {
                [] | ["best"] => Strategy::Best,
                ["plain"] => Strategy::Plain,
                ["tiled"] => Strategy::Tiled,
                other => return Err(format!("unknown strategy {other:?}").into()),
            };
            let definition = JetDefinition::new(named(algorithm)?, radius.parse()?);
            time(&read(events)?, definition, strategy, rounds.parse()?)?;
        }
        [events, algorithm, radius, ref rest @ ..] if rest.len() <= 2 => {
            let mut definition = JetDefinition::new(named(algorithm)?, radius.parse()?);
            if rest.first() == Some(&"WTA") {
                definition.recombination = Recombination::WinnerTakesAll;
            }
            let pt_min = rest.get(1).map_or(Ok(0.0), |word| word.parse())?;
            let lines = definition.cluster_events(&read(events)?, |_, sequence| line(sequence, pt_min))?;
            for line in lines {
                println!("{}", line?);
            }
        }
        _ => return Err("usage: cluster EVENTS ALGORITHM RADIUS ... (see the head of cluster.rs)".into()),
    }
    Ok(())
}

fn named(name: &str) -> Result<Algorithm, String> {
    match name {
        "antikt" => Ok(Algorithm::AntiKt),
        "kt" => Ok(Algorithm::Kt),
        "cambridge" => Ok(Algorithm::CambridgeAachen),
        other => Err(format!("unknown algorithm {other}; choose from antikt, kt, cambridge")),
    }
}

fn read(path: &str) -> Result<Vec<Vec<FourVector>>, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let (mut rest, mut events) = (&bytes[..], Vec::new());
    while let Some((count, tail)) = rest.split_first_chunk::<4>() {
        let size = u32::from_le_bytes(*count) as usize * 32;
        let (particles, tail) =
            tail.split_at_checked(size).ok_or_else(|| format!("event {} is cut off", events.len()))?;
        let number = |chunk: &[u8; 8]| f64::from_le_bytes(*chunk);
        let momenta = particles.as_chunks::<8>().0.as_chunks::<4>().0.iter();
        events.push(momenta.map(|[e, x, y, z]| FourVector::new(number(e), number(x), number(y), number(z))).collect());
        rest = tail;
    }
    Ok(events)
}

fn time(
    events: &[Vec<FourVector>],
    definition: JetDefinition,
    strategy: Strategy,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let mut clusterer = Clusterer::with_strategy(definition, strategy)?;
    let begin = Instant::now();
    for _ in 0..rounds {
        let (start, mut steps) = (processor_seconds(begin), 0);
        for event in events {
            steps += clusterer.cluster(event)?.steps().len();
        }
        let elapsed = processor_seconds(begin) - start;
        println!("{:.3} {steps}", 1e6 * elapsed / events.len() as f64);
    }
    Ok(())
}

/// Time that this thread has been running, so that other programs on the machine do not count; wall time where there is no Linux. The kernel
/// adds it up in ticks of a few milliseconds.
fn processor_seconds(begin: Instant) -> f64 {
    let statistics = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds =
        statistics.and_then(|text| text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()));
    nanoseconds.map_or_else(|| begin.elapsed().as_secs_f64(), |ns| 1e-9 * ns)
}

fn momentum(p: &FourVector) -> Value {
    json!([p.e, p.px, p.py, p.pz])
}

fn line(sequence: &ClusterSequence, pt_min: f64) -> Result<Value, clustering::Error> {
    let one = |jet: &Jet| json!({ "p": momentum(&jet.momentum), "constituents": sequence.constituents(jet.index) });
    let list = |jets: &[Jet]| jets.iter().map(one).collect::<Vec<_>>();
    let jets = sequence.inclusive_jets(pt_min);
    let hardest = jets.first().filter(|jet| sequence.constituents(jet.index).len() >= 3);
    let subjets = hardest.map_or(Ok(vec![]), |jet| sequence.exclusive_subjets(jet.index, 3))?;
    Ok(json!({
        "jets": list(&jets),
        "d": (1..=10).map(|n| sequence.merge_distance(n)).collect::<Vec<_>>(),
        "exclusive": list(&sequence.exclusive_jets(sequence.particles().min(4))?),
        "subjets": list(&subjets),
        "subjet_d": hardest.map(|jet| sequence.subjet_merge_distance(jet.index, 2)),
    }))
}

fn substructure(jet: &[FourVector], r0: f64) -> Result<Value, clustering::Error> {
    let mut groomed = Vec::new();
    for (beta, z_cut) in [(0.0, 0.1), (1.0, 0.1), (2.0, 0.05)] {
        let g = SoftDrop::new(beta, z_cut, r0).groom(jet)?;
        groomed.push(json!({ "beta": beta, "z_cut": z_cut, "p": momentum(&g.momentum), "z": g.z, "r": g.r,
            "constituents": g.constituents }));
    }
    let mut tau = serde_json::Map::new();
    let kinds = [
        ("KT_Axes", Axes::Kt),
        ("WTA_KT_Axes", Axes::WinnerTakesAllKt),
        ("OnePass_KT_Axes", Axes::OnePassKt),
        ("OnePass_WTA_KT_Axes", Axes::OnePassWinnerTakesAllKt),
    ];
    for (name, axes) in kinds {
        for beta in [1.0, 2.0] {
            let tau_n = NSubjettiness { beta, r0, axes }.tau(jet, 3)?;
            tau.insert(format!("{name} {beta}"), json!(tau_n));
        }
    }
    Ok(json!({ "softdrop": groomed, "tau": tau }))
}
