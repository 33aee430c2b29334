//! The table of V2000: columns of fixed width; files that do not keep them are read by their blanks.

use std::fmt::Write;
use std::ops::Range;

use super::read::inside;
use super::{bond, element, kind};
use crate::Molecule;
use crate::files::error::{Fault, quote};
use crate::files::lines::Lines;
use crate::files::xyz::real;

/// Reads the table behind its counts line.
pub(super) fn read(lines: &mut Lines, counts: &str, molecule: &mut Molecule) -> Result<(), Fault> {
    let [atoms, bonds] = numbers(counts, [0..3, 3..6]).ok_or_else(|| lines.expected("numbers of atoms and bonds"))?;
    if atoms == 0 {
        return Err(lines.fault("expected at least one atom, found none"));
    }
    for k in 1..=atoms {
        let line = inside(lines, "an atom")?;
        if let Err(problem) = atom(line, molecule) {
            return Err(lines.fault(format!("atom {k} of {atoms}: {problem}")));
        }
    }
    let mut found = Vec::new();
    for k in 1..=bonds {
        let line = inside(lines, "a bond")?;
        let parsed = numbers(line, [0..3, 3..6, 6..9]).ok_or("expected two atoms and a type".to_string());
        let parsed = parsed.and_then(|[a, b, kind]| {
            // Number 0 is no atom, and neither is one before it.
            bond(molecule, [a.wrapping_sub(1), b.wrapping_sub(1)], &kind.to_string())
        });
        match parsed {
            Ok(bond) => found.push(bond),
            Err(problem) => {
                return Err(lines.fault(format!("bond {k} of {bonds}: {problem} in {}", quote(lines.line()))));
            }
        }
    }
    molecule.bonds = Some(found);
    properties(lines, molecule)
}

/// The piece of a line in these columns, without blanks.
fn piece(line: &str, columns: Range<usize>) -> &str {
    line.get(columns.start.min(line.len())..columns.end.min(line.len())).unwrap_or_default().trim()
}

/// Whole numbers in these columns, or the first words of the line.
fn numbers<const N: usize>(line: &str, columns: [Range<usize>; N]) -> Option<[usize; N]> {
    let fixed = columns.map(|c| piece(line, c).parse().ok());
    if fixed.iter().all(Option::is_some) {
        return Some(fixed.map(Option::unwrap_or_default));
    }
    let mut words = line.split_ascii_whitespace();
    let loose = [(); N].map(|()| words.next().and_then(|w| w.parse().ok()));
    loose.iter().all(Option::is_some).then(|| loose.map(Option::unwrap_or_default))
}

fn atom(line: &str, molecule: &mut Molecule) -> Result<(), String> {
    let fixed = [0..10, 10..20, 20..30].map(|c| real(piece(line, c), ""));
    let ([x, y, z], symbol, charge) = match fixed {
        [Ok(x), Ok(y), Ok(z)] => ([x, y, z], piece(line, 31..34), piece(line, 36..39)),
        _ => {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let word = |k: usize| words.get(k).copied().unwrap_or_default();
            let mut position = [0.0; 3];
            for (k, x) in position.iter_mut().enumerate() {
                *x = real(word(k), "a coordinate")?;
            }
            (position, word(3), word(5))
        }
    };
    molecule.elements.push(element(symbol)?);
    molecule.positions.push([x, y, z]);
    // The code 4 is a radical.
    molecule.charges.push(match charge {
        "1" => 3,
        "2" => 2,
        "3" => 1,
        "5" => -1,
        "6" => -2,
        "7" => -3,
        _ => 0,
    });
    Ok(())
}

/// The lines up to `M  END`, of which `M  CHG` counts. It or `M  RAD` replaces all charges of the atoms' lines.
fn properties(lines: &mut Lines, molecule: &mut Molecule) -> Result<(), Fault> {
    let mut replaced = false;
    loop {
        let line = inside(lines, "M  END")?;
        if line.starts_with("M  END") {
            return Ok(());
        }
        let charges = line.strip_prefix("M  CHG");
        if (charges.is_some() || line.starts_with("M  RAD")) && !replaced {
            molecule.charges.fill(0);
            replaced = true;
        }
        let Some(rest) = charges else { continue };
        let words: Option<Vec<i64>> = rest.split_ascii_whitespace().map(|w| w.parse().ok()).collect();
        let pairs = words.filter(|w| w.len() % 2 == 1 && w[0] == (w.len() / 2) as i64);
        let Some(pairs) = pairs else { return Err(lines.expected("M  CHG, a number, and so many atoms with charges")) };
        for pair in pairs[1..].chunks(2) {
            let place = usize::try_from(pair[0] - 1).ok().and_then(|i| molecule.charges.get_mut(i));
            match (place, i8::try_from(pair[1])) {
                (Some(charge), Ok(new)) => *charge = new,
                _ => return Err(lines.expected(format!("charges of atoms 1 to {}", molecule.len()))),
            }
        }
    }
}

/// Appends the table, from the counts line to `M  END`, of a molecule that fits.
pub(super) fn write(text: &mut String, molecule: &Molecule) {
    let bonds = molecule.bonds.as_deref().unwrap_or_default();
    let charge = |i: usize| molecule.charges.get(i).copied().unwrap_or(0);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:3}{:3}  0  0  0  0  0  0  0  0999 V2000", molecule.len(), bonds.len());
    for (i, (element, [x, y, z])) in molecule.elements.iter().zip(&molecule.positions).enumerate() {
        let code = match charge(i) {
            c @ -3..=-1 | c @ 1..=3 => 4 - c,
            _ => 0,
        };
        let symbol = element.symbol();
        let _ = writeln!(text, "{x:10.4}{y:10.4}{z:10.4} {symbol:<3} 0{code:3}  0  0  0  0  0  0  0  0  0  0");
    }
    for bond in bonds {
        let _ = writeln!(text, "{:3}{:3}{:3}  0", bond.atoms[0] + 1, bond.atoms[1] + 1, kind(bond.order));
    }
    let charged: Vec<usize> = (0..molecule.len()).filter(|&i| charge(i) != 0).collect();
    for some in charged.chunks(8) {
        let _ = write!(text, "M  CHG{:3}", some.len());
        for &i in some {
            let _ = write!(text, "{:4}{:4}", i + 1, charge(i));
        }
        text.push('\n');
    }
    text.push_str("M  END\n");
}
