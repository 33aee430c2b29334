//! Z -> mu mu with jets (arXiv:2305.10475): the two muons of the boson as they are, and jets of all else but neutrinos.

use std::sync::Arc;

use clustering::{Clusterer, FourVector};
use tables::{Element, Schema};

use super::coordinates;
use crate::Error;
use crate::simulate::card::ZjetsSelection;
use crate::simulate::protocol::{Line, Record};
use crate::simulate::rows::{TableRows, schema};

/// The selection `zjets`.
pub struct Zjets {
    card: ZjetsSelection,
    pub(super) schema: Arc<Schema>,
    clusterer: Clusterer,
    particles: Vec<FourVector>,
}

impl Zjets {
    pub(super) fn new(card: &ZjetsSelection) -> Result<Zjets, Error> {
        let one = |name| (name, Element::F32, false);
        let many = |name| (name, Element::F32, true);
        let schema = schema(&[
            one("mu1_pt"),
            one("mu1_eta"),
            one("mu1_phi"),
            one("mu2_pt"),
            one("mu2_eta"),
            one("mu2_phi"),
            many("jet_pt"),
            many("jet_eta"),
            many("jet_phi"),
            many("jet_mass"),
            ("weight", Element::F64, false),
        ])?;
        let clusterer = Clusterer::new(card.algorithm.at(card.radius))?;
        Ok(Zjets { card: card.clone(), schema, clusterer, particles: Vec::new() })
    }

    pub(super) fn select(&mut self, event: &Record, table: &mut TableRows) -> Result<(), Error> {
        let muon = |pdg: i32| {
            let of_z = |&(place, line): &(usize, &Line)| line.pdg == pdg && event.ancestor(place) == 23;
            event.finals().find(of_z)
        };
        let (Some((minus, first)), Some((plus, second))) = (muon(13), muon(-13)) else { return Ok(()) };
        self.particles.clear();
        let others = event.finals().filter(|(k, line)| *k != minus && *k != plus && line.is_visible());
        self.particles.extend(others.map(|(_, line)| line.four_vector()));
        let sequence = self.clusterer.cluster(&self.particles)?;
        let jets: Vec<FourVector> = sequence.inclusive_jets(self.card.pt).iter().map(|jet| jet.momentum).collect();
        let jets: Vec<FourVector> = jets.into_iter().filter(|jet| jet.eta().abs() < self.card.eta).collect();
        let apart = jets.iter().enumerate().all(|(i, a)| jets[..i].iter().all(|b| a.delta_r(b) > self.card.separation));
        if !(self.card.jets[0]..=self.card.jets[1]).contains(&jets.len()) || !apart {
            return Ok(());
        }
        let mut row = Vec::new();
        for muon in [first, second] {
            row.extend(coordinates(&muon.four_vector())[..3].iter().map(|&x| x.into()));
        }
        let all: Vec<[f64; 4]> = jets.iter().map(coordinates).collect();
        row.extend((0..4).map(|k| all.iter().map(|jet| jet[k]).collect::<Vec<f64>>().into()));
        row.push(event.weight.into());
        table.push(row);
        Ok(())
    }
}
