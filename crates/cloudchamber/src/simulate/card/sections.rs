//! `[select]` of a card: one struct per kind of what is written.

use clustering::{Algorithm, JetDefinition};
use collider::JetClass;
use serde::{Deserialize, Serialize};

/// `[select]`: what is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "lowercase", deny_unknown_fields)]
pub enum Select {
    /// Jets of one class, as in JetNet.
    Jets(JetsSelection),
    /// Two muons of a Z boson and jets.
    Zjets(ZjetsSelection),
    /// All particles of deep-inelastic scattering.
    Dis(DisSelection),
    /// The two leading jets.
    Dijets(DijetsSelection),
}

/// A clustering algorithm by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlgorithmName {
    /// Anti-kT.
    #[default]
    Antikt,
    /// kT.
    Kt,
    /// Cambridge/Aachen.
    Cambridge,
}

impl AlgorithmName {
    /// The definition at this radius.
    pub fn at(self, radius: f64) -> JetDefinition {
        let algorithm = match self {
            AlgorithmName::Antikt => Algorithm::AntiKt,
            AlgorithmName::Kt => Algorithm::Kt,
            AlgorithmName::Cambridge => Algorithm::CambridgeAachen,
        };
        JetDefinition::new(algorithm, radius)
    }
}

/// `write = "jets"`: jets near a parton of their class, from all final particles but neutrinos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JetsSelection {
    /// Class of the jets; it names the partons.
    pub class: Option<JetClass>,
    /// Algorithm.
    pub algorithm: AlgorithmName,
    /// Radius.
    pub radius: f64,
    /// Least and largest pT of a jet in GeV.
    pub pt: [f64; 2],
    /// Largest |eta| of a jet.
    pub eta: Option<f64>,
    /// How many of the leading jets of an event count.
    pub leading: usize,
    /// Largest distance in (eta, phi) from a hard parton of the class.
    pub distance: f64,
    /// Nominal pT of the partons in GeV.
    pub parton_pt: Option<f64>,
    /// How far from it a parton may be, as a part of it.
    pub tolerance: f64,
    /// Leading constituents that are written.
    pub constituents: usize,
    /// Bits of the mantissa that particle features keep, 23 for all.
    pub bits: u32,
}

impl Default for JetsSelection {
    fn default() -> Self {
        JetsSelection {
            class: None,
            algorithm: AlgorithmName::Antikt,
            radius: 0.4,
            pt: [800.0, 1600.0],
            eta: None,
            leading: 2,
            distance: 0.4,
            parton_pt: None,
            tolerance: 0.01,
            constituents: 30,
            bits: 23,
        }
    }
}

/// `write = "zjets"`: the two muons of a Z boson, and jets of everything else but neutrinos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZjetsSelection {
    /// Algorithm.
    pub algorithm: AlgorithmName,
    /// Radius.
    pub radius: f64,
    /// Least pT of a jet in GeV.
    pub pt: f64,
    /// Largest |eta| of a jet.
    pub eta: f64,
    /// Least and largest number of such jets.
    pub jets: [usize; 2],
    /// Distance in (eta, phi) that any two of them exceed.
    pub separation: f64,
}

impl Default for ZjetsSelection {
    fn default() -> Self {
        ZjetsSelection {
            algorithm: AlgorithmName::Antikt,
            radius: 0.4,
            pt: 20.0,
            eta: 5.0,
            jets: [1, 3],
            separation: 0.4,
        }
    }
}

/// `write = "dis"`: the scattered lepton and all other particles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DisSelection {
    /// Least and largest Q^2 in GeV^2.
    pub q2: [f64; 2],
    /// Least and largest y.
    pub y: [f64; 2],
    /// Least pT of a particle in GeV.
    pub pt: f64,
    /// Largest |eta| of a particle.
    pub eta: Option<f64>,
    /// |PDG ids| that are written; all if empty.
    pub ids: Vec<i32>,
    /// Largest number of particles of an event; events with more are left out.
    pub particles: Option<usize>,
}

impl Default for DisSelection {
    fn default() -> Self {
        let all = [0.0, f64::INFINITY];
        DisSelection { q2: all, y: all, pt: 0.0, eta: None, ids: Vec::new(), particles: None }
    }
}

/// Which of the two leading jets is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The lighter one.
    #[default]
    Mass,
    /// The one with the larger pT.
    Pt,
}

/// `write = "dijets"`: the two leading jets of visible particles, with their insides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DijetsSelection {
    /// Algorithm.
    pub algorithm: AlgorithmName,
    /// Radius.
    pub radius: f64,
    /// Largest |eta| of a particle.
    pub particle_eta: f64,
    /// Least pT of the leading jet in GeV.
    pub pt: f64,
    /// Least pT of the second jet in GeV.
    pub second_pt: f64,
    /// Largest |eta| of both jets.
    pub eta: Option<f64>,
    /// Which is the first.
    pub order: Order,
    /// Leading constituents that are written.
    pub constituents: usize,
    /// Number in the column `label`.
    pub label: u8,
}

impl Default for DijetsSelection {
    fn default() -> Self {
        DijetsSelection {
            algorithm: AlgorithmName::Antikt,
            radius: 1.0,
            particle_eta: 2.5,
            pt: 1200.0,
            second_pt: 20.0,
            eta: None,
            order: Order::Mass,
            constituents: 40,
            label: 0,
        }
    }
}

impl Select {
    /// What is counted: "jets" or "events".
    pub fn unit(&self) -> &'static str {
        if matches!(self, Select::Jets(_)) { "jets" } else { "events" }
    }
}
