//! Weights that make the edge at a least distance of jets learnable, arXiv:2305.10475, eq. 30 and section 3.1.
//!
//! `f(R) = (R - R_-)/(R_+ - R_-)`, between 0 and 1, for each pair of jets of an event; training weighs an event with their product, so that the density that a network
//! learns vanishes at `R_- = 0.2`, inside the forbidden region, instead of ending at `R = 0.4`. A generated event carries `1/f` for each pair, and 0 where
//! jets are too close: the output is weighted.

use super::{Cuts, Event};

/// The published ramp.
const LOW: f64 = 0.2;
const HIGH: f64 = 1.5;

/// The weights of a stage's pairs of jets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairWeights;

impl PairWeights {
    fn ramp(distance: f64) -> f64 {
        ((distance - LOW) / (HIGH - LOW)).clamp(0.0, 1.0)
    }

    /// Distances of jet `newest` (from 0) to those before it: the pairs that a stage of the chain adds.
    fn distances(event: &Event, newest: usize) -> impl Iterator<Item = f64> {
        let last = event.jets[newest];
        event.jets[..newest].iter().map(move |jet| jet.delta_r(&last)).collect::<Vec<_>>().into_iter()
    }

    /// Weight of an event in the training of the stage that makes jet `newest`.
    pub fn training(event: &Event, newest: usize) -> f64 {
        PairWeights::distances(event, newest).map(PairWeights::ramp).product()
    }

    /// Weight of a generated event, for all its pairs.
    pub fn generated(event: &Event, cuts: &Cuts) -> f64 {
        let pairs = (1..event.jets.len()).flat_map(|newest| PairWeights::distances(event, newest));
        pairs.map(|distance| if distance < cuts.separation { 0.0 } else { 1.0 / PairWeights::ramp(distance) }).product()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Object;
    use super::*;

    fn event(phis: &[f64]) -> Event {
        let jet = |phi: &f64| Object { pt: 30.0, eta: 0.0, phi: *phi, mass: 5.0 };
        Event::new([Object::default(); 2], phis.iter().map(jet).collect())
    }

    #[test]
    fn weights_of_generated_events_undo_those_of_training() {
        let event = event(&[0.0, 0.9, -1.2]);
        let product = PairWeights::training(&event, 1) * PairWeights::training(&event, 2);
        // Distances .9, 1.2 and 2.1: ramps 7/13, 10/13 and 1.
        assert!((product - 70.0 / 169.0).abs() < 1e-12);
        assert!((product * PairWeights::generated(&event, &Cuts::default()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn jets_that_are_too_close_weigh_nothing() {
        assert_eq!(PairWeights::generated(&event(&[0.0, 0.39]), &Cuts::default()), 0.0);
        assert_eq!(PairWeights::training(&event(&[0.0]), 0), 1.0);
    }
}
