//! The discrete part of an event: how many jets it has, and which of them a muon radiated.
//!
//! A photon radiated by a muon may be a jet by itself. Its density grows like `d^2 R/R^2` towards the muon, and the mass of the resonance is that of the muons and the
//! photon together. Such jets have numbers of their own ([`Coordinates`](super::Coordinates)); a label says which numbers describe a jet, so that a density over events is
//!
//! ```text
//! p(x) = sum over labels of p(label) p(x | label),
//! ```
//!
//! and the label is drawn before the numbers. A jet at the distance R of the nearer muon is labelled with the probability 1 below `NEAR` that falls linearly to 0 at
//! `FAR`: both classes end gently, and neither has an edge for a network to blur. Whether a given event is labelled is drawn by the digits of its momenta, so that an
//! event, and its images under symmetries, have the same label whenever they are asked.

use serde::{Deserialize, Serialize};

use super::Event;

/// Distances from the nearer muon between which the probability of a label falls from 1 to 0.
const NEAR: f64 = 0.05;
const FAR: f64 = 0.3;

/// Number of jets, and for each the muon that radiated it (0 the negative, 1 the positive one), if any. A muon radiates at most one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Number of jets, 1 to 3.
    pub jets: usize,
    /// The muon that radiated each; none for jets beyond the last.
    pub emitters: [Option<usize>; 3],
}

impl Topology {
    /// Columns that tell a network the emitters of all jets.
    pub const COLUMNS: usize = 6;

    /// So many jets, none of them radiated.
    pub fn plain(jets: usize) -> Topology {
        Topology { jets, emitters: [None; 3] }
    }

    /// All kinds of events with so many jets.
    pub fn all(jets: usize) -> impl Iterator<Item = Topology> {
        let choices = [None, Some(0), Some(1)];
        let emitters = (0..27).map(move |i| [0, 1, 2].map(|k| choices[i / [1, 3, 9][k] % 3]));
        emitters.map(move |emitters| Topology { jets, emitters }).filter(Topology::is_valid)
    }

    /// An event's, whose labels are drawn by its digits.
    pub fn of(event: &Event) -> Topology {
        let mut topology = Topology::plain(event.jets.len());
        let mut taken = [false; 2];
        for (k, jet) in event.jets.iter().enumerate().take(3) {
            let distance = event.muons.each_ref().map(|muon| jet.delta_r(muon));
            let muon = usize::from(distance[1] < distance[0]);
            let share = ((FAR - distance[muon]) / (FAR - NEAR)).clamp(0.0, 1.0);
            if !taken[muon] && lot(event, k as u64) < share {
                (topology.emitters[k], taken[muon]) = (Some(muon), true);
            }
        }
        topology
    }

    /// Appends two columns for each of three jets: whether the negative, and whether the positive muon radiated it.
    pub fn push(&self, out: &mut Vec<f32>) {
        let columns = self.emitters.iter().flat_map(|emitter| [Some(0), Some(1)].map(|muon| *emitter == muon));
        out.extend(columns.map(|is| f32::from(u8::from(is))));
    }

    /// Whether this can be: one to three jets, no more labels than jets, no muon twice.
    pub fn is_valid(&self) -> bool {
        let count = |muon| self.emitters.iter().filter(|emitter| **emitter == Some(muon)).count();
        let labels = self.emitters.iter().flatten().count();
        let beyond = self.emitters.iter().skip(self.jets).all(Option::is_none);
        (1..=3).contains(&self.jets) && beyond && count(0) <= 1 && count(1) <= 1 && labels == count(0) + count(1)
    }
}

/// A number in [0, 1) that looks random, the same for an event whenever it is asked, and for all its images under symmetries: the bits of the transverse momenta,
/// mixed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", the finaliser of SplitMix64).
pub(super) fn lot(event: &Event, which: u64) -> f64 {
    let mix = |state: u64, bits: u64| {
        let mut z = (state ^ bits).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let state = event.muons.iter().chain(&event.jets).fold(which, |state, object| mix(state, object.pt.to_bits()));
    (mix(state, which) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::super::Object;
    use super::*;

    /// A jet at this distance from the second muon, one far away, and muons whose momenta are digits.
    fn event(distance: f64, digits: u32) -> Event {
        let muon = |phi: f64| Object { pt: 40.0 + 1e-3 * f64::from(digits), eta: 0.3, phi, mass: 0.1 };
        let jet = |phi: f64| Object { pt: 30.0, eta: 0.3, phi, mass: 1.0 };
        Event::new([muon(0.0), muon(2.0)], vec![jet(2.0 + distance), jet(-1.5)])
    }

    #[test]
    fn jets_are_labelled_as_often_as_their_distance_says() {
        for (distance, share) in [(0.03, 1.0), (0.1, 0.8), (0.2, 0.4), (0.4, 0.0)] {
            let n = 4000;
            let labels =
                (0..n).filter(|&i| Topology::of(&event(distance, i)).emitters == [Some(1), None, None]).count();
            let error = (share * (1.0 - share) / f64::from(n)).sqrt();
            assert!((labels as f64 / f64::from(n) - share).abs() <= 4.0 * error, "{distance}: {labels}");
        }
    }

    #[test]
    fn images_of_an_event_have_its_label() {
        for i in 0..100 {
            let event = event(0.2, i);
            assert_eq!(Topology::of(&event), Topology::of(&event.exchanged()));
            assert_eq!(Topology::of(&event), Topology::of(&event.mirrored()));
        }
    }

    #[test]
    fn lots_are_even_and_of_different_questions_independent() {
        let n = 20_000;
        let lots: Vec<[f64; 2]> = (0..n).map(|i| [0, 1].map(|which| lot(&event(0.2, i), which))).collect();
        // Means 1/2, product 1/4; deviations 1/sqrt(12) and (1/9 - 1/16)^(1/2) of one.
        let mean = |of: &dyn Fn(&[f64; 2]) -> f64| lots.iter().map(of).sum::<f64>() / f64::from(n);
        let root = f64::from(n).sqrt();
        assert!((mean(&|l| l[0]) - 0.5).abs() < 4.0 * 0.2887 / root);
        assert!((mean(&|l| l[1]) - 0.5).abs() < 4.0 * 0.2887 / root);
        assert!((mean(&|l| l[0] * l[1]) - 0.25).abs() < 4.0 * 0.2205 / root);
    }

    #[test]
    fn what_cannot_be_is_told() {
        let with = |jets, emitters| Topology { jets, emitters };
        assert!(with(2, [Some(1), Some(0), None]).is_valid() && Topology::plain(3).is_valid());
        let wrong = [
            with(0, [None; 3]),
            with(4, [None; 3]),
            with(1, [None, Some(0), None]),
            with(2, [Some(1), Some(1), None]),
            with(2, [Some(2), None, None]),
        ];
        assert!(wrong.iter().all(|topology| !topology.is_valid()));
        // No label, one of two muons for one of the jets, or both for two of them in either order.
        assert_eq!([1, 2, 3].map(|jets| Topology::all(jets).count()), [1 + 2, 1 + 4 + 2, 1 + 6 + 6]);
    }

    #[test]
    fn columns_name_the_emitter_of_each_jet() {
        let mut columns = Vec::new();
        Topology { jets: 2, emitters: [None, Some(1), None] }.push(&mut columns);
        assert_eq!(columns, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(columns.len(), Topology::COLUMNS);
    }
}
