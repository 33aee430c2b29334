//! What a file says of one molecule.

use crate::Molecule;

/// A molecule and what its file says besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The molecule.
    pub molecule: Molecule,
    /// Names and texts in the order of the file: `key=value` of extended XYZ (`Lattice` and `pbc` too), data of SDF, columns of Parquet.
    pub fields: Vec<(String, String)>,
    /// Further numbers of every atom, such as forces. Only extended XYZ has them.
    pub columns: Vec<AtomColumn>,
}

/// Something that every atom of a molecule has.
#[derive(Clone, Debug, PartialEq)]
pub struct AtomColumn {
    /// Its name.
    pub name: String,
    /// Values per atom.
    pub width: usize,
    /// The values, atom after atom.
    pub values: AtomValues,
}

/// Values of a type that extended XYZ knows.
#[derive(Clone, Debug, PartialEq)]
pub enum AtomValues {
    /// `R`.
    Real(Vec<f64>),
    /// `I`.
    Integer(Vec<i64>),
    /// `L`.
    Logical(Vec<bool>),
    /// `S`.
    Text(Vec<String>),
}

impl AtomValues {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            AtomValues::Real(v) => v.len(),
            AtomValues::Integer(v) => v.len(),
            AtomValues::Logical(v) => v.len(),
            AtomValues::Text(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Molecule> for Record {
    fn from(molecule: Molecule) -> Record {
        Record { molecule, ..Record::default() }
    }
}

impl Record {
    /// Text of the field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    /// Adds a field, or replaces the one of this name.
    pub fn set_field(&mut self, name: &str, text: impl Into<String>) {
        match self.fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = text.into(),
            None => self.fields.push((name.to_string(), text.into())),
        }
    }
}
