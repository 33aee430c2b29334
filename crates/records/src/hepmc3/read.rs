//! Events of `Asciiv3`.

use super::attributes::{self, Early};
use super::graph::Graph;
use super::run::{END, START, read_run};
use crate::error::Fault;
use crate::event::Vertex;
use crate::lines::Lines;
use crate::tokens::{Tokens, parse_int, text};
use crate::units::Units;
use crate::{Error, Event, Particle, RunInfo};

/// What is kept between the lines of an event; its memory serves all events.
#[derive(Default)]
pub(crate) struct Reader {
    graph: Graph,
    early: Vec<(usize, Early)>,
    incoming: Vec<u64>,
    ended: bool,
}

/// The promises of the lines before the particles.
struct Head {
    vertices: usize,
    particles: usize,
    units: Option<Units>,
    weighted: bool,
}

impl Reader {
    /// Reads the next event; false at the end of the listing.
    pub(crate) fn read(&mut self, lines: &mut Lines, run: &RunInfo, event: &mut Event) -> Result<bool, Error> {
        lines.event = None;
        let mut head = loop {
            let Some(line) = lines.next_filled()? else {
                return if self.ended { Ok(false) } else { Err(lines.truncated(text(END))) };
            };
            let line = line.trim_ascii();
            if line == END {
                self.ended = true;
            } else if line == START && self.ended {
                self.ended = false;
                let again = read_run(lines)?;
                if again.weight_names != run.weight_names {
                    let expected = format!("the weights {:?} again", run.weight_names);
                    return Err(lines.error(Fault::new(expected, format!("{:?}", again.weight_names))));
                }
            } else if !(line.starts_with(b"HepMC::Version") && self.ended) {
                let head = read_head(line, event, self.ended);
                break head.map_err(|fault| lines.error(fault))?;
            }
        };
        lines.event = Some(event.number);
        self.graph.clear();
        self.early.clear();
        loop {
            let Some(line) = lines.next()? else {
                if lines.cut || event.particles.len() < head.particles {
                    return Err(lines.truncated(text(END)));
                }
                break;
            };
            match line {
                [b'P', b' ', ..] => self.particle(line, &head, run, event),
                [b'E' | b'H', ..] => {
                    lines.back();
                    break;
                }
                line => self.other(line, &mut head, run, event),
            }
            .map_err(|fault| lines.error(fault))?;
        }
        self.finish(&head, run, event).map_err(|fault| lines.error(fault))?;
        Ok(true)
    }

    #[inline]
    fn particle(&mut self, line: &[u8], head: &Head, run: &RunInfo, event: &mut Event) -> Result<(), Fault> {
        let units = ready(head, run)?;
        let mut tokens = Tokens::new(&line[2..]);
        let id: i64 = tokens.int("the id of the particle")?;
        if id != event.particles.len() as i64 + 1 {
            return Err(Fault::new(format!("particle {}", event.particles.len() + 1), format!("particle {id}")));
        }
        let origin: i64 = tokens.int("the origin of the particle")?;
        if origin == id {
            return Err(Fault::new("an origin of the particle", "the particle itself"));
        }
        let pdg = tokens.int("the PDG id")?;
        let [px, py, pz, e, mass] = units.momentum(tokens.floats("px, py, pz, e and m")?);
        let status = tokens.int("the status")?;
        tokens.end()?;
        let particle = Particle { mass, ..bare(pdg, status, [px, py, pz, e]) };
        self.graph.particle(event, particle, origin)
    }

    fn other(&mut self, line: &[u8], head: &mut Head, run: &RunInfo, event: &mut Event) -> Result<(), Fault> {
        let mut tokens = Tokens::new(line);
        match tokens.word() {
            None => Ok(()),
            Some(b"V") => self.vertex(tokens, head, run, event),
            Some(b"A") => attributes::read(tokens, event, &mut self.early),
            Some(b"U") if head.units.is_some() => Err(Fault::text("one U line per event", line)),
            Some(b"U") => {
                let units = Units::parse(&mut tokens)?;
                head.units = Some(units);
                event.position = event.position.map(|x| units.length(x));
                tokens.end()
            }
            Some(b"W") => {
                while !tokens.rest().is_empty() {
                    event.weights.push(tokens.float("a weight")?);
                }
                head.weighted = true;
                let names = run.weight_names.len();
                if names > 0 && event.weights.len() != names {
                    let found = format!("{}", event.weights.len());
                    return Err(Fault::new(format!("{names} weights, as named at the beginning"), found));
                }
                Ok(())
            }
            Some(_) => Err(Fault::text("a line E, U, W, A, P, V or the end of the listing", line)),
        }
    }

