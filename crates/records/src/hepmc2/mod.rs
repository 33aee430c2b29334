//! HepMC2's text format `IO_GenEvent` (HepMC 2 user manual, section on the format).
//!
//! ```text
//! HepMC::Version 2.06.09
//! HepMC::IO_GenEvent-START_EVENT_LISTING
//! E number mpi scale alphaQCD alphaQED process signal_vertex vertices beam1 beam2 nrandom [..] nweights [..]
//! N 2 "name" "name"                       names of the weights
//! U GEV MM
//! C cross_section error                   in pb
//! H ncoll_hard ... sigma_inel_NN          heavy ions: 9 whole numbers, 4 others
//! F id1 id2 x1 x2 scale xf1 xf2 set1 set2 parton densities
//! V barcode id x y z ct orphans out nweights [..]
//! P barcode pdg px py pz e m status theta phi end_vertex nflow [index colour ..]
//! HepMC::IO_GenEvent-END_EVENT_LISTING
//! ```
//! After each V line come its P lines: first the incoming particles that no vertex made, then the outgoing ones. -1
//! or 0 stand for scales, couplings and processes that are not known.

mod head;
mod read;
mod write;

pub(crate) use read::{Reader, read_header};
pub(crate) use write::{FOOTER, write_event, write_header};

/// The 8 numbers that HepMC3's heavy-ion text has behind the 13 of the H line, where nothing is known.
const NO_MORE_HEAVY_IONS: &str = "-1 -1 -1 -1 -1 -1 0 0";
