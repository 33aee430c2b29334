//! What the columns of a table are called and hold.

use std::collections::HashSet;
use std::fmt;

use crate::{Error, Result};

/// Type of the numbers of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Signed, 32 bits.
    I32,
    /// Signed, 64 bits.
    I64,
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Unsigned, 32 bits.
    U32,
    /// Unsigned, 64 bits.
    U64,
    /// True or false, one byte in most files.
    Bool,
}

impl Element {
    /// All types.
    pub const ALL: [Element; 11] = [
        Element::F32,
        Element::F64,
        Element::I8,
        Element::I16,
        Element::I32,
        Element::I64,
        Element::U8,
        Element::U16,
        Element::U32,
        Element::U64,
        Element::Bool,
    ];

    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Element::I8 | Element::U8 | Element::Bool => 1,
            Element::I16 | Element::U16 => 2,
            Element::F32 | Element::I32 | Element::U32 => 4,
            Element::F64 | Element::I64 | Element::U64 => 8,
        }
    }

    /// Whether it is an integer, of either sign.
    pub fn is_integer(self) -> bool {
        !matches!(self, Element::F32 | Element::F64 | Element::Bool)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Element::F32 => "f32",
            Element::F64 => "f64",
            Element::I8 => "i8",
            Element::I16 => "i16",
            Element::I32 => "i32",
            Element::I64 => "i64",
            Element::U8 => "u8",
            Element::U16 => "u16",
            Element::U32 => "u32",
            Element::U64 => "u64",
            Element::Bool => "bool",
        })
    }
}

/// How many numbers a row has in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One.
    Scalar,
    /// The same number in every row, at least one.
    Fixed(usize),
    /// Any number, from none; another in every row.
    Jagged,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Scalar => Ok(()),
            Shape::Fixed(n) => write!(f, "[{n}]"),
            Shape::Jagged => f.write_str("[]"),
        }
    }
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name, unique in its table.
    pub name: String,
    /// Type of its numbers.
    pub element: Element,
    /// How many numbers a row has.
    pub shape: Shape,
    /// For jagged columns: the integer column that holds the lengths of the rows, as `nJet` does for `Jet_pt`.
    ///
    /// ROOT files state it, other formats do not; [`TableWriter`](crate::TableWriter) needs none.
    pub counter: Option<String>,
}

impl Column {
    /// A column with one number per row.
    pub fn scalar(name: impl Into<String>, element: Element) -> Column {
        Column { name: name.into(), element, shape: Shape::Scalar, counter: None }
    }

    /// A column with `n` numbers per row.
    pub fn fixed(name: impl Into<String>, element: Element, n: usize) -> Column {
        Column { shape: Shape::Fixed(n), ..Column::scalar(name, element) }
    }

    /// A column with any number of numbers per row.
    pub fn jagged(name: impl Into<String>, element: Element) -> Column {
        Column { shape: Shape::Jagged, ..Column::scalar(name, element) }
    }

    /// Numbers per row: 1, n, or none where every row has its own.
    pub fn width(&self) -> Option<usize> {
        match self.shape {
            Shape::Scalar => Some(1),
            Shape::Fixed(n) => Some(n),
            Shape::Jagged => None,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.name, self.element, self.shape)
    }
}

/// The columns of a table, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// A schema of these columns; [`Error::Schema`] if two have one name, a name is empty or an array has no elements.
    pub fn new(columns: Vec<Column>) -> Result<Schema> {
        let mut names = HashSet::new();
        for column in &columns {
            let problem = if column.name.is_empty() {
                "has no name"
            } else if column.shape == Shape::Fixed(0) {
                "is an array of no elements; leave it out"
            } else if !names.insert(column.name.as_str()) {
                "is there twice; names must differ"
            } else {
                continue;
            };
            return Err(Error::Schema { column: column.name.clone(), problem: problem.to_string() });
        }
        Ok(Schema { columns })
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Place of the column of this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// Names of all columns.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|c| c.name.as_str()).collect()
    }
}
