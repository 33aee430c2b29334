//! An event: two muons, the negative one first, and jets in decreasing transverse momentum.

use crate::fourvector::{FourVector, wrap_phi};

/// Transverse momentum and mass in GeV, pseudorapidity and azimuth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Object {
    /// Transverse momentum \[GeV\].
    pub pt: f64,
    /// Pseudorapidity.
    pub eta: f64,
    /// Azimuth in (-pi, pi].
    pub phi: f64,
    /// Mass \[GeV\].
    pub mass: f64,
}

impl Object {
    /// Its four-momentum.
    pub fn momentum(&self) -> FourVector {
        FourVector::from_pt_eta_phi_mass(self.pt, self.eta, self.phi, self.mass)
    }

    /// A four-momentum's.
    pub fn of(momentum: &FourVector) -> Object {
        Object { pt: momentum.pt(), eta: momentum.eta(), phi: momentum.phi(), mass: momentum.mass() }
    }

    /// Distance sqrt(Delta eta^2 + Delta phi^2).
    pub fn delta_r(&self, other: &Object) -> f64 {
        (self.eta - other.eta).hypot(wrap_phi(self.phi - other.phi))
    }

    /// Whether all four numbers are finite and pT is positive.
    pub fn is_valid(&self) -> bool {
        self.pt > 0.0 && [self.pt, self.eta, self.phi, self.mass].iter().all(|x| x.is_finite())
    }
}

/// Z -> mu mu plus jets.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The negative and the positive muon.
    pub muons: [Object; 2],
    /// One to three jets in decreasing transverse momentum.
    pub jets: Vec<Object>,
    /// The event's weight; 1 for unweighted events.
    pub weight: f64,
    /// Which draw of a Bayesian network's weights made it; 0 where there is one network.
    pub draw: u32,
}

impl Event {
    /// The event turned by pi about the first axis across the beams, which exchanges them: pseudorapidities and azimuths change sign.
    pub fn exchanged(&self) -> Event {
        self.mapped(|object| Object { eta: -object.eta, phi: -object.phi, ..*object })
    }

    /// The event in a mirror that holds the beams: azimuths change sign.
    pub fn mirrored(&self) -> Event {
        self.mapped(|object| Object { phi: -object.phi, ..*object })
    }

    fn mapped(&self, map: impl Fn(&Object) -> Object) -> Event {
        Event { muons: self.muons.each_ref().map(&map), jets: self.jets.iter().map(&map).collect(), ..self.clone() }
    }

    /// An event of weight 1.
    pub fn new(muons: [Object; 2], jets: Vec<Object>) -> Event {
        Event { muons, jets, weight: 1.0, draw: 0 }
    }

    /// Four-momentum of the pair of muons.
    pub fn boson(&self) -> FourVector {
        self.muons[0].momentum() + self.muons[1].momentum()
    }

    /// The least distance between two jets; infinite for one.
    pub fn closest_jets(&self) -> f64 {
        let pairs = self.jets.iter().enumerate().flat_map(|(i, a)| self.jets[..i].iter().map(|b| a.delta_r(b)));
        pairs.fold(f64::INFINITY, f64::min)
    }
}

/// What every event of a sample fulfils.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cuts {
    /// Least transverse momentum of a jet \[GeV\].
    pub jet_pt: f64,
    /// Largest absolute pseudorapidity of a jet.
    #[serde(default = "jet_eta")]
    pub jet_eta: f64,
    /// Least distance of two jets.
    pub separation: f64,
}

fn jet_eta() -> f64 {
    5.0
}

impl Default for Cuts {
    fn default() -> Self {
        Cuts { jet_pt: 20.0, jet_eta: jet_eta(), separation: 0.4 }
    }
}

impl Cuts {
    /// Whether an event has finite numbers, one to three jets in order, and fulfils the cuts; what is wrong otherwise.
    pub fn check(&self, event: &Event) -> Result<(), String> {
        let (count, jets) = (event.jets.len(), &event.jets);
        if !(1..=3).contains(&count) {
            return Err(format!("{count} jets; an event has one to three"));
        }
        if let Some(bad) = event.muons.iter().chain(jets).find(|object| !object.is_valid()) {
            return Err(format!("{bad:?} is no momentum"));
        }
        if !event.weight.is_finite() {
            return Err(format!("the weight is {}", event.weight));
        }
        if let Some(soft) = jets.iter().find(|jet| jet.pt < self.jet_pt) {
            return Err(format!("a jet of {} GeV; all were to have {} GeV or more", soft.pt, self.jet_pt));
        }
        if let Some(far) = jets.iter().find(|jet| jet.eta.abs() > self.jet_eta) {
            return Err(format!("a jet at the pseudorapidity {}; all were to be within {}", far.eta, self.jet_eta));
        }
        if jets.windows(2).any(|pair| pair[0].pt < pair[1].pt) {
            return Err("jets that are not in decreasing transverse momentum".into());
        }
        let closest = event.closest_jets();
        if closest < self.separation {
            return Err(format!("two jets at a distance of {closest}; the least was to be {}", self.separation));
        }
        Ok(())
    }
}
