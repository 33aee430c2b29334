//! Microseconds per event of each strategy and algorithm, R = 0.4: `cargo bench -p clustering`.
//!
//! The events are random, half of the particles in four jets and half anywhere within |y| < 4.5, enough of them for 60 000 particles per
//! round. Strategies take turns; printed are the median of nine rounds and the range.

use std::f64::consts::PI;
use std::time::Instant;

use clustering::{Algorithm, Clusterer, FourVector, JetDefinition, Strategy};

const ROUNDS: usize = 9;
const PARTICLES: usize = 60_000;

fn main() {
    println!("N, algorithm: plain, tiled; microseconds per event, median (smallest to largest)");
    for n in [30, 60, 100, 150, 200, 300, 1000, 3000] {
        let events = events(n);
        for (name, algorithm) in
            [("anti-kT", Algorithm::AntiKt), ("kT", Algorithm::Kt), ("C/A", Algorithm::CambridgeAachen)]
        {
            let definition = JetDefinition::new(algorithm, 0.4);
            let [mut plain, mut tiled] = [Strategy::Plain, Strategy::Tiled]
                .map(|strategy| (Clusterer::with_strategy(definition, strategy).expect("a valid definition"), vec![]));
            for _ in 0..ROUNDS {
                for (clusterer, times) in [&mut plain, &mut tiled] {
                    let start = Instant::now();
                    for event in &events {
                        clusterer.cluster(event).expect("valid particles");
                    }
                    times.push(1e6 * start.elapsed().as_secs_f64() / events.len() as f64);
                }
            }
            println!("{n}, {name}: {}, {}", summary(&mut plain.1), summary(&mut tiled.1));
        }
    }
}

fn summary(times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1} to {:.1})", times[ROUNDS / 2], times[0], times[ROUNDS - 1])
}

fn events(n: usize) -> Vec<Vec<FourVector>> {
    let mut state = 1u64;
    let mut between = |low: f64, high: f64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        low + (high - low) * (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut event = || {
        let axes: Vec<[f64; 2]> = (0..4).map(|_| [between(-2.5, 2.5), between(-PI, PI)]).collect();
        let mut particle = |k: usize| {
            let pt = 0.5 / (1.0 - between(0.0, 1.0)).powf(0.8);
            if k.is_multiple_of(2) {
                return FourVector::massless([between(-4.5, 4.5), between(-PI, PI), pt]);
            }
            let (axis, angle, reach) = (axes[k / 2 % 4], between(-PI, PI), 0.5 * between(0.0, 1.0).powi(2));
            FourVector::massless([axis[0] + reach * angle.cos(), axis[1] + reach * angle.sin(), 3.0 * pt])
        };
        (0..n).map(&mut particle).collect()
    };
    (0..PARTICLES / n).map(|_| event()).collect()
}
