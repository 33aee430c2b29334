//! Beam particles for events that begin with partons, and beams of a run whose events have them.

use crate::event::Vertex;
use crate::run::{Beam, Process};
use crate::{Event, Particle, RunInfo};

/// An event of incoming partons (status 21, made nowhere) with its beams (status 4) before them, as analyses of HepMC
/// files expect. None if the event has beams or the run does not know them.
///
/// Each beam goes into a vertex of its own and the parton comes out; the remnant is not there, so momentum is not
/// conserved in these two vertices. Beam momenta are along +z and -z, with the mass 0.938272 GeV for protons and
/// 0 for others where the energy allows no better.
pub(crate) fn with_beams(event: &Event, run: &RunInfo) -> Option<Event> {
    let beams = run.beams?;
    let roots: Vec<usize> = (0..event.particles.len())
        .filter(|&i| event.particles[i].status == 21 && event.particles[i].production.is_none())
        .collect();
    let known = beams.iter().all(|b| b.pdg != 0 && b.energy > 0.0);
    if !known || roots.len() != 2 || event.particles.iter().any(|p| p.status == 4) {
        return None;
    }
    // The parton that goes with the beam along +z is the one with the larger pz.
    let forward = usize::from(event.particles[roots[1]].pz > event.particles[roots[0]].pz);
    let mut out = event.clone();
    for (beam, sign, root) in [(beams[0], 1.0, roots[forward]), (beams[1], -1.0, roots[1 - forward])] {
        let mass = if beam.pdg.abs() == 2212 && beam.energy > PROTON { PROTON } else { 0.0 };
        let pz = sign * ((beam.energy - mass) * (beam.energy + mass)).sqrt();
        let vertex = out.vertices.len();
        out.vertices.push(Vertex::default());
        out.particles[root].production = Some(vertex);
        let new = Particle::new(beam.pdg, 4, [0.0, 0.0, pz, beam.energy]);
        out.particles.push(Particle { mass, end: Some(vertex), ..new });
    }
    Some(out)
}

/// Mass of the proton in GeV (Particle Data Group).
const PROTON: f64 = 0.938_272_09;

/// The run with beams and a process, where it has none, from its first event: what `<init>` of an LHE file needs.
pub(crate) fn complete(run: &RunInfo, event: &Event) -> RunInfo {
    let mut run = run.clone();
    let particles: Vec<&Particle> = event.beams().into_iter().map(|i| &event.particles[i]).collect();
    if let (None, [a, b, ..]) = (run.beams, particles.as_slice()) {
        run.beams = Some([a, b].map(|p| Beam { pdg: p.pdg, energy: p.e, pdf_group: -1, pdf_set: -1 }));
    }
    if run.processes.is_empty() {
        let xs = event.cross_section.as_ref();
        let first = |list: Option<&Vec<f64>>| list.and_then(|l| l.first().copied()).unwrap_or(0.0);
        run.processes.push(Process {
            id: event.process.unwrap_or(1),
            cross_section: first(xs.map(|x| &x.values)),
            error: first(xs.map(|x| &x.errors)),
            max_weight: event.weight().abs(),
        });
    }
    run
}