    fn vertex(&mut self, mut tokens: Tokens, head: &Head, run: &RunInfo, event: &mut Event) -> Result<(), Fault> {
        let units = ready(head, run)?;
        let number: i32 = tokens.int("the id of the vertex")?;
        if number >= 0 {
            return Err(Fault::new("a vertex id below 0", format!("{number}")));
        }
        let status = tokens.int("the status of the vertex")?;
        let rest = tokens.rest();
        let list = rest.strip_prefix(b"[").and_then(|r| r.iter().position(|&b| b == b']').map(|n| r.split_at(n)));
        let Some((list, rest)) = list else {
            return Err(Fault::text("incoming particles such as [1,2]", rest));
        };
        self.incoming.clear();
        for id in list.split(|&b| b == b',').filter(|_| !list.trim_ascii().is_empty()) {
            let number = parse_int(id.trim_ascii()).filter(|&id| (1..=i64::from(i32::MAX)).contains(&id));
            self.incoming.push(number.ok_or_else(|| Fault::text("the id of an incoming particle", id))? as u64);
        }
        let mut rest = Tokens::new(&rest[1..]);
        let position = position(&mut rest)?.map(|x| units.length(x));
        rest.end()?;
        self.graph.vertex(event, u64::from(number.unsigned_abs()), Vertex { position, status }, &self.incoming)
    }

    fn finish(&mut self, head: &Head, run: &RunInfo, event: &mut Event) -> Result<(), Fault> {
        ready(head, run)?;
        if event.particles.len() != head.particles {
            let expected = format!("{} particles, as the E line says", head.particles);
            return Err(Fault::new(expected, format!("{}", event.particles.len())));
        }
        self.graph.finish(event, head.vertices)?;
        for (index, property) in self.early.drain(..) {
            let count = event.particles.len();
            let Some(particle) = event.particles.get_mut(index) else {
                return Err(Fault::new(format!("attributes of {count} particles"), format!("one of {}", index + 1)));
            };
            match property {
                Early::Colour(k, colour) => particle.colours[k] = colour,
                Early::Lifetime(x) => particle.lifetime = x,
                Early::Spin(x) => particle.spin = x,
            }
        }
        Ok(())
    }
}

/// The units, once everything before the particles is there.
#[inline]
fn ready(head: &Head, run: &RunInfo) -> Result<Units, Fault> {
    let Some(units) = head.units else {
        return Err(Fault::new("a U line with the units before particles and vertices", "none"));
    };
    if !head.weighted && !run.weight_names.is_empty() {
        let names = run.weight_names.len();
        return Err(Fault::new(format!("a W line with {names} weights before particles and vertices"), "none"));
    }
    Ok(units)
}

/// A particle without mass and graph.
fn bare(pdg: i32, status: i32, [px, py, pz, e]: [f64; 4]) -> Particle {
    Particle { px, py, pz, e, ..Particle::new(pdg, status, [0.0; 4]) }
}

fn read_head(line: &[u8], event: &mut Event, ended: bool) -> Result<Head, Fault> {
    event.clear();
    let mut tokens = Tokens::new(line);
    if ended || tokens.word() != Some(b"E") {
        let expected =
            if ended { "nothing after the end of the listing" } else { "an event, beginning with an E line" };
        return Err(Fault::text(expected, line));
    }
    event.number = tokens.int("the number of the event")?;
    let count = |n: u32| n as usize;
    let vertices = count(tokens.int("the number of vertices")?);
    let particles = count(tokens.int("the number of particles")?);
    event.position = position(&mut tokens)?;
    tokens.end()?;
    Ok(Head { vertices, particles, units: None, weighted: false })
}

/// `@ x y z ct`, or nothing.
fn position(tokens: &mut Tokens) -> Result<Option<[f64; 4]>, Fault> {
    match tokens.word() {
        None => Ok(None),
        Some(b"@") => tokens.floats("x, y, z and ct").map(Some),
        Some(other) => Err(Fault::text("@ and a position", other)),
    }
}
