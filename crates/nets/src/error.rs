//! What can be wrong with a request, with the offending values and what to do about them.

/// Everything this crate can refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A fixed point was not found.
    #[error(
        "no fixed point within {iterations} iterations: the largest relative residual of a sample is {residual:e}, \
         allowed is {tolerance:e}; allow more iterations or a larger tolerance"
    )]
    NotConverged {
        /// Iterations made.
        iterations: usize,
        /// The largest relative residual of a sample.
        residual: f64,
        /// The largest that was allowed.
        tolerance: f64,
    },
    /// A number of classes or samples does not fit.
    #[error("{what} = {value} is not allowed: choose {allowed}")]
    Number {
        /// Which number.
        what: &'static str,
        /// The value given.
        value: usize,
        /// The values that are allowed.
        allowed: String,
    },
}
