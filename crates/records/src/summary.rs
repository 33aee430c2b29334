//! What went through a reader or a writer so far.

use crate::Event;

/// Counts and sums over events.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Events.
    pub events: u64,
    /// Particles of all events.
    pub particles: u64,
    /// Events whose nominal weight is negative, which is legal (next-to-leading-order generators make them).
    pub negative_weights: u64,
    /// Sum of the nominal weights.
    pub sum_of_weights: f64,
    /// Sum of their squares; the effective number of events is sum^2 / sum of squares.
    pub sum_of_squares: f64,
}

impl Summary {
    /// Adds an event.
    pub fn add(&mut self, event: &Event) {
        let weight = event.weight();
        self.events += 1;
        self.particles += event.particles.len() as u64;
        self.negative_weights += u64::from(weight < 0.0);
        self.sum_of_weights += weight;
        self.sum_of_squares += weight * weight;
    }
}
