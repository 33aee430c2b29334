//! What holds for all events of a file: names of weights, tools, beams, processes, and text that came along.
//!
//! Beams, processes and weighting are LHE's `<init>` block (hep-ph/0109068, hep-ph/0609017); weight names, tools and
//! attributes are HepMC3's run information (arXiv:1912.08005).

/// Information about the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunInfo {
    /// Names of the event weights, in their order. LHE's weight XWGTUP, which has no name there, is called
    /// [`RunInfo::NOMINAL`]; the others have their ids.
    pub weight_names: Vec<String>,
    /// Programs that made the events.
    pub tools: Vec<Tool>,
    /// The two beams, if known.
    pub beams: Option<[Beam; 2]>,
    /// LHE's IDWTUP: what the event weights mean (3: all 1; -4: weights in pb whose mean is the cross section; ...).
    pub weighting: Option<i32>,
    /// The hard processes with their cross sections.
    pub processes: Vec<Process>,
    /// Text within LHE's `<header>`, as it is; empty for none.
    pub header: String,
    /// Text within LHE's `<init>` after the numbers, as it is, such as `<generator>`; empty for none.
    pub init_text: String,
    /// Further (name, value) pairs.
    pub attributes: Vec<(String, String)>,
}

impl RunInfo {
    /// Name given to LHE's nominal weight; Rivet knows it as such.
    pub const NOMINAL: &'static str = "Default";
}

/// A program that took part in making the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it did.
    pub description: String,
}

/// A beam of LHE's `<init>` block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beam {
    /// PDG id of the beam particle.
    pub pdg: i32,
    /// Energy in GeV.
    pub energy: f64,
    /// Author group of the parton densities (PDFGUP); 0 with LHAPDF numbers, -1 if unknown.
    pub pdf_group: i32,
    /// Set of parton densities (PDFSUP); -1 if unknown.
    pub pdf_set: i32,
}

/// A hard process of LHE's `<init>` block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Number by which events name it (LPRUP).
    pub id: i32,
    /// Cross section in pb (XSECUP).
    pub cross_section: f64,
    /// Its statistical error in pb (XERRUP).
    pub error: f64,
    /// Largest event weight (XMAXUP).
    pub max_weight: f64,
}
