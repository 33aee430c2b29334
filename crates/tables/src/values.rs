//! Numbers of one type.

use std::fmt::Write;
use std::ops::Range;

use crate::Element;

/// Numbers of one of the types of [`Element`].
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// [`Element::F32`].
    F32(Vec<f32>),
    /// [`Element::F64`].
    F64(Vec<f64>),
    /// [`Element::I8`].
    I8(Vec<i8>),
    /// [`Element::I16`].
    I16(Vec<i16>),
    /// [`Element::I32`].
    I32(Vec<i32>),
    /// [`Element::I64`].
    I64(Vec<i64>),
    /// [`Element::U8`].
    U8(Vec<u8>),
    /// [`Element::U16`].
    U16(Vec<u16>),
    /// [`Element::U32`].
    U32(Vec<u32>),
    /// [`Element::U64`].
    U64(Vec<u64>),
    /// [`Element::Bool`].
    Bool(Vec<bool>),
}

/// A type that [`Values`] can hold.
pub trait Number: Copy + PartialEq + Send + Sync + 'static {
    /// Its name among the elements.
    const ELEMENT: Element;

    /// The numbers as values.
    fn wrap(numbers: Vec<Self>) -> Values;

    /// The numbers, if the values are of this type.
    fn slice(values: &Values) -> Option<&[Self]>;
}

/// Runs an expression with the vector inside, whatever its type.
macro_rules! each {
    ($values:expr, $v:ident => $body:expr) => {
        match $values {
            $crate::Values::F32($v) => $body,
            $crate::Values::F64($v) => $body,
            $crate::Values::I8($v) => $body,
            $crate::Values::I16($v) => $body,
            $crate::Values::I32($v) => $body,
            $crate::Values::I64($v) => $body,
            $crate::Values::U8($v) => $body,
            $crate::Values::U16($v) => $body,
            $crate::Values::U32($v) => $body,
            $crate::Values::U64($v) => $body,
            $crate::Values::Bool($v) => $body,
        }
    };
}

macro_rules! numbers {
    ($($variant:ident $type:ty),*) => {
        $(impl Number for $type {
            const ELEMENT: Element = Element::$variant;

            fn wrap(numbers: Vec<$type>) -> Values {
                Values::$variant(numbers)
            }

            fn slice(values: &Values) -> Option<&[$type]> {
                if let Values::$variant(numbers) = values { Some(numbers) } else { None }
            }
        })*

        impl Values {
            /// No numbers of a type.
            pub fn empty(element: Element) -> Values {
                match element {
                    $(Element::$variant => Values::$variant(Vec::new()),)*
                }
            }

            /// The type.
            pub fn element(&self) -> Element {
                match self {
                    $(Values::$variant(_) => Element::$variant,)*
                }
            }

            /// Appends a part of other values of the same type; of another type or beyond the end, nothing.
            pub(crate) fn extend(&mut self, other: &Values, range: Range<usize>) {
                match (self, other) {
                    $((Values::$variant(a), Values::$variant(b)) => {
                        a.extend_from_slice(b.get(range).unwrap_or_default());
                    })*
                    _ => debug_assert!(false, "values of another type"),
                }
            }

            /// Every `step`-th number from the one at `first` on.
            pub(crate) fn strided(&self, first: usize, step: usize) -> Values {
                match self {
                    $(Values::$variant(v) => Values::$variant(v.iter().skip(first).step_by(step).copied().collect()),)*
                }
            }

            /// Keeps nothing, for the next use.
            pub(crate) fn clear(&mut self) {
                each!(self, v => v.clear())
            }
        }
    };
}

numbers!(F32 f32, F64 f64, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, Bool bool);

macro_rules! bytes {
    ($($variant:ident $type:ty),*) => {
        impl Values {
            /// Appends numbers from their bytes, most significant byte first; a rest shorter than a number is left out.
            pub(crate) fn push_be(&mut self, bytes: &[u8]) {
                match self {
                    $(Values::$variant(v) => v.extend(bytes.as_chunks().0.iter().map(|b| <$type>::from_be_bytes(*b))),)*
                    Values::Bool(v) => v.extend(bytes.iter().map(|&b| b != 0)),
                }
            }

            /// Appends numbers from their bytes, least significant byte first; a rest shorter than a number is left out.
            pub(crate) fn push_le(&mut self, bytes: &[u8]) {
                match self {
                    $(Values::$variant(v) => v.extend(bytes.as_chunks().0.iter().map(|b| <$type>::from_le_bytes(*b))),)*
                    Values::Bool(v) => v.extend(bytes.iter().map(|&b| b != 0)),
                }
            }

            /// Bytes of the numbers, most significant first.
            pub(crate) fn to_be(&self) -> Vec<u8> {
                match self {
                    $(Values::$variant(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),)*
                    Values::Bool(v) => v.iter().map(|&b| u8::from(b)).collect(),
                }
            }

            /// Bytes of the numbers, least significant first.
            pub(crate) fn to_le(&self) -> Vec<u8> {
                match self {
                    $(Values::$variant(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),)*
                    Values::Bool(v) => v.iter().map(|&b| u8::from(b)).collect(),
                }
            }
        }
    };
}

bytes!(F32 f32, F64 f64, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64);

impl Values {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        each!(self, v => v.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, if they are of this type.
    pub fn as_slice<T: Number>(&self) -> Option<&[T]> {
        T::slice(self)
    }

    /// A part of the numbers; what lies beyond the end is left out.
    pub(crate) fn part(&self, range: Range<usize>) -> Values {
        let mut part = Values::empty(self.element());
        let end = range.end.min(self.len());
        part.extend(self, range.start.min(end)..end);
        part
    }

    /// A number as text that reads back to the same number.
    pub fn text(&self, index: usize) -> String {
        let mut text = String::new();
        self.push_text(index, &mut text);
        text
    }

    /// Appends a number as text; beyond the end, nothing.
    pub(crate) fn push_text(&self, index: usize, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Values::F32(v) => v.get(index).map(|x| write!(text, "{x:?}")),
            Values::F64(v) => v.get(index).map(|x| write!(text, "{x:?}")),
            _ => each!(self, v => v.get(index).map(|x| write!(text, "{x}"))),
        };
    }
}
