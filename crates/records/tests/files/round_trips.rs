//! What is written is read back, to the last bit.

use records::{Event, Owner, Particle, RunInfo, Vertex};

use super::random::{Random, canonical};
use super::{read_all, written};

/// The first lines that differ; a message of two lines instead of all.
fn difference<'a>(a: &'a [String], b: &'a [String]) -> Option<(&'a String, &'a String)> {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).find(|(a, b)| a != b)
}

/// Every bit of every field, as `Debug` shows it.
fn assert_same(read: &[Event], events: &[Event]) {
    assert_eq!(read.len(), events.len());
    for (read, event) in read.iter().zip(events) {
        let lines = |e: &Event| format!("{e:#?}").lines().map(String::from).collect::<Vec<_>>();
        assert_eq!(difference(&lines(read), &lines(event)), None);
    }
}

#[test]
fn hepmc3_gives_back_every_field_of_random_events() {
    let mut random = Random(1);
    for round in 0..60 {
        let weights = 1 + random.below(4);
        let run = random.run(weights);
        let events: Vec<Event> = (0..3).map(|n| random.shower(n * 1_000_000_007, weights, 1 + round % 20)).collect();
        let (read_run, read) = read_all(written("hepmc3", &run, &events).unwrap());
        assert_eq!(read_run, run);
        assert_same(&read, &events);
    }
}

#[test]
fn hepmc3_gives_back_the_graph_of_events_in_any_order() {
    let mut random = Random(2);
    for round in 0..60 {
        let run = random.run(1);
        let event = random.shower(round, 1, 2 + round as usize % 20);
        let event = random.shuffled(&event);
        let (_, read) = read_all(written("hepmc3", &run, std::slice::from_ref(&event)).unwrap());
        assert_eq!(difference(&canonical(&read[0]), &canonical(&event)), None);
        // Mothers come first in what was written.
        let topology = read[0].topology();
        for (incoming, outgoing) in topology.incoming.iter().zip(&topology.outgoing) {
            assert!(incoming.last() < outgoing.first());
        }
    }
}

/// What HepMC2 has places for.
fn as_hepmc2(event: &Event) -> Event {
    let mut out = event.clone();
    for (v, vertex) in out.vertices.iter_mut().enumerate() {
        *vertex = Vertex { position: Some(event.position_of(v)), ..*vertex };
    }
    for particle in &mut out.particles {
        *particle = Particle { lifetime: 0.0, spin: 9.0, ..*particle };
    }
    if let Some(xs) = &mut out.cross_section {
        xs.values.truncate(1);
        xs.errors.truncate(1);
        xs.accepted = None;
    }
    out.attributes.clear();
    out.position = None;
    out
}

#[test]
fn hepmc2_gives_back_what_it_has_places_for() {
    let mut random = Random(3);
    for round in 0..60 {
        let weights = 1 + random.below(4);
        let run = random.run(weights);
        let events: Vec<Event> = (0..3).map(|n| random.shower(n, weights, 1 + round % 20)).collect();
        let (read_run, read) = read_all(written("hepmc2", &run, &events).unwrap());
        assert_eq!(read_run, RunInfo { weight_names: run.weight_names, ..RunInfo::default() });
        for (read, event) in read.iter().zip(&events) {
            assert_eq!(difference(&canonical(read), &canonical(&as_hepmc2(event))), None);
        }
    }
}

#[test]
fn hepmc2_has_columns_for_some_attributes() {
    let mut random = Random(4);
    let mut event = random.shower(0, 1, 3);
    event.attributes.clear();
    let heavy = "v0 1 2 3 4 5 6 7 8 9 2.5 0.125 0.5 70 -1 -1 -1 -1 -1 -1 0 0";
    let attributes = [
        (Owner::Event, "mpi", "3"),
        (Owner::Event, "random_states", "1 99999999999 3"),
        (Owner::Event, "GenHeavyIon", heavy),
        (Owner::Particle(2), "theta", "0.25"),
        (Owner::Particle(2), "phi", "-1.5"),
        (Owner::Particle(2), "flow3", "77"),
        (Owner::Vertex(1), "weights", "0.5 2"),
    ];
    for (owner, name, value) in attributes {
        event.set_attribute(owner, name, value.to_string());
    }
    let run = random.run(1);
    let (_, read) = read_all(written("hepmc2", &run, std::slice::from_ref(&event)).unwrap());
    let expected = Event { attributes: event.attributes.clone(), ..as_hepmc2(&event) };
    assert_eq!(difference(&canonical(&read[0]), &canonical(&expected)), None);
}

/// A hard process as LHE has it: two come in, intermediate particles decay into two.
fn hard_process(random: &mut Random, number: i64, weights: usize) -> Event {
    let shower = random.shower(number, weights, 1);
    let mut event = Event { vertices: vec![Vertex::default()], ..shower };
    (event.position, event.signal_vertex, event.cross_section) = (None, None, None);
    if let Some(pdf) = &mut event.pdf {
        pdf.sets = [0; 2];
    }
    event.attributes.clear();
    event.set_attribute(Owner::Event, "lhe_text", "# one\n<scales muf='2'/>".to_string());
    for (i, p) in event.particles.iter_mut().enumerate() {
        (p.status, p.lifetime, p.spin) = if i < 2 { (21, 0.0, 9.0) } else { (1, random.float(), random.float()) };
        p.mothers = if i < 2 { [0; 2] } else { [1, 2] };
    }
    for mother in 2..event.particles.len() {
        if random.below(2) == 0 {
            let vertex = event.vertices.len();
            event.vertices.push(Vertex::default());
            (event.particles[mother].status, event.particles[mother].end) = (2, Some(vertex));
            for _ in 0..2 {
                let new = event.particles[mother];
                let px = random.float();
                let mothers = [mother as u32 + 1; 2];
                event.particles.push(Particle { px, status: 1, production: Some(vertex), end: None, mothers, ..new });
            }
        }
    }
    event
}

#[test]
fn lhe_gives_back_every_field_of_random_hard_processes() {
    let mut random = Random(5);
    for _ in 0..60 {
        let weights = 1 + random.below(4);
        let run = random.run(weights);
        let events: Vec<Event> = (0..3).map(|n| hard_process(&mut random, n, weights)).collect();
        let (read_run, read) = read_all(written("lhe", &run, &events).unwrap());
        // Weights without a declaration get one, which is text of the header from then on.
        let header = if weights == 1 { run.header.clone() } else { read_run.header.clone() };
        assert!(header.starts_with(&run.header));
        let weight_names = if weights == 1 { vec!["Default".to_string()] } else { run.weight_names.clone() };
        assert_eq!(read_run, RunInfo { header, weight_names, attributes: vec![], ..run });
        assert_same(&read, &events);
        assert_eq!(read_all(written("lhe", &read_run, &read).unwrap()), (read_run, read));
    }
}

#[test]
fn compressed_files_hold_the_same_text() {
    let mut random = Random(6);
    let run = random.run(2);
    let events: Vec<Event> = (0..200).map(|n| random.shower(n, 2, 30)).collect();
    for format in ["hepmc3", "hepmc2"] {
        let plain = written(format, &run, &events).unwrap();
        assert!(plain.len() > 1 << 20, "shorter than the chunks of the decoders");
        for compression in ["gz", "zst", "zstd"] {
            let packed = written(&format!("{format}.{compression}"), &run, &events).unwrap();
            assert!(packed.len() * 5 < plain.len() * 4, "{} of {} bytes", packed.len(), plain.len());
            assert_eq!(read_all(packed), read_all(plain.clone()));
        }
    }
}
