//! Events of `IO_GenEvent`.

use super::head::{self, Head};
use crate::barcodes::Barcodes;
use crate::error::Fault;
use crate::event::{Attribute, Owner, Vertex};
use crate::lines::Lines;
use crate::names::{FLOW, PHI, THETA, VERTEX_WEIGHTS};
use crate::tokens::{Tokens, text};
use crate::units::Units;
use crate::{Error, Event, Particle, RunInfo};

const START: &[u8] = b"HepMC::IO_GenEvent-START_EVENT_LISTING";
const END: &[u8] = b"HepMC::IO_GenEvent-END_EVENT_LISTING";

/// Reads up to the first event.
pub(crate) fn read_header(lines: &mut Lines) -> Result<(), Error> {
    loop {
        match lines.next_filled()? {
            None => return Err(lines.truncated(text(START))),
            Some(line) if line.trim_ascii() == START => return Ok(()),
            Some(line) if line.starts_with(b"HepMC::") || line.starts_with(b"\xef\xbb\xbfHepMC::") => {}
            Some(line) => {
                let fault = Fault::text(text(START), line);
                return Err(lines.error(fault));
            }
        }
    }
}

/// What is kept between the lines of an event; its memory serves all events.
#[derive(Default)]
pub(crate) struct Reader {
    vertices: Barcodes,
    /// Vertices where particles end, by particle, as the P lines name them; 0 for none.
    ends: Vec<i64>,
    particles: Vec<i64>,
    /// Particles still to come for the current vertex: orphans, then outgoing ones.
    awaited: [u32; 2],
    ended: bool,
}

impl Reader {
    /// Reads the next event; false at the end of the listing. The names of its weights are compared with those of
    /// `run`, and set there if `first`.
    pub(crate) fn read(
        &mut self,
        lines: &mut Lines,
        run: &mut RunInfo,
        event: &mut Event,
        first: bool,
    ) -> Result<bool, Error> {
        lines.event = None;
        loop {
            let Some(line) = lines.next_filled()? else {
                return if self.ended { Ok(false) } else { Err(lines.truncated(text(END))) };
            };
            let line = line.trim_ascii();
            match line {
                _ if line == END => self.ended = true,
                _ if line == START && self.ended => self.ended = false,
                _ if line.starts_with(b"HepMC::Version") && self.ended => {}
                _ => break,
            }
        }
        lines.back();
        let ended = self.ended;
        let Some(line) = lines.next()? else { return Ok(false) };
        let mut head = read_event(line, event, ended).map_err(|fault| lines.error(fault))?;
        lines.event = Some(event.number);
        self.awaited = [0; 2];
        self.vertices.clear();
        self.ends.clear();
        self.particles.clear();
        loop {
            let Some(line) = lines.next()? else {
                if lines.cut || self.awaited != [0; 2] || event.vertices.len() < head.vertices {
                    return Err(lines.truncated(text(END)));
                }
                break;
            };
            let read = match line {
                [b'P', b' ', ..] => self.particle(line, &head, event),
                [b'E', ..] => break lines.back(),
                _ if line.starts_with(b"HepMC::") => break lines.back(),
                [b'V', b' ', ..] => self.vertex(line, &mut head, run, event, first),
                line if line.trim_ascii().is_empty() => Ok(()),
                line if event.vertices.is_empty() => head::read_line(line, &mut head, event),
                line => Err(Fault::text("a vertex (V), a particle (P) or the next event (E)", line)),
            };
            read.map_err(|fault| lines.error(fault))?;
        }
        if event.vertices.is_empty() {
            begin(&mut head, run, event, first).map_err(|fault| lines.error(fault))?;
        }
        self.finish(&head, event).map_err(|fault| lines.error(fault))?;
        Ok(true)
    }

    fn vertex(
        &mut self,
        line: &[u8],
        head: &mut Head,
        run: &mut RunInfo,
        event: &mut Event,
        first: bool,
    ) -> Result<(), Fault> {
        self.complete(event)?;
        if event.vertices.is_empty() {
            begin(head, run, event, first)?;
        }
        let units = units(head)?;
        let mut tokens = Tokens::new(&line[2..]);
        let barcode: i64 = tokens.int("the barcode of the vertex")?;
        if barcode >= 0 || !self.vertices.insert(barcode.unsigned_abs(), event.vertices.len()) {
            return Err(Fault::new("a barcode below 0 that has not been there", format!("vertex {barcode}")));
        }
        let status = tokens.int("the id of the vertex")?;
        let position = units.length(tokens.floats("x, y, z and ct")?);
        self.awaited = [tokens.int("the number of orphans")?, tokens.int("the number of outgoing particles")?];
        let weights: u32 = tokens.int("the number of vertex weights")?;
        if weights > 0 {
            let value = text(tokens.rest());
            for _ in 0..weights {
                tokens.float("a vertex weight")?;
            }
            let owner = Owner::Vertex(event.vertices.len());
            event.attributes.push(Attribute { owner, name: VERTEX_WEIGHTS.to_string(), value });
        }
        event.vertices.push(Vertex { position: Some(position), status });
        tokens.end()
    }

