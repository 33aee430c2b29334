//! The two leading jets of an event with their insides, as searches for resonances look at them (arXiv:2101.08320).

use std::sync::Arc;

use clustering::{Clusterer, FourVector, NSubjettiness};
use tables::{Element, Schema};

use super::{constituents, coordinates};
use crate::Error;
use crate::simulate::card::{DijetsSelection, Order};
use crate::simulate::protocol::Record;
use crate::simulate::rows::{TableRows, schema};

/// The selection `dijets`.
pub struct Dijets {
    card: DijetsSelection,
    pub(super) schema: Arc<Schema>,
    clusterer: Clusterer,
    particles: Vec<FourVector>,
}

impl Dijets {
    pub(super) fn new(card: &DijetsSelection) -> Result<Dijets, Error> {
        let names: Vec<(String, bool)> = ["j1", "j2"]
            .iter()
            .flat_map(|jet| {
                let one = ["pt", "eta", "phi", "mass", "tau21"].map(|name| (format!("{jet}_{name}"), false));
                let many = ["ptrel", "etarel", "phirel"].map(|name| (format!("{jet}_{name}"), true));
                one.into_iter().chain(many)
            })
            .collect();
        let mut columns: Vec<_> = names.iter().map(|(name, jagged)| (name.as_str(), Element::F32, *jagged)).collect();
        columns.extend([("m_jj", Element::F32, false), ("label", Element::U8, false), ("weight", Element::F64, false)]);
        let schema = schema(&columns)?;
        let clusterer = Clusterer::new(card.algorithm.at(card.radius))?;
        Ok(Dijets { card: card.clone(), schema, clusterer, particles: Vec::new() })
    }

    pub(super) fn select(&mut self, event: &Record, table: &mut TableRows) -> Result<(), Error> {
        let card = &self.card;
        self.particles.clear();
        let seen = event.finals().filter(|(_, line)| line.is_visible()).map(|(_, line)| line.four_vector());
        self.particles.extend(seen.filter(|p| p.eta().abs() < card.particle_eta));
        let sequence = self.clusterer.cluster(&self.particles)?;
        let jets = sequence.inclusive_jets(card.second_pt);
        let [first, second, ..] = jets[..] else { return Ok(()) };
        let central = |jet: &FourVector| card.eta.is_none_or(|eta| jet.eta().abs() <= eta);
        if first.momentum.pt() <= card.pt || !central(&first.momentum) || !central(&second.momentum) {
            return Ok(());
        }
        let mut pair = [first, second];
        if card.order == Order::Mass && second.momentum.mass() < first.momentum.mass() {
            pair.swap(0, 1);
        }
        let mut row = Vec::new();
        for jet in &pair {
            let tau21 = NSubjettiness::default().ratio(&sequence.constituent_momenta(jet.index), 2)?;
            row.extend(coordinates(&jet.momentum).into_iter().chain([tau21]).map(Into::into));
            let inside = constituents(sequence, jet, card.constituents);
            row.extend([2, 0, 1].map(|k| inside.iter().map(|p| p[k]).collect::<Vec<f64>>().into()));
        }
        let mass = (first.momentum + second.momentum).mass();
        row.extend([mass, f64::from(card.label), event.weight].map(Into::into));
        table.push(row);
        Ok(())
    }
}
