//! Sequential recombination.

mod clusterer;
mod definition;
mod error;
mod exclusive;
pub mod fourvector;
mod grid;
mod minimum;
mod plain;
mod pseudojet;
mod sequence;
mod softdrop;
mod subjettiness;
mod tiled;

pub use clusterer::{Clusterer, Strategy};
pub use definition::{Algorithm, JetDefinition, MAX_RADIUS, Recombination};
pub use error::Error;
pub use fourvector::FourVector;
pub use pseudojet::{BEAM_RAPIDITY, PseudoJet};
pub use sequence::{ClusterSequence, Event, Jet, Step};
pub use softdrop::{Groomed, SoftDrop};
pub use subjettiness::{Axes, NSubjettiness};
