//! An event as numbers without edges, and back: which numbers.
//!
//! Published (arXiv:2305.10475, section 3.1): for each object ln pT (for jets ln(pT - pT_min + 0.01)), eta, and phi relative to the first muon, as
//! atanh(phi/pi); ln m for jets. Muons have no mass to learn, the first muon no azimuth: 3 + 2 + 4 = 9 numbers with one jet, 4 more for each further one.
//!
//! Boson: the same events in coordinates in which their narrow and sharp features are one-dimensional. The pair of muons by its mass, ln pT, rapidity and the muon's
//! polar and azimuthal angle in the Collins-Soper frame (Phys. Rev. D 16, 2219), so that the resonance is one number; azimuths of jets relative to the direction
//! opposite to the boson; a jet's pT as a share of that of the jet before it, so that they stay in order; the direction of a further jet by its distance Delta R to the
//! jet before and the angle around it (`polar`), so that the least distance is the edge of one number. Distances to the jet before that remain an edge in several.
//!
//! Dressed: those of the boson, and for a jet that a muon radiated ([`Topology`]) numbers of its own. It is first added to its muon (`radiation`): the boson is that before the radiation, whose mass is the resonance's. The jet is
//! then described by its pT as a share of the largest it can have (its muon's before, or that of the jet before) and by ln Delta R and angle around the muon after.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::polar::{from_polar, to_polar};
use super::radiation::{dressed, undressed};
use super::{Cuts, Event, Object, Topology};
use crate::fourvector::{FourVector, wrap_phi};

/// Mass of the muon \[GeV\].
pub const MUON_MASS: f64 = 0.105_658;
/// Keeps logarithms finite at the edge of a cut \[GeV\].
const SOFT: f64 = 1e-2;
/// Least mass of a jet under the logarithm \[GeV\].
const LEAST_MASS: f64 = 1e-3;
/// Largest distance of two jets that is decoded.
const FURTHEST: f64 = 24.0;
/// Least and largest distance of a radiated jet to its muon that is told and decoded.
const RADIATED: [f64; 2] = [1e-4, 1.5];
/// Largest logarithm of a momentum or mass in GeV that is decoded: far beyond any collider.
const LARGEST: f64 = 12.0;

/// A step of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// How many numbers it makes.
    pub features: usize,
    /// How many numbers were made before.
    pub before: usize,
    /// The least number of jets of an event that takes part.
    pub jets: usize,
}

/// The chain: muons and the first jet, the second, the third.
pub const STAGES: [Stage; 3] = [
    Stage { features: 9, before: 0, jets: 1 },
    Stage { features: 4, before: 9, jets: 2 },
    Stage { features: 4, before: 13, jets: 3 },
];

/// Which numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coordinates {
    /// Those of arXiv:2305.10475.
    Published,
    /// The boson's mass, momentum and decay angles; jets relative to it and to each other.
    Boson,
    /// The same; jets that a muon radiated relative to it, and the boson as it was before.
    #[default]
    Dressed,
}

impl Coordinates {
    /// Whether jets radiated by a muon have numbers of their own.
    pub fn has_radiation(self) -> bool {
        self == Coordinates::Dressed
    }

    /// The numbers of an event: 9, 13 or 17 for one, two or three jets, of which these were radiated.
    pub fn of(self, event: &Event, topology: &Topology, cuts: &Cuts) -> Vec<f64> {
        match self {
            Coordinates::Published => published(event, cuts),
            Coordinates::Boson | Coordinates::Dressed => boson(event, topology, cuts),
        }
    }

    /// The event of 9, 13 or 17 numbers, turned by the azimuth `turn`; finite whatever the numbers are.
    pub fn event(self, numbers: &[f64], topology: &Topology, turn: f64, cuts: &Cuts) -> Event {
        let finite = |x: &f64| if x.is_nan() { 0.0 } else { x.clamp(-1e6, 1e6) };
        let numbers: Vec<f64> = numbers.iter().map(finite).collect();
        let mut event = match self {
            Coordinates::Published => from_published(&numbers, cuts),
            Coordinates::Boson | Coordinates::Dressed => from_boson(&numbers, topology, cuts),
        };
        for object in event.muons.iter_mut().chain(&mut event.jets) {
            object.phi = wrap_phi(object.phi + turn);
        }
        event
    }

    /// Which of the 17 numbers are azimuths or other angles of a full turn.
    pub const AZIMUTHS: [usize; 4] = [4, 7, 11, 15];

