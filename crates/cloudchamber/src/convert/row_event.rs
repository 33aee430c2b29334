//! One row of a table as an event.

use records::{Beam, Event, Particle, Vertex};
use tables::{Block, Shape};

use super::identity::{self, Identity};
use super::layout::{Coordinates, Group};
use collider::fourvector::FourVector;

/// Mass of the proton in GeV (Particle Data Group).
const PROTON: f64 = 0.938_272_09;

/// Numbers of a block that make particles.
pub struct Loaded {
    place: usize,
    /// One or a fixed number of them, of which those without momentum are absent.
    gaps: bool,
    identity: Identity,
    cartesian: bool,
    momentum: [Vec<f64>; 3],
    energy: Option<Vec<f64>>,
    mass: Option<Vec<f64>>,
    pdg: Option<Vec<i32>>,
    charge: Option<Vec<f64>>,
    status: Option<Vec<i32>>,
    vertices: Option<[Vec<i32>; 2]>,
}

impl Loaded {
    /// The columns of a group in a block.
    ///
    /// # Errors
    /// Numbers that their types cannot hold; what is wrong where the columns have rows of different lengths.
    pub fn new(block: &Block, group: &Group) -> tables::Result<Result<Loaded, String>> {
        let (cartesian, names) = match &group.momentum {
            Coordinates::Cartesian(names) => (true, names),
            Coordinates::Collider(names) => (false, names),
        };
        let vertices = group.vertices.iter().flatten();
        let others = [&group.energy, &group.mass, &group.pdg, &group.charge, &group.status].into_iter().flatten();
        let first = &block.column(&names[0])?.offsets;
        for name in names[1..].iter().chain(others).chain(vertices) {
            if block.column(name)?.offsets != *first {
                return Ok(Err(format!("{name} and {} have rows of different lengths", names[0])));
            }
        }
        let numbers = |name: &Option<String>| name.as_ref().map(|name| block.numbers::<f64>(name)).transpose();
        let integers = |name: &Option<String>| name.as_ref().map(|name| block.numbers::<i32>(name)).transpose();
        let [a, b, c] = names;
        Ok(Ok(Loaded {
            place: block.schema().position(a).unwrap_or(0),
            gaps: !group.jagged,
            identity: group.identity,
            cartesian,
            momentum: [block.numbers(a)?, block.numbers(b)?, block.numbers(c)?],
            energy: numbers(&group.energy)?,
            mass: numbers(&group.mass)?,
            pdg: integers(&group.pdg)?,
            charge: numbers(&group.charge)?,
            status: integers(&group.status)?,
            vertices: match &group.vertices {
                Some([a, b]) => Some([block.numbers(a)?, block.numbers(b)?]),
                None => None,
            },
        }))
    }

    /// Whether the vertices of all particles are known.
    pub fn is_graph(&self) -> bool {
        self.vertices.is_some() && self.status.is_some()
    }

    /// Appends the particles of a row, with their status.
    pub fn particles(&self, block: &Block, row: usize, out: &mut Vec<Particle>) -> Result<(), String> {
        for i in block.place(self.place, row) {
            let [a, b, c] = [0, 1, 2].map(|k| self.momentum[k][i]);
            // Padding: a transverse momentum, or a whole momentum, that is NaN, none or negative.
            let absent = if self.cartesian { a.is_nan() || [a, b, c] == [0.0; 3] } else { a.is_nan() || a <= 0.0 };
            if self.gaps && absent {
                continue;
            }
            if !self.cartesian && a < 0.0 {
                return Err(format!("a transverse momentum of {a} GeV"));
            }
            let charge = self.charge.as_ref().map(|c| c[i]);
            let pdg = match (&self.pdg, self.identity, charge) {
                (Some(pdg), _, _) => pdg[i],
                (None, Identity::Known(id), _) => id,
                (None, Identity::Lepton(id), Some(charge)) if charge != 0.0 => -id * charge.signum() as i32,
                (None, identity, charge) => return Err(format!("{identity:?} of charge {charge:?} is no particle")),
            };
            let given = self.mass.as_ref().map(|mass| mass[i].max(0.0));
            let energy = self.energy.as_ref().map(|e| e[i]);
            let mass = given.or(if energy.is_none() { Some(identity::mass(pdg)) } else { None });
            let p = if self.cartesian {
                FourVector::new(0.0, a, b, c)
            } else {
                FourVector::from_pt_eta_phi_mass(a, b, c, 0.0)
            };
            let e = energy.unwrap_or_else(|| p.p().hypot(mass.unwrap_or(0.0)));
            let status = self.status.as_ref().map_or(1, |s| s[i]);
            let mut particle = Particle::new(pdg, status, [p.px, p.py, p.pz, e]);
            particle.mass = mass.unwrap_or(particle.mass);
            if let Some([production, end]) = &self.vertices {
                particle.production = vertex(production[i])?;
                particle.end = vertex(end[i])?;
            }
            out.push(particle);
        }
        Ok(())
    }
}

