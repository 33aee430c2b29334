//! Levels of the Dremel encoding (Melnik et al., Proc. VLDB 3 (2010) 330): how a column of lists is stored as one sequence of numbers.
//!
//! The repetition level of a number is 0 at the beginning of a row and 1 within its list; the definition level says how far
//! the path to it exists: all of it, or only up to a list without numbers, or to a null.

/// What the definition levels of a column mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    /// Level of a number.
    pub(super) number: i16,
    /// Level of a list without numbers, for lists; below it the list itself is null.
    pub(super) empty: Option<i16>,
}

/// What a sequence of levels says about one row after the other.
pub(super) enum Step {
    /// A number follows in the values.
    Number,
    /// A null among the numbers.
    Null,
    /// A list without numbers.
    Empty,
    /// No list at all.
    NoList,
}

impl Meaning {
    pub(super) fn step(self, definition: i16) -> Step {
        match self.empty {
            _ if definition >= self.number => Step::Number,
            None => Step::Null,
            Some(empty) if definition > empty => Step::Null,
            Some(empty) if definition == empty => Step::Empty,
            Some(_) => Step::NoList,
        }
    }
}
