//! `[data]`: which events to learn from, and in which numbers.

use std::path::PathBuf;

use collider::zjets::{Coordinates, Cuts, Event, Scaling};
use serde::{Deserialize, Serialize};

/// The domain of event generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventDomain {
    /// Z -> mu mu plus one to three jets.
    Zjets,
}

/// `[data]`: which events to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventData {
    /// "zjets".
    pub domain: EventDomain,
    /// Tables of events, in any format; relative paths start at the recipe's directory.
    pub files: Vec<PathBuf>,
    /// Which numbers describe an event: "dressed", "boson" or "published".
    #[serde(default)]
    pub coordinates: Coordinates,
    /// How they are scaled: "normal", "standard" or "whiten".
    #[serde(default)]
    pub scaling: Scaling,
    /// How the networks learn that jets keep their distance.
    #[serde(default)]
    pub edge: Edge,
    /// What every event fulfils.
    #[serde(default)]
    pub cuts: Cuts,
    /// Maps that leave the law of the events as it is: every training event also counts as its images, and every generated event
    /// is one of its images at random.
    #[serde(default)]
    pub symmetries: Vec<Symmetry>,
    /// Part of the events kept aside for the validation loss, 0 to 0.5: the last rows of each file.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Most events read of each file; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

fn validation() -> f64 {
    0.05
}

/// A map of events onto equally frequent ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Symmetry {
    /// A turn by pi about an axis across the beams ([`Event::exchanged`]); exact for beams of equal particles.
    Exchange,
    /// A mirror that holds the beams ([`Event::mirrored`]); exact for tree-level amplitudes, whose decay angles have no sine terms.
    Mirror,
}

impl Symmetry {
    /// The image of an event.
    pub fn of(self, event: &Event) -> Event {
        match self {
            Symmetry::Exchange => event.exchanged(),
            Symmetry::Mirror => event.mirrored(),
        }
    }
}

/// How the networks learn that jets keep their distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// Events in which two jets are too close are generated again. With the coordinates "boson" only the first and the third can be, with "dressed" radiated ones, too.
    #[default]
    Reject,
    /// The published weights in training, their inverse on generated events, which are then weighted.
    Weights,
}
