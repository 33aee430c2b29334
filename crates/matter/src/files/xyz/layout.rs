//! `Properties`: which columns the lines of atoms have.

use super::CHARGES;
use crate::Element;
use crate::files::error::quote;
use crate::files::{AtomColumn, AtomValues};

/// What a property is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Species,
    Position,
    Charge,
    /// One of the further columns, by its place among them.
    Other(usize),
}

/// The columns of the lines of atoms.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Role and width of each property.
    properties: Vec<(Role, usize)>,
    /// Further properties, without values.
    others: Vec<AtomColumn>,
    /// Whether words may follow.
    open: bool,
}

/// One line of an atom.
pub(super) struct Atom {
    pub(super) element: Element,
    pub(super) position: [f64; 3],
    pub(super) charge: Option<i8>,
}

impl Default for Layout {
    /// Symbol and position, and whatever follows.
    fn default() -> Layout {
        Layout { properties: vec![(Role::Species, 1), (Role::Position, 3)], others: Vec::new(), open: true }
    }
}

impl Layout {
    /// Reads `species:S:1:pos:R:3`.
    pub(super) fn parse(text: &str) -> Result<Layout, String> {
        let words: Vec<&str> = text.split(':').collect();
        let mut layout = Layout { properties: Vec::new(), others: Vec::new(), open: false };
        for triple in words.chunks(3) {
            let [name, kind, width] = triple else {
                return Err(format!("expected Properties of name:type:number, found {}", quote(text)));
            };
            let width = width.parse::<usize>().ok().filter(|n| (1..=4096).contains(n));
            let width = width.ok_or_else(|| {
                format!("expected Properties with a number of columns behind {name}:{kind}, found {}", quote(text))
            })?;
            let role = match (*name, *kind, width) {
                ("species", "S", 1) | ("Z" | "numbers", "I", 1) if !layout.has(Role::Species) => Role::Species,
                ("pos", "R", 3) => Role::Position,
                ("species" | "pos", ..) => {
                    return Err(format!("expected species:S:1 and pos:R:3, found {name}:{kind}:{width}"));
                }
                (CHARGES, "I", 1) => Role::Charge,
                _ => {
                    let values = match *kind {
                        "R" => AtomValues::Real(Vec::new()),
                        "I" => AtomValues::Integer(Vec::new()),
                        "L" => AtomValues::Logical(Vec::new()),
                        "S" => AtomValues::Text(Vec::new()),
                        _ => return Err(format!("expected the type S, R, I or L of {name}, found {}", quote(kind))),
                    };
                    layout.others.push(AtomColumn { name: name.to_string(), width, values });
                    Role::Other(layout.others.len() - 1)
                }
            };
            if layout.has(role) {
                return Err(format!("expected Properties of different names, found {name} twice"));
            }
            layout.properties.push((role, width));
        }
        match [Role::Species, Role::Position].iter().all(|role| layout.has(*role)) {
            true => Ok(layout),
            false => Err(format!("expected species and pos among Properties, found {}", quote(text))),
        }
    }

    fn has(&self, role: Role) -> bool {
        self.properties.iter().any(|p| p.0 == role)
    }

    /// The further columns, to be filled.
    pub(super) fn columns(&self) -> Vec<AtomColumn> {
        self.others.clone()
    }

    /// Reads the line of an atom; what is in further columns is appended to `columns`.
    pub(super) fn atom(&self, line: &str, columns: &mut [AtomColumn]) -> Result<Atom, String> {
        let mut words = line.split_ascii_whitespace();
        let mut atom = Atom { element: Element::H, position: [0.0; 3], charge: None };
        for &(role, width) in &self.properties {
            match role {
                Role::Species => atom.element = element(words.next().unwrap_or_default())?,
                Role::Position => {
                    for x in &mut atom.position {
                        *x = real(words.next().unwrap_or_default(), "a coordinate")?;
                    }
                }
                Role::Charge => {
                    let word = words.next().unwrap_or_default();
                    atom.charge = Some(word.parse().map_err(|_| expected("a formal charge", word))?);
                }
                Role::Other(place) => {
                    let column = &mut columns[place];
                    for _ in 0..width {
                        let word = words.next().unwrap_or_default();
                        push(&mut column.values, word, &column.name)?;
                    }
                }
            }
        }
        match words.next() {
            Some(word) if !self.open => Err(expected("the end of the line", word)),
            _ => Ok(atom),
        }
    }
}

fn expected(what: &str, found: &str) -> String {
    format!("expected {what}, found {}", quote(found))
}

/// Reads a symbol, in any case, or an atomic number; D and T are hydrogen.
pub(in crate::files) fn element(word: &str) -> Result<Element, String> {
    let cased = || {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        Element::from_symbol(&first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>())
    };
    let isotope = || matches!(word, "D" | "T").then_some(Element::H);
    let number = || word.parse().ok().and_then(Element::from_number);
    let found = Element::from_symbol(word).or_else(isotope).or_else(number).or_else(cased);
    found.ok_or_else(|| expected("the symbol or number of an element", word))
}

/// Reads a finite number.
pub(in crate::files) fn real(word: &str, what: &str) -> Result<f64, String> {
    let number = word.parse::<f64>().ok().filter(|x| x.is_finite());
    number.ok_or_else(|| expected(&format!("{what}, a finite number"), word))
}

fn push(values: &mut AtomValues, word: &str, name: &str) -> Result<(), String> {
    match values {
        // What a simulation did not know may well be NaN.
        AtomValues::Real(v) => v.push(word.parse().map_err(|_| expected(&format!("a number of {name}"), word))?),
        AtomValues::Integer(v) => {
            v.push(word.parse().map_err(|_| expected(&format!("a whole number of {name}"), word))?)
        }
        AtomValues::Logical(v) => v.push(match word {
            "T" | "True" | "true" | "TRUE" => true,
            "F" | "False" | "false" | "FALSE" => false,
            _ => return Err(expected(&format!("T or F of {name}"), word)),
        }),
        AtomValues::Text(_) if word.is_empty() => return Err(expected(&format!("a word of {name}"), word)),
        AtomValues::Text(v) => v.push(word.to_string()),
    }
    Ok(())
}
