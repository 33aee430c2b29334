//! How fast events are read and written: MB/s of text and events/s, for showers of about 1000 particles.
//!
//! Run with `cargo bench -p records --bench throughput`; medians of nine passes over 200 events in files
//! of the temporary folder, flushed to the disk. With `--keep FOLDER` the files stay there, for `scripts/check_records.py --bench`
//! to read them with pyhepmc.

use std::path::Path;
use std::time::Instant;

use records::{Error, Event, Owner, Particle, Reader, RunInfo, Vertex, Writer};

const EVENTS: usize = 200;
const PARTICLES: usize = 1000;
const RUNS: usize = 9;

/// SplitMix64, as a uniform number.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A shower as Pythia writes it: most vertices split one particle into two, some decay with a displaced position, final
/// particles are half of all, numbers have all their digits.
fn shower(number: i64, random: &mut Random) -> Event {
    let mut event = Event { number, weights: vec![1.0 + random.uniform()], process: Some(221), ..Event::default() };
    event.scale = Some(91.1876 * random.uniform());
    event.set_attribute(Owner::Event, "mpi", "7".to_string());
    let beam = |pz: f64| Particle { end: Some(0), ..Particle::new(2212, 4, [0.0, 0.0, pz, 6500.0]) };
    event.particles = vec![beam(6499.99993228), beam(-6499.99993228)];
    event.vertices.push(Vertex::default());
    let mut open = 2;
    while event.particles.len() < PARTICLES {
        let vertex = event.vertices.len() - 1;
        for _ in 0..if vertex == 0 { 20 } else { 2 } {
            let mut normal = || (0..4).map(|_| random.uniform()).sum::<f64>() - 2.0;
            let [px, py, pz] = [3.0 * normal(), 3.0 * normal(), 90.0 * normal()];
            let e = (px * px + py * py + pz * pz + 0.0195).sqrt();
            let pdg = [211, -211, 22, 111, 321, 21][(random.uniform() * 6.0) as usize];
            event.particles.push(Particle { production: Some(vertex), ..Particle::new(pdg, 1, [px, py, pz, e]) });
        }
        let position = [0; 4].map(|_| random.uniform());
        event.particles[open].end = Some(vertex + 1);
        event.particles[open].status = 2;
        event.vertices.push(Vertex { position: vertex.is_multiple_of(4).then_some(position), status: 0 });
        open += 1;
    }
    // The last vertex has no daughters.
    event.particles[open - 1].end = None;
    event.vertices.pop();
    event
}

/// Median seconds.
fn time(mut work: impl FnMut() -> Result<(), Error>) -> Result<f64, Error> {
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.remove(0);
    times.sort_by(f64::total_cmp);
    Ok(times[RUNS / 2])
}

fn write(path: &Path, run: &RunInfo, events: &[Event]) -> Result<(), Error> {
    let mut writer = Writer::create(path, run)?;
    events.iter().try_for_each(|event| writer.write(event))?;
    writer.finish().map(|_| ())
}

fn read(path: &Path) -> Result<(), Error> {
    let (mut reader, mut event) = (Reader::open(path)?, Event::default());
    while reader.read_into(&mut event)? {}
    assert_eq!(reader.summary().events, EVENTS as u64);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let kept = arguments.iter().position(|a| a == "--keep").and_then(|at| arguments.get(at + 1));
    let folder = tempfile::tempdir()?;
    let folder = kept.map_or(folder.path(), Path::new);
    let mut random = Random(1);
    let run = RunInfo { weight_names: vec!["Default".to_string()], ..RunInfo::default() };
    let events: Vec<Event> = (0..EVENTS).map(|n| shower(n as i64, &mut random)).collect();
    println!(
        "{EVENTS} events of {} particles, {} vertices; MB of text",
        events[0].particles.len(),
        events[0].vertices.len()
    );
    println!(
        "{:>12} {:>7} {:>7} {:>12} {:>12} {:>11} {:>11}",
        "", "MB", "on disk", "read MB/s", "read ev/s", "write MB/s", "write ev/s"
    );
    for format in ["hepmc3", "hepmc2"] {
        let mut text = 0.0;
        for compression in ["", ".gz", ".zst"] {
            let name = format!("{format}{compression}");
            let path = folder.join(format!("bench.{name}"));
            let writing = time(|| write(&path, &run, &events))?;
            let reading = time(|| read(&path))?;
            let size = std::fs::metadata(&path)?.len() as f64 / 1e6;
            text = if compression.is_empty() { size } else { text };
            let [r, w] = [reading, writing].map(|t| (text / t, EVENTS as f64 / t));
            println!("{name:>12} {text:7.1} {size:7.1} {:12.0} {:12.0} {:11.0} {:11.0}", r.0, r.1, w.0, w.1);
        }
    }
    Ok(())
}