/// -1 is none.
fn vertex(index: i32) -> Result<Option<usize>, String> {
    match index {
        -1 => Ok(None),
        _ => usize::try_from(index).map(Some).map_err(|_| format!("a particle with the vertex {index}")),
    }
}

/// An event of final particles (status 1) that come out of one vertex, where the beams meet; beams are particles of status 4
/// if there are two, else those given. Particles of other status are left out. False if there are no final particles.
pub fn join(event: &mut Event, particles: &[Particle], beams: &[Particle; 2]) -> bool {
    let own: Vec<&Particle> = particles.iter().filter(|p| p.status == 4).collect();
    let beams: [Particle; 2] = if let [a, b] = own[..] { [*a, *b] } else { *beams };
    event.vertices.push(Vertex::default());
    event.particles.extend(beams.map(|p| Particle { production: None, end: Some(0), ..p }));
    let last = particles.iter().filter(|p| p.status == 1);
    event.particles.extend(last.map(|p| Particle { production: Some(0), end: None, ..*p }));
    event.particles.len() > 2
}

/// An event whose particles know their vertices, of which there are `vertices`, or as many as the particles say.
pub fn graph(event: &mut Event, particles: Vec<Particle>, vertices: Option<Vec<Vertex>>) -> Result<bool, String> {
    let largest = particles.iter().flat_map(|p| [p.production, p.end]).flatten().max();
    // Each vertex has a particle, so a larger number than this is a mistake, not a reason to ask for memory.
    let most = vertices.as_ref().map_or(2 * particles.len(), Vec::len);
    if let Some(v) = largest.filter(|&v| v >= most) {
        return Err(format!("a particle with the vertex {v}, but there can be {most} only"));
    }
    event.vertices = vertices.unwrap_or_else(|| vec![Vertex::default(); largest.map_or(0, |v| v + 1)]);
    event.particles = particles;
    Ok(!event.particles.is_empty())
}

/// The vertices of each row of a block, from the columns `vertex_...`; none if the block lacks them.
pub fn vertices(block: &Block, row: usize) -> tables::Result<Option<Vec<Vertex>>> {
    let schema = block.schema();
    let Some(place) = schema.position("vertex_status").filter(|&c| schema.columns()[c].shape == Shape::Jagged) else {
        return Ok(None);
    };
    let one = block.slice(row..row + 1)?;
    let status: Vec<i32> = one.numbers("vertex_status")?;
    let mut list: Vec<Vertex> = status.into_iter().map(|status| Vertex { position: None, status }).collect();
    debug_assert_eq!(list.len(), block.place(place, row).len());
    let mut axes = Vec::new();
    for name in ["vertex_x", "vertex_y", "vertex_z", "vertex_t"] {
        if schema.position(name).is_some() {
            axes.push(one.numbers::<f64>(name)?);
        }
    }
    if let [x, y, z, t] = &axes[..] {
        for (k, vertex) in list.iter_mut().enumerate() {
            let position = [x, y, z, t].map(|axis| axis.get(k).copied().unwrap_or(f64::NAN));
            vertex.position = Some(position).filter(|p| p.iter().all(|x| !x.is_nan()));
        }
    }
    Ok(Some(list))
}

/// The beam particles: energy along +z and -z, the proton's mass where it is a proton.
pub fn beam_particles(beams: &[Beam; 2]) -> [Particle; 2] {
    let one = |beam: &Beam, sign: f64| {
        let mass = if beam.pdg.abs() == 2212 && beam.energy > PROTON { PROTON } else { 0.0 };
        let pz = sign * ((beam.energy - mass) * (beam.energy + mass)).sqrt();
        Particle { mass, ..Particle::new(beam.pdg, 4, [0.0, 0.0, pz, beam.energy]) }
    };
    [one(&beams[0], 1.0), one(&beams[1], -1.0)]
}

/// Proton beams of these energies.
pub fn protons(energies: [f64; 2]) -> [Beam; 2] {
    energies.map(|energy| Beam { pdg: 2212, energy, pdf_group: -1, pdf_set: -1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beams_are_on_their_mass_shell() {
        for (beam, sign) in beam_particles(&protons([6500.0, 1.0])).iter().zip([1.0, -1.0]) {
            assert_eq!(beam.pz.signum(), sign);
            let square = (beam.e - beam.pz.abs()) * (beam.e + beam.pz.abs());
            assert!((square.sqrt() - PROTON).abs() < 1e-6, "{square}");
        }
    }

    #[test]
    fn a_vertex_beyond_what_particles_can_have_is_refused() {
        let particle = Particle { production: Some(1 << 40), ..Particle::new(22, 1, [1.0, 0.0, 0.0, 1.0]) };
        assert!(graph(&mut Event::default(), vec![particle], None).unwrap_err().contains("1099511627776"));
    }
}
