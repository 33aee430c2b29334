//! One number of an event: what histograms, correlations and classifiers look at.

use super::{Event, Object};
use crate::fourvector::wrap_phi;

/// How an axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Evenly.
    Linear,
    /// Evenly in the logarithm.
    Logarithmic,
}

/// A quantity of events with at least some number of jets.
#[derive(Clone, Copy)]
pub struct Observable {
    /// Its name, for files and options.
    pub name: &'static str,
    /// Its name in pictures: `*x*` is italic, `_{x}` a subscript, `^{x}` a superscript.
    pub label: &'static str,
    /// Its unit; empty if it has none.
    pub unit: &'static str,
    /// The least number of jets of an event that has it.
    pub jets: usize,
    /// Axis of its histograms.
    pub axis: Axis,
    value: fn(&Event) -> f64,
}

impl Observable {
    /// Its value; `None` for an event with too few jets.
    pub fn of(&self, event: &Event) -> Option<f64> {
        (event.jets.len() >= self.jets).then(|| (self.value)(event))
    }
}

fn phi_between(a: &Object, b: &Object) -> f64 {
    wrap_phi(a.phi - b.phi).abs()
}

macro_rules! observables {
    ($($name:literal $label:literal $unit:literal $jets:literal $axis:ident $value:expr;)*) => {
        &[$(Observable { name: $name, label: $label, unit: $unit, jets: $jets, axis: Axis::$axis, value: $value }),*]
    };
}

/// All of them.
pub const OBSERVABLES: &[Observable] = observables! {
    "pt_mu1" "*p*_{T}(*μ*^{−})" "GeV" 1 Logarithmic |e| e.muons[0].pt;
    "pt_mu2" "*p*_{T}(*μ*^{+})" "GeV" 1 Logarithmic |e| e.muons[1].pt;
    "eta_mu1" "*η*(*μ*^{−})" "" 1 Linear |e| e.muons[0].eta;
    "eta_mu2" "*η*(*μ*^{+})" "" 1 Linear |e| e.muons[1].eta;
    "mass_z" "*m*(*μμ*)" "GeV" 1 Linear |e| e.boson().mass();
    "pt_z" "*p*_{T}(*μμ*)" "GeV" 1 Logarithmic |e| e.boson().pt();
    "dphi_mumu" "|Δ*φ*(*μ*, *μ*)|" "" 1 Linear |e| phi_between(&e.muons[0], &e.muons[1]);
    "pt_j1" "*p*_{T}(j_{1})" "GeV" 1 Logarithmic |e| e.jets[0].pt;
    "eta_j1" "*η*(j_{1})" "" 1 Linear |e| e.jets[0].eta;
    "mass_j1" "*m*(j_{1})" "GeV" 1 Logarithmic |e| e.jets[0].mass;
    "dr_j1_mu1" "Δ*R*(j_{1}, *μ*^{−})" "" 1 Linear |e| e.jets[0].delta_r(&e.muons[0]);
    "dr_j1_mu2" "Δ*R*(j_{1}, *μ*^{+})" "" 1 Linear |e| e.jets[0].delta_r(&e.muons[1]);
    "pt_j2" "*p*_{T}(j_{2})" "GeV" 2 Logarithmic |e| e.jets[1].pt;
    "eta_j2" "*η*(j_{2})" "" 2 Linear |e| e.jets[1].eta;
    "mass_j2" "*m*(j_{2})" "GeV" 2 Logarithmic |e| e.jets[1].mass;
    "dr_j1_j2" "Δ*R*(j_{1}, j_{2})" "" 2 Linear |e| e.jets[0].delta_r(&e.jets[1]);
    "dphi_j1_j2" "|Δ*φ*(j_{1}, j_{2})|" "" 2 Linear |e| phi_between(&e.jets[0], &e.jets[1]);
    "mass_j1_j2" "*m*(j_{1}j_{2})" "GeV" 2 Logarithmic |e| (e.jets[0].momentum() + e.jets[1].momentum()).mass();
    "dr_j2_mu1" "Δ*R*(j_{2}, *μ*^{−})" "" 2 Linear |e| e.jets[1].delta_r(&e.muons[0]);
    "dr_j2_mu2" "Δ*R*(j_{2}, *μ*^{+})" "" 2 Linear |e| e.jets[1].delta_r(&e.muons[1]);
    "pt_j3" "*p*_{T}(j_{3})" "GeV" 3 Logarithmic |e| e.jets[2].pt;
    "eta_j3" "*η*(j_{3})" "" 3 Linear |e| e.jets[2].eta;
    "mass_j3" "*m*(j_{3})" "GeV" 3 Logarithmic |e| e.jets[2].mass;
    "dr_j1_j3" "Δ*R*(j_{1}, j_{3})" "" 3 Linear |e| e.jets[0].delta_r(&e.jets[2]);
    "dr_j2_j3" "Δ*R*(j_{2}, j_{3})" "" 3 Linear |e| e.jets[1].delta_r(&e.jets[2]);
};
