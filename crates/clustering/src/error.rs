//! What can be wrong with particles, definitions and questions to a clustering.

/// The error of this crate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A component of a particle's momentum is NaN, infinite, or so large that its square overflows.
    #[error("particle {particle}: {component} is {value}; components must be finite and at most 1e150 in size")]
    Momentum {
        /// Index of the particle, from 0.
        particle: usize,
        /// "E", "px", "py" or "pz".
        component: &'static str,
        /// The value.
        value: f64,
    },
    /// A particle with a momentum has no positive energy, so that no rapidity can be given to it.
    #[error("particle {particle}: E is {energy}, but a particle with |p| = {p} needs a positive energy")]
    Energy {
        /// Index of the particle, from 0.
        particle: usize,
        /// Its energy.
        energy: f64,
        /// The size of its three-momentum.
        p: f64,
    },
    /// More particles than can be numbered.
    #[error("{particles} particles; at most {limit} can be clustered together")]
    TooMany {
        /// The number given.
        particles: usize,
        /// The largest number.
        limit: usize,
    },
    /// A parameter outside its range.
    #[error("{name} is {value}; it must be {expected}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// The value.
        value: f64,
        /// The range.
        expected: &'static str,
    },
    /// More exclusive jets asked for than there are particles.
    #[error("{wanted} exclusive jets wanted of {particles} particles; ask for at most as many as there are particles")]
    Count {
        /// The number asked for.
        wanted: usize,
        /// The number of particles.
        particles: usize,
    },
    /// One event of many could not be clustered.
    #[error("event {event}: {source}")]
    Event {
        /// Number of the event, from 0.
        event: usize,
        /// What is wrong with it.
        source: Box<Error>,
    },
}
