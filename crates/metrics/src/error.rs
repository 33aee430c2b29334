//! What can be wrong with a request for a metric.

/// A metric that could not be computed, with the offending values.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The length of the data is not rows x columns.
    #[error("a table of {rows} rows and {cols} columns needs {} numbers, found {len}", rows * cols)]
    Shape {
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        cols: usize,
        /// Numbers given.
        len: usize,
    },
    /// Two samples do not have the same features.
    #[error("the real sample has {real} features but the generated one has {generated}; give both the same columns")]
    Columns {
        /// Columns of the real sample.
        real: usize,
        /// Columns of the generated sample.
        generated: usize,
    },
    /// A value is NaN or infinite.
    #[error("row {row}, column {col} is not finite; remove such rows (and count them) before measuring")]
    NotFinite {
        /// Row of the first such value.
        row: usize,
        /// Column of the first such value.
        col: usize,
    },
    /// A sample is too small for the metric.
    #[error("{what}: found {found}, needed at least {needed}")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A setting is outside its range.
    #[error("{name} is {value}, but must be {must}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// Value given.
        value: f64,
        /// Its allowed range.
        must: &'static str,
    },
    /// A weight (energy, transverse momentum) is negative or not finite.
    #[error("weight {value} at position {index} must be finite and not negative; clip such particles first")]
    Weight {
        /// Position in its list.
        index: usize,
        /// The weight.
        value: f64,
    },
    /// The transport problem did not finish.
    #[error("optimal transport did not finish after {pivots} pivots; the costs span too many orders of magnitude")]
    Unconverged {
        /// Pivots made.
        pivots: usize,
    },
}

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Fails with [`Error::TooFew`] unless `found >= needed`.
pub(crate) fn at_least(what: &'static str, found: usize, needed: usize) -> Result<()> {
    if found < needed {
        return Err(Error::TooFew { what, found, needed });
    }
    Ok(())
}

/// Fails with [`Error::Setting`] unless `ok`.
pub(crate) fn setting(name: &'static str, value: f64, ok: bool, must: &'static str) -> Result<()> {
    if !ok {
        return Err(Error::Setting { name, value, must });
    }
    Ok(())
}
