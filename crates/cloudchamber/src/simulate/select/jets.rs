//! Jets of one class, as JetNet has them (arXiv:2106.11535, section 3): the leading jets of an event that lie near a parton of the class.

use clustering::{Clusterer, FourVector};
use collider::{JetClass, Jets};

use super::constituents;
use crate::Error;
use crate::simulate::card::JetsSelection;
use crate::simulate::protocol::Record;

/// The selection `jets`.
pub struct JetsOfClass {
    card: JetsSelection,
    clusterer: Clusterer,
    particles: Vec<FourVector>,
}

impl JetsOfClass {
    pub(super) fn new(card: &JetsSelection) -> Result<JetsOfClass, Error> {
        let clusterer = Clusterer::new(card.algorithm.at(card.radius))?;
        Ok(JetsOfClass { card: card.clone(), clusterer, particles: Vec::new() })
    }

    pub(super) fn start(&self) -> Jets {
        Jets::new(self.card.constituents)
    }

    pub(super) fn select(&mut self, event: &Record, jets: &mut Jets) -> Result<(), Error> {
        let card = &self.card;
        let ids: &[i32] = match card.class {
            Some(JetClass::G) => &[21],
            Some(JetClass::Q) => &[1, 2, 3],
            Some(JetClass::T) => &[6],
            Some(JetClass::W) => &[24],
            Some(JetClass::Z) => &[23],
            None => &[],
        };
        let nominal = |p: &FourVector| card.parton_pt.is_none_or(|pt| (p.pt() - pt).abs() <= card.tolerance * pt);
        let partons: Vec<FourVector> = event
            .hard()
            .filter(|(_, line)| ids.contains(&line.pdg.abs()))
            .map(|(_, line)| line.four_vector())
            .filter(nominal)
            .collect();
        if partons.is_empty() {
            return Ok(());
        }
        self.particles.clear();
        self.particles.extend(event.finals().filter(|(_, l)| l.is_visible()).map(|(_, l)| l.four_vector()));
        let sequence = self.clusterer.cluster(&self.particles)?;
        for jet in sequence.inclusive_jets(card.pt[0]).into_iter().take(card.leading) {
            let p = jet.momentum;
            let counts = p.pt() <= card.pt[1]
                && card.eta.is_none_or(|eta| p.eta().abs() <= eta)
                && partons.iter().any(|parton| parton.delta_r(&p) < card.distance);
            if !counts {
                continue;
            }
            let inside = constituents(sequence, &jet, card.constituents);
            let inside: Vec<[f32; 3]> =
                inside.iter().map(|row| row.map(|x| rounded(x as f32, self.card.bits))).collect();
            let features = [p.pt() as f32, p.eta() as f32, p.mass() as f32, inside.len() as f32];
            jets.push(features, &inside)?;
        }
        Ok(())
    }
}

/// The nearest number whose mantissa has `bits` bits, ties to even; rows of zeros compress better.
pub(super) fn rounded(x: f32, bits: u32) -> f32 {
    let dropped = 23 - bits.min(23);
    if dropped == 0 || !x.is_finite() {
        return x;
    }
    let raw = x.to_bits();
    let half = (1u32 << (dropped - 1)) - 1 + ((raw >> dropped) & 1);
    f32::from_bits((raw + half) & !((1u32 << dropped) - 1))
}
