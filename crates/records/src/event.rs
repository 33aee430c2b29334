//! One collision: particles, the vertices between them, weights and the numbers of the event as a whole.
//!
//! The graph is HepMC's (arXiv:1912.08005): a particle comes out of at most one vertex and goes into at most one. A
//! vertex keeps no lists; who goes in and out is said by the particles alone, so nothing can contradict itself.
//! Energies, momenta and masses are in GeV, lengths and times (ct) in mm, whatever the file used.

/// One collision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// Number of the event. LHE files number nothing; their events count from 0.
    pub number: i64,
    /// Weights, one for each of [`RunInfo::weight_names`](crate::RunInfo::weight_names); the first is the nominal one.
    /// None means that the event counts once.
    pub weights: Vec<f64>,
    /// All particles, in the order of the file.
    pub particles: Vec<Particle>,
    /// All vertices.
    pub vertices: Vec<Vertex>,
    /// Where the collision took place, as x, y, z, ct in mm.
    pub position: Option<[f64; 4]>,
    /// Number of the hard process: HepMC's `signal_process_id`, LHE's IDPRUP.
    pub process: Option<i32>,
    /// Scale of the hard process in GeV: HepMC's `event_scale`, LHE's SCALUP.
    pub scale: Option<f64>,
    /// Electromagnetic coupling at that scale.
    pub alpha_qed: Option<f64>,
    /// Strong coupling at that scale.
    pub alpha_qcd: Option<f64>,
    /// The vertex of the hard process, as an index into `vertices`.
    pub signal_vertex: Option<usize>,
    /// The generator's estimate of the cross section so far.
    pub cross_section: Option<CrossSection>,
    /// Partons taken out of the beams.
    pub pdf: Option<PdfInfo>,
    /// Everything else that the file says by name.
    pub attributes: Vec<Attribute>,
}

/// One particle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Particle {
    /// Identity in the numbering of the Particle Data Group.
    pub pdg: i32,
    /// Status in HepMC's convention: 1 final, 2 decayed, 4 beam, others by the generator. LHE's -1 (incoming) is 21
    /// here and its -9 (beam) is 4; its 1, 2, 3 and -2 are themselves.
    pub status: i32,
    /// Momentum along x in GeV.
    pub px: f64,
    /// Momentum along y in GeV.
    pub py: f64,
    /// Momentum along z in GeV.
    pub pz: f64,
    /// Energy in GeV.
    pub e: f64,
    /// Mass in GeV as generated, better than what rounding leaves of E^2 - p^2.
    pub mass: f64,
    /// Index of the vertex that the particle comes from; none for beams.
    pub production: Option<usize>,
    /// Index of the vertex where the particle ends; none for final particles.
    pub end: Option<usize>,
    /// Colour and anticolour line (LHE's ICOLUP, HepMC's `flow1` and `flow2`); 0 for none.
    pub colours: [i32; 2],
    /// First and last mother as LHE counts them, from 1, 0 for none: what an LHE file said, kept because its graph may
    /// be finer than the vertices. All zero in events from elsewhere.
    pub mothers: [u32; 2],
    /// Invariant lifetime c tau in mm (LHE's VTIMUP).
    pub lifetime: f64,
    /// Cosine of the angle between spin and momentum of the decaying mother (LHE's SPINUP); 9 where unknown.
    pub spin: f64,
}

impl Particle {
    /// A particle without vertices, colours and spin, its mass sqrt(max(0, E^2 - p^2)).
    pub fn new(pdg: i32, status: i32, [px, py, pz, e]: [f64; 4]) -> Particle {
        let p = px.hypot(py).hypot(pz);
        let mass = ((e - p) * (e + p)).max(0.0).sqrt();
        Particle {
            pdg,
            status,
            px,
            py,
            pz,
            e,
            mass,
            production: None,
            end: None,
            colours: [0; 2],
            mothers: [0; 2],
            lifetime: 0.0,
            spin: 9.0,
        }
    }
}

/// A point where particles meet, decay or branch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vertex {
    /// x, y, z, ct in mm; where none is said it is that of the vertex before ([`Event::position_of`]).
    pub position: Option<[f64; 4]>,
    /// Kind of vertex by the generator (HepMC2 calls it id); 0 for nothing in particular.
    pub status: i32,
}

/// What an attribute belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The event as a whole.
    Event,
    /// The particle of this index.
    Particle(usize),
    /// The vertex of this index.
    Vertex(usize),
}

/// A named text of the event, a particle or a vertex.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What it belongs to.
    pub owner: Owner,
    /// Name, without blanks.
    pub name: String,
    /// Value as text, in HepMC3's own notation for its structured attributes.
    pub value: String,
}

/// Cross sections in pb, as estimated when the event was made; one for each weight, or the nominal one alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossSection {
    /// Values in pb; at least one.
    pub values: Vec<f64>,
    /// Errors in pb, as many as values.
    pub errors: Vec<f64>,
    /// Events accepted so far, if said.
    pub accepted: Option<i64>,
    /// Events attempted so far, if said.
    pub attempted: Option<i64>,
}

/// The partons of the hard process within their beams.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PdfInfo {
    /// PDG ids of the partons; 0 for gluons in some generators.
    pub partons: [i32; 2],
    /// Momentum fractions.
    pub x: [f64; 2],
    /// Factorisation scale in GeV.
    pub scale: f64,
    /// x f(x) of both.
    pub xf: [f64; 2],
    /// LHAPDF numbers of the sets; 0 where unknown.
    pub sets: [i32; 2],
}

impl Event {
    /// Empties the event and keeps its memory, ready to be filled again.
    pub fn clear(&mut self) {
        let Event { weights, particles, vertices, attributes, .. } = std::mem::take(self);
        *self = Event { weights, particles, vertices, attributes, ..Event::default() };
        self.weights.clear();
        self.particles.clear();
        self.vertices.clear();
        self.attributes.clear();
    }

    /// The nominal weight: the first, or 1 if the event has none.
    pub fn weight(&self) -> f64 {
        self.weights.first().copied().unwrap_or(1.0)
    }

    /// The first attribute of this name and owner.
    pub fn attribute(&self, owner: Owner, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.owner == owner && a.name == name).map(|a| a.value.as_str())
    }

    /// Sets an attribute, in place of an earlier one of this name and owner.
    pub fn set_attribute(&mut self, owner: Owner, name: &str, value: String) {
        match self.attributes.iter_mut().find(|a| a.owner == owner && a.name == name) {
            Some(attribute) => attribute.value = value,
            None => self.attributes.push(Attribute { owner, name: name.to_string(), value }),
        }
    }
}
