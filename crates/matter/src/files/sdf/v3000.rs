//! The table of V3000: lines `M  V30 ...` of free format, which a hyphen at the end continues.

use std::collections::HashMap;
use std::fmt::Write;

use super::read::inside;
use super::{bond, element, kind};
use crate::Molecule;
use crate::files::error::{Fault, quote};
use crate::files::lines::Lines;
use crate::files::xyz::real;

const START: &str = "M  V30 ";
/// Characters of a line, without its end, of which the format allows 79.
const WIDTH: usize = 79;

/// Reads the table behind its counts line.
pub(super) fn read(lines: &mut Lines, molecule: &mut Molecule) -> Result<(), Fault> {
    let mut places = HashMap::new();
    let mut bonds = Vec::new();
    let mut counts = None;
    // Blocks that were begun, the innermost last.
    let mut blocks: Vec<String> = Vec::new();
    while let Some(content) = statement(lines)? {
        let words: Vec<&str> = content.split_ascii_whitespace().collect();
        let result = match (words.as_slice(), blocks.last().map(String::as_str)) {
            (["BEGIN", block, ..], _) => {
                blocks.push(block.to_string());
                Ok(())
            }
            (["END", block, ..], Some(open)) if open == *block => {
                blocks.pop();
                Ok(())
            }
            (["END", ..], _) => Err("expected the end of the block that was begun".to_string()),
            (["COUNTS", numbers @ ..], Some("CTAB")) => counted(numbers).map(|found| counts = Some(found)),
            (words, Some("ATOM")) => atom(words, molecule, &mut places),
            (words, Some("BOND")) => parse_bond(words, molecule, &places).map(|bond| bonds.push(bond)),
            _ => Ok(()),
        };
        result.map_err(|problem| lines.fault(format!("{problem} in {}", quote(&content))))?;
    }
    match counts {
        None => return Err(lines.fault("expected a line M  V30 COUNTS in the table, found none")),
        Some([atoms, joined]) if [atoms, joined] != [molecule.len(), bonds.len()] => {
            let found = format!("{} and {}", molecule.len(), bonds.len());
            return Err(
                lines.fault(format!("expected {atoms} atoms and {joined} bonds, as COUNTS says, found {found}"))
            );
        }
        Some(_) => {}
    }
    molecule.bonds = Some(bonds);
    Ok(())
}

/// A line with its continuations, none at `M  END`.
fn statement(lines: &mut Lines) -> Result<Option<String>, Fault> {
    let mut content = String::new();
    loop {
        let line = inside(lines, "M  END")?;
        if line.starts_with("M  END") && content.is_empty() {
            return Ok(None);
        }
        let Some(rest) = line.strip_prefix(START) else {
            // Other lines of the version before are harmless.
            if line.starts_with("M  ") && !line.starts_with("M  END") && content.is_empty() {
                continue;
            }
            return Err(lines.expected("M  V30 or M  END"));
        };
        match rest.trim_end().strip_suffix('-') {
            Some(begun) => content.push_str(begun),
            None => {
                content.push_str(rest);
                return Ok(Some(content));
            }
        }
    }
}

fn counted(numbers: &[&str]) -> Result<[usize; 2], String> {
    match numbers {
        [atoms, bonds, ..] => match (atoms.parse(), bonds.parse()) {
            (Ok(atoms), Ok(bonds)) => Ok([atoms, bonds]),
            _ => Err("expected numbers of atoms and bonds".to_string()),
        },
        _ => Err("expected numbers of atoms and bonds".to_string()),
    }
}

/// `index type x y z map KEY=value ...`
fn atom(words: &[&str], molecule: &mut Molecule, places: &mut HashMap<u64, usize>) -> Result<(), String> {
    let [index, symbol, x, y, z, rest @ ..] = words else {
        return Err("expected an index, an element and x, y, z".to_string());
    };
    let index = index.parse().map_err(|_| "expected the index of an atom".to_string())?;
    if places.insert(index, molecule.len()).is_some() {
        return Err(format!("expected atoms of different indices, found {index} twice"));
    }
    molecule.elements.push(element(symbol)?);
    let mut position = [0.0; 3];
    for (coordinate, word) in position.iter_mut().zip([x, y, z]) {
        *coordinate = real(word, "a coordinate")?;
    }
    molecule.positions.push(position);
    let charge = match rest.iter().find_map(|word| word.strip_prefix("CHG=")) {
        Some(charge) => charge.parse().map_err(|_| format!("expected a charge, found {}", quote(charge)))?,
        None => 0,
    };
    molecule.charges.push(charge);
    Ok(())
}

/// `index type atom atom KEY=value ...`
fn parse_bond(words: &[&str], molecule: &Molecule, places: &HashMap<u64, usize>) -> Result<crate::Bond, String> {
    let [_, kind, a, b, ..] = words else { return Err("expected an index, a type and two atoms".to_string()) };
    let place = |word: &str| {
        let place = word.parse().ok().and_then(|index: u64| places.get(&index).copied());
        place.ok_or_else(|| format!("expected the index of an atom, found {}", quote(word)))
    };
    bond(molecule, [place(a)?, place(b)?], kind)
}

/// Appends the table, from the counts line to `M  END`.
pub(super) fn write(text: &mut String, molecule: &Molecule) {
    let bonds = molecule.bonds.as_deref().unwrap_or_default();
    text.push_str("  0  0  0     0  0            999 V3000\n");
    push(text, "BEGIN CTAB");
    push(text, &format!("COUNTS {} {} 0 0 0", molecule.len(), bonds.len()));
    push(text, "BEGIN ATOM");
    let mut line = String::new();
    for (i, (element, [x, y, z])) in molecule.elements.iter().zip(&molecule.positions).enumerate() {
        line.clear();
        // Writing to a string cannot fail.
        let _ = write!(line, "{} {element} {x} {y} {z} 0", i + 1);
        if let Some(charge) = molecule.charges.get(i).filter(|&&c| c != 0) {
            let _ = write!(line, " CHG={charge}");
        }
        push(text, &line);
    }
    push(text, "END ATOM");
    push(text, "BEGIN BOND");
    for (k, bond) in bonds.iter().enumerate() {
        push(text, &format!("{} {} {} {}", k + 1, kind(bond.order), bond.atoms[0] + 1, bond.atoms[1] + 1));
    }
    push(text, "END BOND");
    push(text, "END CTAB");
    text.push_str("M  END\n");
}

/// Appends a statement, of which what is too long continues on further lines.
fn push(text: &mut String, mut content: &str) {
    let room = WIDTH - START.len();
    while content.len() > room {
        // The content is ASCII, and any place will do.
        let (begun, rest) = content.split_at(room - 1);
        let _ = writeln!(text, "{START}{begun}-");
        content = rest;
    }
    let _ = writeln!(text, "{START}{content}");
}
