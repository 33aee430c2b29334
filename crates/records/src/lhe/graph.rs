//! Vertices from LHE's mothers.
//!
//! Particles with the same mothers come out of one vertex, where those mothers end. Mothers that share a daughter share
//! the vertex, so a pair of mothers with daughters of their own as well becomes one vertex: the graph of HepMC is
//! coarser. [`Particle::mothers`](crate::Particle::mothers) keeps what the file said.

use crate::Event;
use crate::error::Fault;
use crate::event::Vertex;

/// First and last mother as indices, if there are any.
fn range([first, last]: [u32; 2]) -> Option<(usize, usize)> {
    let (low, high) = (first.min(last) as usize, first.max(last) as usize);
    if high == 0 { None } else { Some((if low == 0 { high } else { low } - 1, high - 1)) }
}

/// Sets production and end of all particles from their mothers, which are indices within the event already.
pub(super) fn join(event: &mut Event) -> Result<(), Fault> {
    let particles = &mut event.particles;
    let mut count = 0;
    let mut before = None;
    for i in 0..particles.len() {
        let Some((first, last)) = range(particles[i].mothers) else { continue };
        if (first..=last).contains(&i) {
            return Err(Fault::new("mothers of the particle", format!("particle {} among its own mothers", i + 1)));
        }
        if before == Some((first, last)) {
            particles[i].production = particles[i - 1].production;
            continue;
        }
        let vertex = particles[first..=last].iter().find_map(|mother| mother.end).unwrap_or(count);
        count = count.max(vertex + 1);
        for mother in first..=last {
            match particles[mother].end.replace(vertex) {
                Some(other) if other != vertex => {
                    for particle in particles.iter_mut() {
                        for place in [&mut particle.production, &mut particle.end].into_iter().flatten() {
                            if *place == other {
                                *place = vertex;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        particles[i].production = Some(vertex);
        before = particles.get(i + 1).is_some_and(|next| next.mothers == particles[i].mothers).then_some((first, last));
    }
    // Vertices that were merged left gaps.
    let mut places = vec![None; count];
    for particle in particles.iter_mut() {
        for place in [&mut particle.production, &mut particle.end].into_iter().flatten() {
            let next = event.vertices.len();
            *place = *places[*place].get_or_insert_with(|| {
                event.vertices.push(Vertex::default());
                next
            });
        }
    }
    match particles.iter().position(|p| p.production.is_some() && p.production == p.end) {
        Some(i) => Err(Fault::new("mothers and daughters that form vertices", format!("particle {} as both", i + 1))),
        None => Ok(()),
    }
}
