//! What can be wrong with a request, with the offending values and what to do about them.

/// Everything this crate can refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A number lies outside its domain.
    #[error("{what} = {value} is not allowed: choose {allowed}")]
    Parameter {
        /// Which number.
        what: &'static str,
        /// The value given.
        value: f64,
        /// The values that are allowed, in words.
        allowed: &'static str,
    },
    /// A time grid is not strictly decreasing.
    #[error(
        "time {index} of the grid is {after} after {before}: times must be finite and strictly decreasing; \
         use fewer steps or a range inside the path's"
    )]
    Grid {
        /// Index of the offending time.
        index: usize,
        /// The time before it (the same time if there is none).
        before: f64,
        /// The offending time.
        after: f64,
    },
    /// A name is not in the catalogue.
    #[error("there is no {kind} called \"{name}\": choose one of {known}")]
    Name {
        /// Kind of thing looked for.
        kind: &'static str,
        /// The name given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// Two lengths that must agree do not.
    #[error("{what}: expected length {expected}, got {got}")]
    Length {
        /// What has the wrong length.
        what: &'static str,
        /// The length needed.
        expected: usize,
        /// The length given.
        got: usize,
    },
    /// A token's number is not that of a class.
    #[error(
        "token {place} is number {token} of {states}: numbers run from 0 to one below that; renumber the tokens or make \
         the process with more classes"
    )]
    Token {
        /// Place of the token in the row-major list.
        place: usize,
        /// Its number.
        token: u32,
        /// How many numbers there are.
        states: usize,
    },
    /// An adaptive solver cannot meet its tolerance.
    #[error(
        "sample {row} has reached t = {t} with a step of {step} after {evaluations} evaluations and cannot meet the \
         tolerance (rtol = {rtol}, atol = {atol}): loosen it, allow more evaluations or stay further from sigma = 0"
    )]
    Tolerance {
        /// Which sample of the batch.
        row: usize,
        /// Time reached.
        t: f64,
        /// The step that was about to be tried.
        step: f64,
        /// Model evaluations of this sample so far.
        evaluations: usize,
        /// Relative tolerance.
        rtol: f64,
        /// Absolute tolerance.
        atol: f64,
    },
    /// A training coefficient overflows single precision.
    #[error(
        "{what} is {value} at t = {t}: this target and weight are not finite there; \
         choose another target (v, velocity, edm) or times away from the end of the path"
    )]
    NotFinite {
        /// Which coefficient.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The time of the draw.
        t: f64,
    },
}

/// Accepts finite numbers above zero.
pub(crate) fn positive(what: &'static str, value: f64) -> Result<f64, Error> {
    let allowed = "a finite number > 0";
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(Error::Parameter { what, value, allowed }) }
}

/// Accepts any finite number.
pub(crate) fn finite(what: &'static str, value: f64) -> Result<f64, Error> {
    let allowed = "a finite number";
    if value.is_finite() { Ok(value) } else { Err(Error::Parameter { what, value, allowed }) }
}

pub(crate) fn unknown(kind: &'static str, name: &str, known: &[&str]) -> Error {
    Error::Name { kind, name: name.to_owned(), known: known.join(", ") }
}
