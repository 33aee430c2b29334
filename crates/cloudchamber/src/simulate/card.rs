//! Cards: one TOML file that says what Pythia makes and what is written of it. `cards/` has one for every data set of the project.
//!
//! Every key of `[select]` has a default but `write` (and the `class` of jets). A misspelt key is refused with the nearest one.

use std::path::{Path, PathBuf};

use clustering::{Algorithm, JetDefinition};
use collider::JetClass;
use serde::{Deserialize, Serialize};

use crate::recipe::overrides;
use crate::{Error, home};

/// A card with its overrides and defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What is made, for people.
    #[serde(default)]
    pub title: String,
    /// What Pythia is told.
    pub pythia: PythiaSection,
    /// What is written.
    pub select: Select,
    /// The file it was read from.
    #[serde(skip)]
    pub source: PathBuf,
}

/// `[pythia]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythiaSection {
    /// Commands as in Pythia's own cards, in this order.
    pub commands: Vec<String>,
    /// Events that share a random seed. The events change with it.
    #[serde(default = "block")]
    pub block: u32,
}

fn block() -> u32 {
    250
}

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

/// Settings that belong to the program, not to a card, and why.
const RESERVED: [(&str, &str); 4] = [
    ("random:", "the seed is --seed"),
    ("main:", "the number of events is -n"),
    ("beams:lhef", "events are made here, not read"),
    ("stat:", "the program keeps the statistics"),
];

impl Card {
    /// A card by its file or by the name of a bundled one, with `key=value` overrides.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the nearest name, [`Error::Io`], and those of [`Card::parse`].
    pub fn load(card: &str, settings: &[String]) -> Result<Card, Error> {
        let bundled = home::files("cards", "toml");
        let path = match bundled.iter().find(|(name, _)| name == card) {
            Some((_, path)) if !Path::new(card).is_file() => path.clone(),
            _ => PathBuf::from(card),
        };
        if !path.exists() && path.components().count() == 1 && path.extension().is_none() {
            let names = bundled.iter().map(|(name, _)| name.as_str());
            return Err(Error::unknown("card", card, "CARD (a file, or the name of a bundled card)", names));
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        Card::parse(&text, &path, settings)
    }

    /// A card from its text; `source` is named in messages.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::Unknown`] and [`Error::Value`], with the key.
    pub fn parse(text: &str, source: &Path, settings: &[String]) -> Result<Card, Error> {
        let (mut card, _): (Card, _) = overrides::resolve(text, source, settings)?;
        card.source = source.to_path_buf();
        card.check_commands()?;
        card.check_selection()?;
        Ok(card)
    }

    /// The card with overrides and defaults, as TOML.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self)
            .map_err(|e| Error::Syntax { place: self.source.display().to_string(), message: e.to_string() })
    }

    fn value(&self, key: &str, found: impl ToString, expected: &str) -> Error {
        Error::Value { file: self.source.clone(), key: key.into(), found: found.to_string(), expected: expected.into() }
    }

    fn check_commands(&self) -> Result<(), Error> {
        let PythiaSection { commands, block } = &self.pythia;
        if commands.is_empty() {
            return Err(self.value("pythia.commands", "none", "commands of Pythia, such as \"HardQCD:all = on\""));
        }
        if !(1..=1_000_000).contains(block) {
            return Err(self.value("pythia.block", block, "1 to 1000000"));
        }
        for command in commands {
            let plain = command.to_ascii_lowercase().replace(' ', "");
            if command.contains('\n') {
                return Err(self.value("pythia.commands", format!("{command:?}"), "one line per command"));
            }
            if let Some((_, why)) = RESERVED.iter().find(|(start, _)| plain.starts_with(start)) {
                return Err(self.value(
                    "pythia.commands",
                    format!("\"{command}\""),
                    &format!("no such command: {why}"),
                ));
            }
            if plain.starts_with("beams:frametype=4") || plain.starts_with("beams:frametype=5") {
                let expected = "beams of Pythia's own (frameType 1, 2 or 3): events are made here, not read";
                return Err(self.value("pythia.commands", format!("\"{command}\""), expected));
            }
        }
        Ok(())
    }

    fn check_selection(&self) -> Result<(), Error> {
        let positive = |key: &str, value: f64| {
            let good = value > 0.0 && value.is_finite();
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), value, "a positive number")) }
        };
        let from_zero = |key: &str, value: f64| {
            let good = value >= 0.0 && value.is_finite();
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), value, "a number from 0 on")) }
        };
        let range = |key: &str, [least, most]: [f64; 2]| {
            let found = format!("[{least}, {most}]");
            let good = least >= 0.0 && least <= most;
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), found, "[least, largest], from 0 on")) }
        };
        let radius = |algorithm: AlgorithmName, radius: f64| {
            let checked = algorithm.at(radius).validate();
            checked.map_err(|_| self.value("select.radius", radius, "more than 0, at most 1000"))
        };
        let count = |key: &str, value: usize, most: usize| {
            let good = (1..=most).contains(&value);
            if good { Ok(()) } else { Err(self.value(&format!("select.{key}"), value, &format!("1 to {most}"))) }
        };
        match &self.select {
            Select::Jets(s) => {
                if s.class.is_none() {
                    return Err(self.value("select.class", "nothing", "g, q, t, w or z"));
                }
                radius(s.algorithm, s.radius)?;
                range("pt", s.pt)?;
                s.eta.map_or(Ok(()), |eta| positive("eta", eta))?;
                count("leading", s.leading, 1000)?;
                positive("distance", s.distance)?;
                s.parton_pt.map_or(Ok(()), |pt| positive("parton_pt", pt))?;
                positive("tolerance", s.tolerance)?;
                count("constituents", s.constituents, 10_000)?;
                count("bits", s.bits as usize, 23)
            }
            Select::Zjets(s) => {
                radius(s.algorithm, s.radius)?;
                from_zero("pt", s.pt)?;
                positive("eta", s.eta)?;
                from_zero("separation", s.separation)?;
                range("jets", s.jets.map(|n| n as f64))
            }
            Select::Dis(s) => {
                range("q2", s.q2)?;
                range("y", s.y)?;
                from_zero("pt", s.pt)?;
                s.eta.map_or(Ok(()), |eta| positive("eta", eta))?;
                s.particles.map_or(Ok(()), |n| count("particles", n, 1_000_000))
            }
            Select::Dijets(s) => {
                radius(s.algorithm, s.radius)?;
                positive("particle_eta", s.particle_eta)?;
                from_zero("pt", s.pt)?;
                from_zero("second_pt", s.second_pt)?;
                s.eta.map_or(Ok(()), |eta| positive("eta", eta))?;
                count("constituents", s.constituents, 10_000)
            }
        }
    }
}

impl Select {
    /// What is counted: "jets" or "events".
    pub fn unit(&self) -> &'static str {
        if matches!(self, Select::Jets(_)) { "jets" } else { "events" }
    }
}
