//! Whether an event can be written at all: finite numbers, indices that exist, names without blanks.

use crate::event::Owner;
use crate::{Error, Event};

impl Event {
    /// Checks what every format needs.
    ///
    /// # Errors
    /// [`Error::Event`] with the particle, vertex or attribute at fault: numbers that are not finite, PDG id 0,
    /// vertices that do not exist, a particle that ends where it was made, attributes of nobody or with a blank in
    /// their name.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::Event { number: self.number, problem });
        for (i, p) in self.particles.iter().enumerate() {
            let numbers =
                [("px", p.px), ("py", p.py), ("pz", p.pz), ("E", p.e), ("mass", p.mass), ("lifetime", p.lifetime)];
            if let Some((name, value)) = numbers.into_iter().chain([("spin", p.spin)]).find(|(_, x)| !x.is_finite()) {
                return refuse(format!("{name} of particle {i} is {value}; it must be finite"));
            }
            if p.pdg == 0 {
                return refuse(format!("particle {i} has PDG id 0, which names no particle"));
            }
            if let Some(v) = p.production.into_iter().chain(p.end).find(|&v| v >= self.vertices.len()) {
                let n = self.vertices.len();
                return refuse(format!("particle {i} points to vertex {v}, but the event has {n} vertices"));
            }
            if p.production.is_some() && p.production == p.end {
                return refuse(format!("particle {i} begins and ends in the same vertex"));
            }
        }
        if let Some((k, weight)) = self.weights.iter().enumerate().find(|(_, w)| !w.is_finite()) {
            return refuse(format!("weight {k} is {weight}; it must be finite"));
        }
        let positions = self.vertices.iter().map(|v| v.position).chain([self.position]).enumerate();
        for (v, position) in positions {
            if let Some(x) = position.into_iter().flatten().find(|x| !x.is_finite()) {
                return refuse(format!("the position of vertex {v} has the coordinate {x}; it must be finite"));
            }
        }
        if self.signal_vertex.is_some_and(|v| v >= self.vertices.len()) {
            return refuse(format!("the signal vertex {:?} does not exist", self.signal_vertex));
        }
        if let Some(xs) = &self.cross_section
            && (xs.values.is_empty() || xs.values.len() != xs.errors.len())
        {
            return refuse(format!("cross section of {} values and {} errors", xs.values.len(), xs.errors.len()));
        }
        for attribute in &self.attributes {
            let exists = match attribute.owner {
                Owner::Event => true,
                Owner::Particle(i) => i < self.particles.len(),
                Owner::Vertex(v) => v < self.vertices.len(),
            };
            if !exists {
                return refuse(format!(
                    "attribute {:?} belongs to {:?}, which does not exist",
                    attribute.name, attribute.owner
                ));
            }
            if !is_name(&attribute.name) {
                return refuse(format!("{:?} is no name of an attribute: it must be one word", attribute.name));
            }
        }
        Ok(())
    }
}

/// One word: something, without blanks.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control())
}
