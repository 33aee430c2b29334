//! Names that HepMC3 gives to what has a field here, and texts that HepMC2 has columns for.

/// Cross section: value, error, accepted, attempted, and further pairs of value and error.
pub(crate) const CROSS_SECTION: &str = "GenCrossSection";
/// Partons of the beams.
pub(crate) const PDF_INFO: &str = "GenPdfInfo";
/// Heavy-ion information; kept as text, whose version `v0` begins with the 13 numbers of HepMC2's H line.
pub(crate) const HEAVY_ION: &str = "GenHeavyIon";
/// Number of the hard process.
pub(crate) const PROCESS: &str = "signal_process_id";
/// Scale of the hard process in GeV.
pub(crate) const SCALE: &str = "event_scale";
/// Strong coupling.
pub(crate) const ALPHA_QCD: &str = "alphaQCD";
/// Electromagnetic coupling.
pub(crate) const ALPHA_QED: &str = "alphaQED";
/// Vertex of the hard process.
pub(crate) const SIGNAL_VERTEX: &str = "signal_process_vertex";
/// Number of multi-parton interactions.
pub(crate) const MPI: &str = "mpi";
/// States of the random generator.
pub(crate) const RANDOM_STATES: &str = "random_states";
/// Polarisation of a particle.
pub(crate) const THETA: &str = "theta";
/// Polarisation of a particle.
pub(crate) const PHI: &str = "phi";
/// Weights of a vertex.
pub(crate) const VERTEX_WEIGHTS: &str = "weights";
/// Colour lines of a particle: `flow1` and `flow2`.
pub(crate) const FLOW: &str = "flow";
/// The `<init>` block of an LHE file within the run information.
pub(crate) const HEPRUP: &str = "HEPRUP";
/// LHE's lifetime of a particle.
pub(crate) const LIFETIME: &str = "lhe_lifetime";
/// LHE's spin of a particle.
pub(crate) const SPIN: &str = "lhe_spin";
/// What an LHE event says after its particles, other than weights.
pub(crate) const LHE_TEXT: &str = "lhe_text";
/// Attributes of LHE's tag `<event>`.
pub(crate) const LHE_TAG: &str = "lhe_tag";
