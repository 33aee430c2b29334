//! Writing events as `IO_GenEvent`.

use crate::event::Owner;
use crate::names::{HEAVY_ION, MPI, PHI, RANDOM_STATES, THETA, VERTEX_WEIGHTS};
use crate::print::Text;
use crate::tokens::{parse_float, parse_int};
use crate::{Error, Event, Format, RunInfo};

const FIRST_BARCODE: usize = 10001;

/// Writes everything before the first event.
pub(crate) fn write_header(out: &mut Text, run: &RunInfo) -> Result<(), Error> {
    if let Some(name) = run.weight_names.iter().find(|n| n.contains(['"', '\n', '\r'])) {
        let problem = format!("the weight name {name:?} has a double quote or a line break");
        return Err(Error::Run { format: Format::HepMc2, problem });
    }
    out.push("HepMC::Version 2.06.09\nHepMC::IO_GenEvent-START_EVENT_LISTING\n");
    Ok(())
}

/// Writes one event, which has passed [`Event::check`].
pub(crate) fn write_event(out: &mut Text, event: &Event, run: &RunInfo) -> Result<(), Error> {
    if let Some(i) = event.particles.iter().position(|p| p.production.is_none() && p.end.is_none()) {
        let problem = format!("particle {i} belongs to no vertex; HepMC2 lists particles by their vertices");
        return Err(Error::Event { number: event.number, problem });
    }
    let topology = event.topology();
    let positions = event.positions(&topology);
    let details = Details::of(event);
    write_head(out, event, run);
    for (v, vertex) in event.vertices.iter().enumerate() {
        let is_orphan = |i: &&usize| event.particles[**i].production.is_none();
        let orphans = topology.incoming[v].iter().filter(is_orphan);
        out.push("V -").push(&(v + 1).to_string()).int(vertex.status).floats(&positions[v]);
        out.count(orphans.clone().count()).count(topology.outgoing[v].len());
        let weights = event.attribute(Owner::Vertex(v), VERTEX_WEIGHTS).unwrap_or_default();
        let weights: Vec<f64> = weights.split_whitespace().filter_map(|w| parse_float(w.as_bytes())).collect();
        out.count(weights.len()).floats(&weights).end_line();
        for &i in orphans.chain(&topology.outgoing[v]) {
            let p = &event.particles[i];
            out.push("P").count(FIRST_BARCODE + i).int(p.pdg).floats(&[p.px, p.py, p.pz, p.e, p.mass]).int(p.status);
            out.floats(&details.angles[i]).int(p.end.map_or(0, |v| -(v as i64) - 1));
            // Both or none, for HepMC3's reader forgets which is which.
            let colours = (1..).zip(p.colours).take(if p.colours == [0; 2] { 0 } else { 2 });
            let flows = colours.chain(details.flows.iter().filter(|f| f.0 == i).map(|f| (f.1, f.2)));
            out.count(flows.clone().count());
            for (code, colour) in flows {
                out.int(code).int(colour);
            }
            out.end_line();
        }
    }
    Ok(())
}

fn write_head(out: &mut Text, event: &Event, run: &RunInfo) {
    let mut beams = event.beams().into_iter().map(|i| FIRST_BARCODE + i);
    let text = |name| event.attribute(Owner::Event, name).unwrap_or_default();
    out.push("E").int(event.number).int(parse_int(text(MPI).as_bytes()).unwrap_or(-1));
    for number in [event.scale, event.alpha_qcd, event.alpha_qed] {
        out.float(number.unwrap_or(-1.0));
    }
    out.int(event.process.unwrap_or(0)).int(event.signal_vertex.map_or(0, |v| -(v as i64) - 1));
    out.count(event.vertices.len()).count(beams.next().unwrap_or(0)).count(beams.next().unwrap_or(0));
    let states: Vec<&str> = text(RANDOM_STATES).split_whitespace().collect();
    out.count(states.len());
    for state in states {
        out.push(" ").push(state);
    }
    out.count(event.weights.len()).floats(&event.weights).end_line();
    if !run.weight_names.is_empty() {
        out.push("N").count(run.weight_names.len());
        for name in &run.weight_names {
            out.push(" \"").push(name).push("\"");
        }
        out.end_line();
    }
    out.push("U GEV MM\n");
    if let Some(xs) = &event.cross_section {
        out.push("C").floats(&xs.values[..1]).floats(&xs.errors[..1]).end_line();
    }
    if let Some(numbers) = heavy_ions(text(HEAVY_ION)) {
        out.push("H");
        for number in &numbers[..9] {
            out.int(*number as i64);
        }
        out.floats(&numbers[9..]).end_line();
    }
    if let Some(pdf) = &event.pdf {
        out.push("F").int(pdf.partons[0]).int(pdf.partons[1]).floats(&pdf.x).float(pdf.scale).floats(&pdf.xf);
        out.int(pdf.sets[0]).int(pdf.sets[1]).end_line();
    }
}

/// The 13 numbers at the beginning of HepMC3's text of version 0.
fn heavy_ions(text: &str) -> Option<Vec<f64>> {
    let mut words = text.split_whitespace();
    let numbers: Vec<f64> = if words.next()? == "v0" {
        words.map_while(|w| parse_float(w.as_bytes())).take(13).collect()
    } else {
        Vec::new()
    };
    (numbers.len() == 13).then_some(numbers)
}

/// Attributes of particles that have columns here.
struct Details {
    angles: Vec<[f64; 2]>,
    /// Particle, index and colour of colour lines beyond the second.
    flows: Vec<(usize, i32, i32)>,
}

impl Details {
    fn of(event: &Event) -> Details {
        let mut details = Details { angles: vec![[0.0; 2]; event.particles.len()], flows: Vec::new() };
        for attribute in &event.attributes {
            let Owner::Particle(i) = attribute.owner else { continue };
            let value = attribute.value.as_bytes();
            match attribute.name.as_str() {
                THETA => details.angles[i][0] = parse_float(value).unwrap_or(0.0),
                PHI => details.angles[i][1] = parse_float(value).unwrap_or(0.0),
                name => {
                    let code = name.strip_prefix("flow").and_then(|n| n.parse().ok());
                    if let (Some(code), Some(colour)) = (code, parse_int(value).and_then(|c| c.try_into().ok())) {
                        details.flows.push((i, code, colour));
                    }
                }
            }
        }
        details
    }
}

/// The line after the last event.
pub(crate) const FOOTER: &str = "HepMC::IO_GenEvent-END_EVENT_LISTING\n\n";