    /// Which of the 17 numbers are directions: azimuths, pseudorapidities, distances, the rapidity and the decay angles of the boson.
    pub fn directions(self) -> &'static [usize] {
        match self {
            Coordinates::Published => &[1, 3, 4, 6, 7, 10, 11, 14, 15],
            Coordinates::Boson | Coordinates::Dressed => &[2, 3, 4, 6, 7, 10, 11, 14, 15],
        }
    }

    /// Names of the 17 numbers.
    pub fn names(self) -> [&'static str; 17] {
        match self {
            Coordinates::Published => [
                "ln pT mu1",
                "eta mu1",
                "ln pT mu2",
                "eta mu2",
                "phi mu2",
                "ln pT j1",
                "eta j1",
                "phi j1",
                "ln m j1",
                "ln pT j2",
                "eta j2",
                "phi j2",
                "ln m j2",
                "ln pT j3",
                "eta j3",
                "phi j3",
                "ln m j3",
            ],
            Coordinates::Boson | Coordinates::Dressed => [
                "m Z",
                "ln pT Z",
                "y Z",
                "cos theta*",
                "phi*",
                "ln pT j1",
                "eta j1",
                "phi j1",
                "ln m j1",
                "pT j2/j1",
                "Delta R j2 j1",
                "angle j2",
                "ln m j2",
                "pT j3/j2",
                "Delta R j3 j2",
                "angle j3",
                "ln m j3",
            ],
        }
    }
}

/// `ln x`, bounded.
fn exp(x: f64) -> f64 {
    x.clamp(-LARGEST, LARGEST).exp()
}

fn ln_mass(mass: f64) -> f64 {
    mass.max(LEAST_MASS).ln()
}

fn published(event: &Event, cuts: &Cuts) -> Vec<f64> {
    let turned = |object: &Object| {
        let share: f64 = wrap_phi(object.phi - event.muons[0].phi) / PI;
        share.clamp(-1.0 + 1e-9, 1.0 - 1e-9).atanh()
    };
    let [first, second] = &event.muons;
    let mut numbers = vec![first.pt.ln(), first.eta, second.pt.ln(), second.eta, turned(second)];
    for jet in &event.jets {
        let above = (jet.pt - cuts.jet_pt).max(0.0);
        numbers.extend([(above + SOFT).ln(), jet.eta, turned(jet), ln_mass(jet.mass)]);
    }
    numbers
}

fn from_published(numbers: &[f64], cuts: &Cuts) -> Event {
    let phi = |x: f64| PI * x.tanh();
    let muon = |ln_pt: f64, eta: f64, phi: f64| Object { pt: exp(ln_pt), eta: bounded(eta), phi, mass: MUON_MASS };
    let muons = [muon(numbers[0], numbers[1], 0.0), muon(numbers[2], numbers[3], phi(numbers[4]))];
    let jet = |x: &[f64]| Object {
        pt: cuts.jet_pt + (exp(x[0]) - SOFT).max(0.0),
        eta: bounded(x[1]),
        phi: phi(x[2]),
        mass: exp(x[3]),
    };
    Event::new(muons, numbers[5..].chunks_exact(4).map(jet).collect())
}

/// Pseudorapidities beyond this are no particles.
fn bounded(eta: f64) -> f64 {
    if eta.is_nan() { 0.0 } else { eta.clamp(-LARGEST, LARGEST) }
}

/// A jet's transverse momentum beyond the cut.
fn above(object: &Object, cuts: &Cuts) -> f64 {
    (object.pt - cuts.jet_pt).max(0.0) + SOFT
}

/// The logit of a jet's transverse momentum beyond the cut as a share of the largest that it can have.
fn share(jet: &Object, most: f64, cuts: &Cuts) -> f64 {
    let share = (above(jet, cuts) / most).clamp(1e-9, 1.0 - 1e-9);
    (share / (1.0 - share)).ln()
}

/// The inverse of [`share`]: a transverse momentum.
fn from_share(logit: f64, most: f64, cuts: &Cuts) -> f64 {
    cuts.jet_pt + (most / (1.0 + exp(-logit)) - SOFT).max(0.0)
}

