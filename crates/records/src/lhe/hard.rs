//! The particles of an event that an LHE file can hold: its hard process.

use crate::{Error, Event, Particle};

/// A particle with what LHE says in its own way.
pub(super) struct Line {
    pub(super) particle: Particle,
    pub(super) status: i32,
    pub(super) mothers: [u32; 2],
}

/// Particles of an event as lines of LHE.
///
/// Events that came from an LHE file (their particles have mothers) are kept as they are. Of others
/// * with particles of status 23 (Pythia's outgoing particles of the hard process), 21, 22 and 23 are kept;
/// * else all are kept, but beams (4) only if nothing else comes in (21).
///
/// Incoming particles are moved to the front; the mothers of a particle are the nearest kept ones above it.
///
/// # Errors
/// [`Error::Event`] for a status without counterpart, no incoming particles, and mothers that are not consecutive.
pub(super) fn lines(event: &Event) -> Result<Vec<Line>, Error> {
    let refuse = |problem: String| Error::Event { number: event.number, problem };
    let has = |status: i32| event.particles.iter().any(|p| p.status == status);
    if event.particles.iter().any(|p| p.mothers != [0; 2]) {
        let n = event.particles.len();
        let line = |(i, p): (usize, &Particle)| {
            if let Some(m) = p.mothers.into_iter().find(|&m| m as usize > n) {
                return Err(refuse(format!("particle {i} has the mother {m}, but the event has {n} particles")));
            }
            let status = if p.status == 4 && has(21) { -9 } else { status_to_lhe(p.status).unwrap_or(p.status) };
            Ok(Line { particle: *p, status, mothers: p.mothers })
        };
        return event.particles.iter().enumerate().map(line).collect();
    }
    let hard = has(23);
    let is_kept = |p: &Particle| match p.status {
        21 => true,
        4 => !has(21),
        22 | 23 => hard,
        _ => !hard,
    };
    let (mut kept, mut later) = (Vec::new(), Vec::new());
    for (i, p) in event.particles.iter().enumerate().filter(|(_, p)| is_kept(p)) {
        match status_to_lhe(p.status) {
            Some(-1) => kept.push(i),
            Some(_) => later.push(i),
            None => {
                return Err(refuse(format!(
                    "particle {i} has status {}, which LHE does not know, and no particle has status 23, which would \
                     mark the hard process; LHE holds hard processes, not showers",
                    p.status
                )));
            }
        }
    }
    if kept.is_empty() {
        return Err(refuse("it has no incoming particles (status 4 or 21), which LHE needs".to_string()));
    }
    let incoming = kept.len();
    kept.extend(later);
    let mut places = vec![None; event.particles.len()];
    for (place, &i) in kept.iter().enumerate() {
        places[i] = Some(place);
    }
    let above = Ancestors { event, incoming: event.topology().incoming, places };
    let mut out = Vec::with_capacity(kept.len());
    for (place, &i) in kept.iter().enumerate() {
        let mut mothers = if place < incoming { Vec::new() } else { above.of(i) };
        if place >= incoming && mothers.is_empty() {
            mothers = (0..incoming).collect();
        }
        let ends = match (mothers.first(), mothers.last()) {
            (Some(&first), Some(&last)) if last - first + 1 == mothers.len() => [first as u32 + 1, last as u32 + 1],
            (None, _) | (_, None) => [0; 2],
            _ => {
                let numbers: Vec<usize> = mothers.iter().map(|m| m + 1).collect();
                return Err(refuse(format!(
                    "particle {i} would have the mothers {numbers:?}; LHE can only name a first and a last one"
                )));
            }
        };
        // A single mother is written as LHE generators do, with nothing second.
        let ends = if ends[0] == ends[1] { [ends[0], 0] } else { ends };
        let particle = event.particles[i];
        out.push(Line { particle, status: status_to_lhe(particle.status).unwrap_or(1), mothers: ends });
    }
    Ok(out)
}

/// LHE's status for HepMC's, where it has one.
fn status_to_lhe(status: i32) -> Option<i32> {
    match status {
        4 | 21 => Some(-1),
        1 | 23 => Some(1),
        2 | 22 => Some(2),
        3 | -2 => Some(status),
        _ => None,
    }
}

/// The nearest kept particles above others.
struct Ancestors<'a> {
    event: &'a Event,
    incoming: Vec<Vec<usize>>,
    places: Vec<Option<usize>>,
}

impl Ancestors<'_> {
    /// In increasing order.
    fn of(&self, particle: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.incoming.len()];
        let mut waiting = vec![particle];
        while let Some(i) = waiting.pop() {
            let Some(v) = self.event.particles[i].production.filter(|&v| !std::mem::replace(&mut seen[v], true)) else {
                continue;
            };
            for &mother in &self.incoming[v] {
                match self.places[mother] {
                    Some(place) => found.push(place),
                    None => waiting.push(mother),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
