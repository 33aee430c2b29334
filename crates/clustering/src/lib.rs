//! Sequential recombination: jets from particles, and what is inside them.
//!
//! | question | answer | reference |
//! |---|---|---|
//! | which distance? | [`JetDefinition`]: [`Algorithm`], radius, [`Recombination`] | arXiv:0802.1189, hep-ph/9305266, hep-ph/9907280 |
//! | which jets? | [`JetDefinition::cluster`], [`ClusterSequence::inclusive_jets`], [`ClusterSequence::constituents`] | |
//! | in which order did they form? | [`ClusterSequence::steps`], [`ClusterSequence::parents`] | |
//! | exactly n jets, or down to a distance? | [`ClusterSequence::exclusive_jets`], [`ClusterSequence::exclusive_subjets`] | Nucl. Phys. B406 (1993) 187 |
//! | without soft wide-angle radiation? | [`SoftDrop`], [`ClusterSequence::soft_drop`] | arXiv:1402.2657 |
//! | how many prongs? | [`NSubjettiness`] | arXiv:1011.2268, arXiv:1108.2701 |
//! | many events? | [`Clusterer`] keeps its memory, [`JetDefinition::cluster_events`] uses all threads | |
//!
//! The clustering is O(N^2) with nearest neighbours, plain or in tiles (hep-ph/0512210), whichever is faster for N ([`Strategy`]).
//! Results are FastJet's: `docs/clustering.md` has the figures.
//!
//! ```
//! use clustering::{Algorithm, FourVector, JetDefinition, NSubjettiness, SoftDrop};
//!
//! // eta, phi, pT: two prongs, and a soft particle between the jets.
//! let particles = [[0.0, 0.1, 60.0], [0.3, 0.1, 40.0], [1.5, 1.0, 0.5], [-0.2, -3.0, 90.0]].map(FourVector::massless);
//! let sequence = JetDefinition::new(Algorithm::AntiKt, 0.8).cluster(&particles)?;
//! let jets = sequence.inclusive_jets(20.0);
//! assert_eq!(sequence.constituents(jets[0].index), [0, 1]);
//!
//! let groomed = sequence.soft_drop(jets[0].index, &SoftDrop::new(0.0, 0.1, 0.8))?;
//! assert!((groomed.z.unwrap() - 0.4).abs() < 1e-12 && (groomed.r.unwrap() - 0.3).abs() < 1e-12);
//!
//! let tau = NSubjettiness::default().tau(&sequence.constituent_momenta(jets[0].index), 2)?;
//! assert!(tau[0] > 0.0 && tau[1] == 0.0);
//! # Ok::<(), clustering::Error>(())
//! ```

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