fn boson(event: &Event, topology: &Topology, cuts: &Cuts) -> Vec<f64> {
    let mut muons = event.muons;
    for (jet, emitter) in event.jets.iter().zip(topology.emitters) {
        if let Some(muon) = emitter {
            muons[muon] = dressed(&event.muons[muon], jet);
        }
    }
    let first = muons[0].momentum();
    let z = first + muons[1].momentum();
    let [cos, azimuth] = collins_soper(&first, &z);
    let mut numbers = vec![z.mass(), z.pt().max(SOFT).ln(), z.rapidity(), cos, azimuth];
    let opposite = z.phi() + PI;
    for (k, (jet, emitter)) in event.jets.iter().zip(topology.emitters).enumerate() {
        let before = k.checked_sub(1).map(|before| &event.jets[before]);
        match (emitter, before) {
            (Some(muon), _) => {
                let most = before.map_or(f64::INFINITY, |b| above(b, cuts)).min(above(&muons[muon], cuts));
                let muon = &event.muons[muon];
                let [r, angle] = to_polar([jet.eta - muon.eta, wrap_phi(jet.phi - muon.phi)]);
                numbers.extend([share(jet, most, cuts), r.clamp(RADIATED[0], RADIATED[1]).ln(), angle]);
            }
            (None, None) => numbers.extend([above(jet, cuts).ln(), jet.eta, wrap_phi(jet.phi - opposite)]),
            (None, Some(before)) => {
                let [r, angle] = to_polar([jet.eta - before.eta, wrap_phi(jet.phi - before.phi)]);
                let apart = ((r - cuts.separation).max(0.0) + SOFT).ln();
                numbers.extend([share(jet, above(before, cuts), cuts), apart, angle]);
            }
        }
        numbers.push(ln_mass(jet.mass));
    }
    numbers
}

fn from_boson(numbers: &[f64], topology: &Topology, cuts: &Cuts) -> Event {
    let mass = numbers[0].clamp(2.0 * MUON_MASS * (1.0 + 1e-9), LARGEST.exp());
    let (pt, rapidity) = (exp(numbers[1]), bounded(numbers[2]));
    // The boson along x, its decay in the Collins-Soper frame, and back.
    let transverse = mass.hypot(pt);
    let z = FourVector::new(transverse * rapidity.cosh(), pt, 0.0, transverse * rapidity.sinh());
    let energy = mass / 2.0;
    let momentum = (energy * energy - MUON_MASS * MUON_MASS).max(0.0).sqrt();
    let cos = numbers[3].clamp(-1.0, 1.0);
    let sin = (1.0 - cos * cos).sqrt();
    let (y, x) = numbers[4].sin_cos();
    let rest = FourVector::new(energy, momentum * sin * x, momentum * sin * y, momentum * cos);
    let first = rest.boost([pt / transverse, 0.0, 0.0]).boost([0.0, 0.0, rapidity.tanh()]);
    let muon = |momentum: FourVector| Object { mass: MUON_MASS, ..Object::of(&momentum) };
    let mut muons = [muon(first), muon(z - first)].map(|m| Object { pt: m.pt.max(1e-9), eta: bounded(m.eta), ..m });
    let mut jets: Vec<Object> = Vec::with_capacity(3);
    for (x, emitter) in numbers[5..].chunks_exact(4).zip(topology.emitters) {
        let mass = exp(x[3]);
        jets.push(match (emitter, jets.last()) {
            (Some(muon), before) => {
                let most = before.map_or(f64::INFINITY, |b| above(b, cuts)).min(above(&muons[muon], cuts));
                let pt = from_share(x[0], most, cuts);
                let around = from_polar([exp(x[1]).clamp(RADIATED[0], RADIATED[1]), x[2]]);
                let (left, [eta, phi]) = undressed(&muons[muon], pt, around);
                muons[muon] = Object { eta: bounded(left.eta), ..left };
                Object { pt, eta: bounded(eta), phi, mass }
            }
            (None, None) => {
                let above = (exp(x[0]) - SOFT).max(0.0);
                Object { pt: cuts.jet_pt + above, eta: bounded(x[1]), phi: wrap_phi(x[2] + PI), mass }
            }
            (None, Some(before)) => {
                let apart = cuts.separation + (exp(x[1]) - SOFT).max(0.0);
                let [eta, phi] = from_polar([apart.min(FURTHEST), x[2]]);
                let pt = from_share(x[0], above(before, cuts), cuts);
                Object { pt, eta: before.eta + eta, phi: wrap_phi(before.phi + phi), mass }
            }
        });
    }
    Event::new(muons, jets)
}

/// Cosine of the polar angle and the azimuth of a decay product in the Collins-Soper frame of its mother: after a boost along the beam and one across it, with the
/// first axis along the mother's transverse momentum.
fn collins_soper(product: &FourVector, mother: &FourVector) -> [f64; 2] {
    let turn = |v: &FourVector| {
        let (sin, cos) = mother.phi().sin_cos();
        FourVector::new(v.e, cos * v.px + sin * v.py, cos * v.py - sin * v.px, v.pz)
    };
    let (product, mother) = (turn(product), turn(mother));
    let along = [0.0, 0.0, -mother.pz / mother.e];
    let (product, mother) = (product.boost(along), mother.boost(along));
    let rest = product.boost([-mother.px / mother.e, 0.0, 0.0]);
    [rest.pz / rest.p(), rest.py.atan2(rest.px)]
}
