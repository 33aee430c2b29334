//! Types of the fields of a CSV file, from what all its rows hold.

use crate::{Column, Element};

/// What the fields of one position have been so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kind {
    /// Types that hold all fields.
    bool: bool,
    i64: bool,
    u64: bool,
    f64: bool,
    seen: bool,
}

impl Kind {
    pub(super) const ANY: Kind = Kind { bool: true, i64: true, u64: true, f64: true, seen: false };

    /// Takes one more field into account.
    pub(super) fn see(&mut self, field: &str) {
        self.seen = true;
        self.bool = self.bool && boolean(field).is_some();
        self.i64 = self.i64 && field.parse::<i64>().is_ok();
        self.u64 = self.u64 && field.parse::<u64>().is_ok();
        self.f64 = self.f64 && (self.i64 || self.u64 || number(field).is_some());
    }

    /// The narrowest type, or nothing for text. Without rows it is f64.
    pub(super) fn element(self) -> Option<Element> {
        match self {
            Kind { seen: false, .. } => Some(Element::F64),
            Kind { bool: true, .. } => Some(Element::Bool),
            Kind { i64: true, .. } => Some(Element::I64),
            Kind { u64: true, .. } => Some(Element::U64),
            Kind { f64: true, .. } => Some(Element::F64),
            _ => None,
        }
    }
}

pub(super) fn boolean(field: &str) -> Option<bool> {
    match field {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A number; an empty field is NaN, as data frames write it.
pub(super) fn number(field: &str) -> Option<f64> {
    if field.is_empty() { Some(f64::NAN) } else { field.parse().ok() }
}

/// A column and the first of its fields.
pub(super) struct Place {
    pub(super) column: Column,
    pub(super) first: usize,
}

/// Columns from the names and types of the fields: `x[0]`, `x[1]`, ... side by side are one.
pub(super) fn columns(fields: &[(String, Option<Element>)]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut first = 0;
    while let Some((name, element)) = fields.get(first) {
        let mut width = 0;
        if let Some(stem) = name.strip_suffix("[0]").filter(|stem| !stem.is_empty()) {
            let belongs = |k: usize| {
                let (other, kind) = fields.get(first + k)?;
                (*other == format!("{stem}[{k}]") && kind == element).then_some(())
            };
            while belongs(width).is_some() {
                width += 1;
            }
            if let Some(element) = element {
                places.push(Place { column: Column::fixed(stem, *element, width), first });
            }
        } else if let Some(element) = element {
            places.push(Place { column: Column::scalar(name, *element), first });
        }
        first += width.max(1);
    }
    places
}
