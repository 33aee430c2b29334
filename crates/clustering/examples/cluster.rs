//! Clusters the events of a file: jets as JSON lines, or the time per event.
use clustering::{Algorithm, Clusterer, FourVector, JetDefinition, Strategy};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let bytes = std::fs::read(&args[1]).unwrap();
    let mut events = vec![]; let mut at = 0;
    while at < bytes.len() {
        let n = u32::from_le_bytes(bytes[at..at+4].try_into().unwrap()) as usize; at += 4;
        let mut ev = vec![];
        for _ in 0..n { let f = |k: usize| f64::from_le_bytes(bytes[at+8*k..at+8*k+8].try_into().unwrap()); ev.push(FourVector::new(f(0), f(1), f(2), f(3))); at += 32; }
        events.push(ev);
    }
    for (name, alg) in [("akt", Algorithm::AntiKt), ("kt", Algorithm::Kt), ("ca", Algorithm::CambridgeAachen)] {
        for s in [Strategy::Plain, Strategy::Tiled] {
            let mut c = Clusterer::with_strategy(JetDefinition::new(alg, 0.4), s).unwrap();
            let mut t = vec![]; let mut k = 0;
            for _ in 0..4 { let start = Instant::now(); for e in &events { k += c.cluster(e).unwrap().steps().len(); } t.push(start.elapsed().as_secs_f64() / events.len() as f64 * 1e6); }
            println!("{name} {s:?} {t:.1?} {k}");
        }
    }
}
