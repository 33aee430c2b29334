//! Collision events and their text files: Les Houches event files, HepMC3, HepMC2; read and written in a stream.
//!
//! [`Reader::open`] finds format and compression (gzip, zstd) by content; [`Writer::create`] takes them from the
//! ending. One [`Event`] holds what any of the three says, always in GeV and mm; [`RunInfo`] holds what is said once.
//!
//! | you want | look at |
//! |---|---|
//! | to read any file | [`Reader`] |
//! | to write, or to convert | [`Writer`], [`Format`] |
//! | to make events of generated particles | [`Event::from_final_state`] |
//! | to follow mothers and daughters | [`Event::topology`], [`Event::parents`], [`Event::children`] |
//! | what was read: negative weights, sums | [`Summary`] |
//! | how far a file has been read | [`Progress`] |
//!
//! | module | what it holds | reference |
//! |---|---|---|
//! | [`event`] | event, particle, vertex, attributes | arXiv:1912.08005 |
//! | [`run`] | weight names, tools, beams, processes | hep-ph/0109068 |
//! | `lhe` | Les Houches event files | hep-ph/0609017, arXiv:1405.1067 |
//! | `hepmc3` | `Asciiv3` | arXiv:1912.08005 |
//! | `hepmc2` | `IO_GenEvent` | HepMC 2 user manual |
//!
//! Conversion is reading and writing:
//! ```no_run
//! use records::{Event, Reader, Writer};
//! let mut reader = Reader::open("events.lhe.gz")?;
//! let mut writer = Writer::create("events.hepmc3.zst", reader.run())?;
//! let mut event = Event::default();
//! while reader.read_into(&mut event)? {
//!     writer.write(&event)?;
//! }
//! writer.finish()?;
//! # Ok::<(), records::Error>(())
//! ```
//! What a format cannot hold is listed in `docs/records.md`; what would be wrong without it is refused.
//!
//! Every float is written with the fewest digits that give the same number back.

mod barcodes;
mod beams;
mod check;
pub mod error;
pub mod event;
mod final_state;
pub mod format;
mod hepmc2;
mod hepmc3;
mod lhe;
mod lines;
mod names;
mod print;
mod reader;
pub mod run;
mod summary;
mod tokens;
mod topology;
mod units;
mod writer;

pub use compression::Compression;
pub use error::{Error, Place};
pub use event::{Attribute, CrossSection, Event, Owner, Particle, PdfInfo, Vertex};
pub use format::Format;
pub use reader::{Progress, Reader};
pub use run::{Beam, Process, RunInfo, Tool};
pub use summary::Summary;
pub use topology::Topology;
pub use writer::Writer;
