//! Selections: what of an event is written.

mod dijets;
mod dis;
mod jets;
#[cfg(test)]
mod tests;
mod zjets;

use std::sync::Arc;

use clustering::{ClusterSequence, FourVector, Jet};
use tables::Schema;

pub use dijets::Dijets;
pub use dis::Dis;
pub use jets::JetsOfClass;
pub use zjets::Zjets;

use super::card::Select;
use super::hepmc;
use super::protocol::Record;
use super::rows::{Rows, TableRows};
use crate::Error;

/// A selection at work; every thread has its own.
pub enum Selection {
    /// Jets of one class.
    Jets(JetsOfClass),
    /// Muons and jets.
    Zjets(Zjets),
    /// Particles of deep-inelastic scattering.
    Dis(Dis),
    /// Two leading jets.
    Dijets(Dijets),
    /// Every event, as a graph of particles and vertices.
    Everything,
}

impl Selection {
    /// A selection by its card.
    pub fn new(select: &Select) -> Result<Selection, Error> {
        Ok(match select {
            Select::Jets(s) => Selection::Jets(JetsOfClass::new(s)?),
            Select::Zjets(s) => Selection::Zjets(Zjets::new(s)?),
            Select::Dis(s) => Selection::Dis(Dis::new(s)?),
            Select::Dijets(s) => Selection::Dijets(Dijets::new(s)?),
        })
    }

    /// The columns of its table; none where the rows are jets or events.
    pub fn schema(&self) -> Option<Arc<Schema>> {
        match self {
            Selection::Zjets(s) => Some(s.schema.clone()),
            Selection::Dis(s) => Some(s.schema.clone()),
            Selection::Dijets(s) => Some(s.schema.clone()),
            Selection::Jets(_) | Selection::Everything => None,
        }
    }

    /// No rows yet.
    pub fn start(&self) -> Rows {
        match (self, self.schema()) {
            (_, Some(schema)) => Rows::Table(TableRows::new(schema)),
            (Selection::Jets(s), None) => Rows::Jets(s.start()),
            _ => Rows::Events(Vec::new()),
        }
    }

    /// Appends what an event has to offer.
    ///
    /// # Errors
    /// Momenta that cannot be clustered.
    pub fn select(&mut self, event: &Record, number: u64, rows: &mut Rows) -> Result<(), Error> {
        match (self, rows) {
            (Selection::Jets(s), Rows::Jets(jets)) => s.select(event, jets),
            (Selection::Zjets(s), Rows::Table(table)) => s.select(event, table),
            (Selection::Dis(s), Rows::Table(table)) => s.select(event, table),
            (Selection::Dijets(s), Rows::Table(table)) => s.select(event, table),
            (_, Rows::Events(events)) => {
                events.push(hepmc::event(event, number));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// (pT, eta, phi, mass) of a momentum.
fn coordinates(p: &FourVector) -> [f64; 4] {
    [p.pt(), p.eta(), p.phi(), p.mass()]
}

/// The `most` leading constituents of a jet as (etarel, phirel, ptrel), in decreasing pT.
fn constituents(sequence: &ClusterSequence, jet: &Jet, most: usize) -> Vec<[f64; 3]> {
    let mut inside = sequence.constituent_momenta(jet.index);
    inside.sort_by(|a, b| b.pt().total_cmp(&a.pt()));
    inside.truncate(most);
    let (eta, phi, pt) = (jet.momentum.eta(), jet.momentum.phi(), jet.momentum.pt());
    let relative = |p: &FourVector| [p.eta() - eta, clustering::fourvector::wrap_phi(p.phi() - phi), p.pt() / pt];
    inside.iter().map(relative).collect()
}
