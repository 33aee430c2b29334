//! Deep-inelastic scattering (arXiv:2310.16308): the scattered lepton, every other particle, and the kinematics that the lepton gives,
//!
//! ```text
//! q = k - k',    Q^2 = -q^2,    x = Q^2 / (2 P q),    y = P q / (P k),    W^2 = (P + q)^2
//! ```

use std::sync::Arc;

use clustering::FourVector;
use tables::{Element, Schema};

use super::coordinates;
use crate::Error;
use crate::simulate::card::DisSelection;
use crate::simulate::protocol::{Line, Record};
use crate::simulate::rows::{TableRows, schema};

/// The selection `dis`.
pub struct Dis {
    card: DisSelection,
    pub(super) schema: Arc<Schema>,
}

impl Dis {
    pub(super) fn new(card: &DisSelection) -> Result<Dis, Error> {
        let one = |name| (name, Element::F32, false);
        let many = |name| (name, Element::F32, true);
        let schema = schema(&[
            one("lepton_pt"),
            one("lepton_eta"),
            one("lepton_phi"),
            ("lepton_pdg", Element::I32, false),
            many("particle_pt"),
            many("particle_eta"),
            many("particle_phi"),
            many("particle_mass"),
            ("particle_pdg", Element::I32, true),
            one("Q2"),
            one("x"),
            one("y"),
            one("W2"),
            ("weight", Element::F64, false),
        ])?;
        Ok(Dis { card: card.clone(), schema })
    }

    pub(super) fn select(&mut self, event: &Record, table: &mut TableRows) -> Result<(), Error> {
        let is_lepton = |line: &Line| (11..=16).contains(&line.pdg.abs());
        let beams = || event.lines.iter().filter(|line| line.status == -12);
        let (Some(lepton), Some(hadron)) = (beams().find(|l| is_lepton(l)), beams().find(|l| !is_lepton(l))) else {
            return Ok(());
        };
        let Some((hard, _)) = event.hard().find(|(_, line)| is_lepton(line)) else { return Ok(()) };
        let Some((scattered, line)) = event.finals().find(|(k, l)| is_lepton(l) && event.descends(*k, hard)) else {
            return Ok(());
        };
        let out = line.four_vector();
        let (k, p) = (lepton.four_vector(), hadron.four_vector());
        let q = k - out;
        let (q2, pq) = (-q.dot(&q), p.dot(&q));
        let (y, w2) = (pq / p.dot(&k), (p + q).dot(&(p + q)));
        let within = |[least, most]: [f64; 2], value: f64| value >= least && value <= most;
        if !(within(self.card.q2, q2) && within(self.card.y, y)) {
            return Ok(());
        }
        let mut particles: Vec<(&Line, FourVector)> = event
            .finals()
            .filter(|(k, line)| {
                *k != scattered && (self.card.ids.is_empty() || self.card.ids.contains(&line.pdg.abs()))
            })
            .map(|(_, line)| (line, line.four_vector()))
            .filter(|(_, p)| p.pt() >= self.card.pt && self.card.eta.is_none_or(|eta| p.eta().abs() <= eta))
            .collect();
        if self.card.particles.is_some_and(|most| particles.len() > most) {
            return Ok(());
        }
        particles.sort_by(|a, b| b.1.pt().total_cmp(&a.1.pt()));
        let mut row: Vec<_> = coordinates(&out)[..3].iter().map(|&x| x.into()).collect();
        row.push(f64::from(line.pdg).into());
        let all: Vec<[f64; 4]> = particles.iter().map(|(_, p)| coordinates(p)).collect();
        row.extend((0..3).map(|k| all.iter().map(|p| p[k]).collect::<Vec<f64>>().into()));
        row.push(particles.iter().map(|(line, _)| line.mass).collect::<Vec<f64>>().into());
        row.push(particles.iter().map(|(line, _)| f64::from(line.pdg)).collect::<Vec<f64>>().into());
        row.extend([q2, q2 / (2.0 * pq), y, w2, event.weight].map(Into::into));
        table.push(row);
        Ok(())
    }
}
