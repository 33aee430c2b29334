//! Joining particles and vertices whose lines may come in any order.

use crate::barcodes::Barcodes;
use crate::error::Fault;
use crate::event::{Owner, Vertex};
use crate::{Event, Particle};

/// The graph of the event being read.
#[derive(Default)]
pub(super) struct Graph {
    codes: Barcodes,
    /// Number of each vertex in the file; 0 where it has no line.
    numbers: Vec<u64>,
    /// Incoming particles (by id) whose lines have not come.
    awaited: Vec<(usize, u64)>,
    /// Particles whose origin (as the P line names it) has not come.
    orphans: Vec<(usize, i64)>,
}

impl Graph {
    pub(super) fn clear(&mut self) {
        self.codes.clear();
        self.numbers.clear();
        self.awaited.clear();
        self.orphans.clear();
    }

    /// Adds the vertex of a V line.
    pub(super) fn vertex(
        &mut self,
        event: &mut Event,
        number: u64,
        vertex: Vertex,
        incoming: &[u64],
    ) -> Result<(), Fault> {
        let place = event.vertices.len();
        if !self.codes.insert(number, place) {
            return Err(Fault::new("a vertex that has not been there", format!("vertex -{number} a second time")));
        }
        event.vertices.push(vertex);
        self.numbers.push(number);
        for &id in incoming {
            if id as usize <= event.particles.len() {
                end(event, id as usize - 1, place)?;
            } else {
                self.awaited.push((place, id));
            }
        }
        Ok(())
    }

    /// Adds the particle of a P line.
    #[inline]
    pub(super) fn particle(&mut self, event: &mut Event, mut particle: Particle, origin: i64) -> Result<(), Fault> {
        particle.production = match origin {
            0 => None,
            ..0 => self.codes.get(origin.unsigned_abs()),
            _ => self.below(event, origin as usize - 1),
        };
        if origin != 0 && particle.production.is_none() {
            self.orphans.push((event.particles.len(), origin));
        }
        event.particles.push(particle);
        Ok(())
    }

    /// The vertex where a particle that has come ends; made if there is none.
    fn below(&mut self, event: &mut Event, mother: usize) -> Option<usize> {
        let particle = event.particles.get_mut(mother)?;
        if particle.end.is_none() {
            particle.end = Some(event.vertices.len());
            event.vertices.push(Vertex::default());
            self.numbers.push(0);
        }
        particle.end
    }

    /// Joins what is left, and puts the vertices in the order of their numbers, of which there are `declared`.
    pub(super) fn finish(&mut self, event: &mut Event, declared: usize) -> Result<(), Fault> {
        let count = event.particles.len();
        for (vertex, id) in std::mem::take(&mut self.awaited) {
            let index = usize::try_from(id).unwrap_or(usize::MAX) - 1;
            if index >= count {
                let number = self.numbers[vertex];
                let found = format!("vertex -{number} with the incoming particle {id}");
                return Err(Fault::new(format!("incoming particles among the {count} of the event"), found));
            }
            end(event, index, vertex)?;
        }
        for (index, origin) in std::mem::take(&mut self.orphans) {
            let vertex = match origin {
                ..0 => self.codes.get(origin.unsigned_abs()),
                _ => self.below(event, origin as usize - 1),
            };
            let kind = if origin < 0 { "vertex" } else { "mother" };
            if vertex.is_none() {
                let found = format!("particle {} from {kind} {origin}, which is missing", index + 1);
                return Err(Fault::new("a particle from a vertex of the event", found));
            }
            event.particles[index].production = vertex;
        }
        if let Some(i) = event.particles.iter().position(|p| p.end.is_some() && p.production == p.end) {
            let found = format!("particle {}, which begins and ends in the same vertex", i + 1);
            return Err(Fault::new("particles that go from vertex to vertex", found));
        }
        self.sort(event, declared)
    }

    /// Vertices without a line have the numbers that no line has, in the order in which they appear. A number that is
    /// left over belongs to a vertex without particles, which HepMC3 counts and does not write.
    fn sort(&mut self, event: &mut Event, declared: usize) -> Result<(), Fault> {
        let n = self.numbers.len();
        let expected = || format!("vertices -1 to -{declared}, as the E line says");
        if n > declared {
            return Err(Fault::new(expected(), format!("{n} vertices")));
        }
        if let Some(number) = self.numbers.iter().find(|&&number| number > declared as u64) {
            return Err(Fault::new(expected(), format!("vertex -{number}")));
        }
        let mut free = 1;
        for (place, number) in self.numbers.iter_mut().enumerate().filter(|(_, number)| **number == 0) {
            while self.codes.get(free).is_some() {
                free += 1;
            }
            *number = free;
            self.codes.insert(free, place);
        }
        if !self.numbers.is_sorted() {
            self.permute(event);
        }
        // Attributes and the signal vertex name vertices by number, less one.
        let place = |v: usize| match self.numbers.binary_search(&(v as u64 + 1)) {
            Ok(place) => Ok(place),
            Err(_) => Err(Fault::new("a vertex with particles", format!("vertex -{}", v + 1))),
        };
        event.signal_vertex = event.signal_vertex.map(place).transpose()?;
        for attribute in &mut event.attributes {
            match &mut attribute.owner {
                Owner::Vertex(v) => *v = place(*v)?,
                Owner::Particle(i) if *i >= event.particles.len() => {
                    let found = format!("the attribute {:?} of particle {}", attribute.name, *i + 1);
                    return Err(Fault::new(format!("one of {} particles", event.particles.len()), found));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Sorts vertices by their numbers.
    fn permute(&mut self, event: &mut Event) {
        let mut order: Vec<usize> = (0..self.numbers.len()).collect();
        order.sort_unstable_by_key(|&v| self.numbers[v]);
        let mut places = vec![0; order.len()];
        for (place, &v) in order.iter().enumerate() {
            places[v] = place;
        }
        event.vertices = order.iter().map(|&v| event.vertices[v]).collect();
        self.numbers.sort_unstable();
        for particle in &mut event.particles {
            particle.production = particle.production.map(|v| places[v]);
            particle.end = particle.end.map(|v| places[v]);
        }
    }
}

fn end(event: &mut Event, particle: usize, vertex: usize) -> Result<(), Fault> {
    match event.particles.get_mut(particle) {
        Some(p) if p.end.is_none() => {
            p.end = Some(vertex);
            Ok(())
        }
        Some(_) => {
            let found = format!("particle {} going into a second one", particle + 1);
            Err(Fault::new("particles that go into one vertex", found))
        }
        None => Err(Fault::new("an incoming particle of the event", format!("particle {}", particle + 1))),
    }
}