    /// All particles of the vertex before must have come.
    fn complete(&self, event: &Event) -> Result<(), Fault> {
        let missing = u64::from(self.awaited[0]) + u64::from(self.awaited[1]);
        if missing == 0 {
            return Ok(());
        }
        let expected = format!("{missing} more particles of vertex number {}", event.vertices.len());
        Err(Fault::new(expected, "the end of the vertex"))
    }

    #[inline]
    fn particle(&mut self, line: &[u8], head: &Head, event: &mut Event) -> Result<(), Fault> {
        let units = units(head)?;
        let vertex = event.vertices.len().checked_sub(1);
        let production = match &mut self.awaited {
            [0, 0] => return Err(Fault::text("no more particles at this vertex", line)),
            [0, outgoing] => {
                *outgoing -= 1;
                vertex
            }
            [orphans, _] => {
                *orphans -= 1;
                None
            }
        };
        let mut tokens = Tokens::new(&line[2..]);
        self.particles.push(tokens.int("the barcode of the particle")?);
        let pdg = tokens.int("the PDG id")?;
        let [px, py, pz, e, mass] = units.momentum(tokens.floats("px, py, pz, e and m")?);
        let status = tokens.int("the status")?;
        let [theta, phi] = tokens.floats("theta and phi")?;
        let end: i64 = tokens.int("the barcode of the end vertex")?;
        let flows: u32 = tokens.int("the number of colour lines")?;
        let index = event.particles.len();
        let owner = Owner::Particle(index);
        let mut particle = Particle { px, py, pz, e, mass, production, ..Particle::new(pdg, status, [0.0; 4]) };
        for _ in 0..flows {
            let (code, colour): (i32, i32) = (tokens.int("a colour index")?, tokens.int("a colour line")?);
            match code {
                1 | 2 => particle.colours[code as usize - 1] = colour,
                _ => {
                    let (name, value) = (format!("{FLOW}{code}"), colour.to_string());
                    event.attributes.push(Attribute { owner, name, value });
                }
            }
        }
        for (name, angle) in [(THETA, theta), (PHI, phi)] {
            if angle != 0.0 {
                event.attributes.push(Attribute { owner, name: name.to_string(), value: angle.to_string() });
            }
        }
        event.particles.push(particle);
        self.ends.push(end);
        tokens.end()
    }

    /// Joins particles with the vertices where they end, and checks the promises of the E line.
    fn finish(&mut self, head: &Head, event: &mut Event) -> Result<(), Fault> {
        self.complete(event)?;
        units(head)?;
        if event.vertices.len() != head.vertices {
            let expected = format!("{} vertices, as the E line says", head.vertices);
            return Err(Fault::new(expected, event.vertices.len().to_string()));
        }
        for (index, (&end, particle)) in self.ends.iter().zip(&mut event.particles).enumerate() {
            if end != 0 {
                let vertex = if end < 0 { self.vertices.get(end.unsigned_abs()) } else { None };
                if vertex.is_none() || vertex == particle.production {
                    let found = format!("particle {}, which ends in vertex {end}", self.particles[index]);
                    return Err(Fault::new("particles that end in another vertex of the event", found));
                }
                particle.end = vertex;
            }
        }
        if head.signal != 0 {
            event.signal_vertex = self.vertices.get(head.signal.unsigned_abs());
            if event.signal_vertex.is_none() {
                return Err(Fault::new("a signal vertex of the event", format!("vertex {}", head.signal)));
            }
        }
        for beam in head.beams.into_iter().filter(|&b| b != 0) {
            if !self.particles.contains(&beam) {
                return Err(Fault::new("beams among the particles of the event", format!("particle {beam}")));
            }
        }
        Ok(())
    }
}

fn units(head: &Head) -> Result<Units, Fault> {
    let expected = "a U line with the units before the vertices (files of HepMC before 2.04 have none: add \
                    \"U GEV MM\" \
                    or what the generator used after each E line)";
    head.units.ok_or_else(|| Fault::new(expected, "none"))
}

fn read_event(line: &[u8], event: &mut Event, ended: bool) -> Result<Head, Fault> {
    event.clear();
    let mut tokens = Tokens::new(line);
    if ended || tokens.word() != Some(b"E") {
        let expected =
            if ended { "nothing after the end of the listing" } else { "an event, beginning with an E line" };
        return Err(Fault::text(expected, line));
    }
    head::read_event(tokens, event)
}

/// Weights against their names, when the lines before the vertices are over.
fn begin(head: &mut Head, run: &mut RunInfo, event: &Event, first: bool) -> Result<(), Fault> {
    let names = head.names.take().unwrap_or_default();
    if !names.is_empty() && names.len() != event.weights.len() {
        return Err(Fault::new(format!("{} weights, one per name", names.len()), event.weights.len().to_string()));
    }
    if first {
        run.weight_names = names;
    } else if names != run.weight_names {
        return Err(Fault::new(format!("the weights {:?} of the first event", run.weight_names), format!("{names:?}")));
    }
    Ok(())
}
