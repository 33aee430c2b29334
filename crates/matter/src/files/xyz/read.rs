//! Reading.

use super::layout::{Atom, Layout};
use super::{NAME, comment};
use crate::Molecule;
use crate::files::Record;
use crate::files::error::Fault;
use crate::files::lines::Lines;

/// The next record, none at the end of the file.
///
/// A line that holds a whole number and nothing else begins a record. So a record with too few atoms costs only itself, and after a
/// broken count the next such line is looked for.
pub(in crate::files) fn read(lines: &mut Lines) -> Result<Option<Record>, Fault> {
    let Some(line) = lines.next_filled()? else { return Ok(None) };
    let Some(atoms) = count(line) else {
        let fault = lines.expected("the number of atoms of a record");
        return resume(lines, fault);
    };
    let counted = lines.number();
    let Some(line) = lines.next()? else { return Err(lines.fault("the file ends where a comment should follow")) };
    let mut fault = None;
    let (mut record, layout) = begin(line).unwrap_or_else(|problem| {
        fault = Some(lines.fault(problem));
        (Record::default(), Layout::default())
    });
    if atoms == 0 {
        fault = Some(lines.fault("expected at least one atom, found none"));
    }
    let mut columns = layout.columns();
    for k in 1..=atoms {
        let Some(line) = lines.next()? else {
            return Err(
                fault.unwrap_or_else(|| lines.fault(format!("the file ends where atom {k} of {atoms} should follow")))
            );
        };
        if count(line).is_some() {
            let found = lines.expected(format!("atom {k} of {atoms}"));
            lines.back();
            return Err(fault.unwrap_or(found));
        }
        if fault.is_none() {
            match layout.atom(line, &mut columns) {
                Ok(atom) => add(&mut record.molecule, &atom),
                Err(problem) => fault = Some(lines.fault(format!("atom {k} of {atoms}: {problem}"))),
            }
        }
    }
    // Too many atoms show only here.
    match lines.next_filled()? {
        None => {}
        Some(line) if count(line).is_some() => lines.back(),
        Some(_) => {
            let found = lines.expected(format!("a new record after the {atoms} atoms that line {counted} announces"));
            return resume(lines, fault.unwrap_or(found));
        }
    }
    match fault {
        Some(fault) => Err(fault),
        None => {
            record.columns = columns;
            Ok(Some(record))
        }
    }
}

/// The whole number that is all there is in a line.
fn count(line: &str) -> Option<usize> {
    line.trim().parse().ok()
}

/// Goes to the next line that can be the first of a record.
fn resume(lines: &mut Lines, fault: Fault) -> Result<Option<Record>, Fault> {
    while let Some(line) = lines.next()? {
        if count(line).is_some() {
            lines.back();
            break;
        }
    }
    Err(fault)
}

/// What the comment says.
fn begin(line: &str) -> Result<(Record, Layout), String> {
    let mut record = Record::default();
    let mut layout = Layout::default();
    match comment::parse(line)? {
        None => record.molecule.name = line.trim().to_string(),
        Some(pairs) => {
            for (key, value) in pairs {
                match key.as_str() {
                    "Properties" | "properties" => layout = Layout::parse(&value)?,
                    NAME => record.molecule.name = value,
                    _ => record.fields.push((key, value)),
                }
            }
        }
    }
    Ok((record, layout))
}

fn add(molecule: &mut Molecule, atom: &Atom) {
    molecule.elements.push(atom.element);
    molecule.positions.push(atom.position);
    molecule.charges.extend(atom.charge);
}
