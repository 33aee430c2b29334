//! Les Houches event files (hep-ph/0609017; version 3: arXiv:1405.1067).
//!
//! ```text
//! <LesHouchesEvents version="3.0">
//! <header> any text; <initrwgt> declares weights </header>
//! <init>
//! IDBMUP(2) EBMUP(2) PDFGUP(2) PDFSUP(2) IDWTUP NPRUP     beams, densities, weighting, number of processes
//! XSECUP XERRUP XMAXUP LPRUP                              a process, NPRUP times
//! </init>
//! <event>
//! NUP IDPRUP XWGTUP SCALUP AQEDUP AQCDUP                  particles, process, weight, scale, couplings
//! IDUP ISTUP MOTHUP(2) ICOLUP(2) PUP(5) VTIMUP SPINUP     a particle, NUP times
//! #pdf id1 id2 x1 x2 Q xf1 xf2                            optional
//! <rwgt> <wgt id="name"> weight </wgt> ... </rwgt>        or <weights> weight weight ... </weights>
//! </event>
//! </LesHouchesEvents>
//! ```

mod graph;
mod hard;
mod header;
mod read;
mod write;
mod xml;

pub(crate) use header::{init_text, read_header, read_init_text, write_header};
pub(crate) use read::Reader;
pub(crate) use write::write_event;

/// The last line.
pub(crate) const FOOTER: &str = "</LesHouchesEvents>\n";

/// HepMC's status for LHE's: beams are 4 there, and Pythia's 21 is an incoming parton.
fn status_from_lhe(status: i32) -> i32 {
    match status {
        -9 => 4,
        -1 => 21,
        other => other,
    }
}
