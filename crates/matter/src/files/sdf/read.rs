//! Reading records of either version.

use super::{SEPARATOR, twice, v2000, v3000};
use crate::files::Record;
use crate::files::error::Fault;
use crate::files::lines::Lines;

/// The next record, none at the end of the file. After a fault the next record is the one behind the next `$$$$`.
pub(in crate::files) fn read(lines: &mut Lines) -> Result<Option<Record>, Fault> {
    match record(lines) {
        Err(Fault::Record { line, problem }) => {
            while lines.next()?.is_some_and(|line| !separates(line)) {}
            Err(Fault::Record { line, problem })
        }
        other => other,
    }
}

fn separates(line: &str) -> bool {
    line.starts_with(SEPARATOR)
}

fn record(lines: &mut Lines) -> Result<Option<Record>, Fault> {
    let mut record = Record::default();
    let mut blank = true;
    for k in 0..3 {
        let Some(line) = lines.next()? else {
            return if blank { Ok(None) } else { Err(lines.fault("the file ends within the three lines of a header")) };
        };
        blank &= line.trim().is_empty();
        // A title may be anything, but a separator here is the end of an empty record.
        if separates(line) {
            return Err(early(lines, "the header of a record"));
        }
        if k == 0 {
            record.molecule.name = line.trim().to_string();
        }
    }
    let Some(line) = lines.next()? else {
        return if blank { Ok(None) } else { Err(lines.fault("the file ends where the counts line should follow")) };
    };
    let counts = line.to_string();
    if counts.contains("V3000") {
        v3000::read(lines, &mut record.molecule)?;
    } else if counts.contains("V2000") {
        v2000::read(lines, &counts, &mut record.molecule)?;
    } else if separates(&counts) {
        return Err(early(lines, "the counts line"));
    } else {
        return Err(lines.expected("a counts line that ends with V2000 or V3000"));
    }
    if record.molecule.is_empty() {
        return Err(lines.fault("expected at least one atom, found none"));
    }
    if let Some([a, b]) = record.molecule.bonds.as_deref().and_then(twice) {
        return Err(lines.fault(format!("expected one bond of two atoms, found two of atoms {} and {}", a + 1, b + 1)));
    }
    data(lines, &mut record)?;
    Ok(Some(record))
}

/// A fault at a separator that comes too early; it is left to be found again.
fn early(lines: &mut Lines, expected: &str) -> Fault {
    lines.back();
    lines.fault(format!("expected {expected}, found the end of the record"))
}

/// A line within a record.
pub(super) fn inside<'a>(lines: &'a mut Lines, expected: &str) -> Result<&'a str, Fault> {
    match lines.next()? {
        None => Err(lines.fault(format!("the file ends where {expected} should follow"))),
        Some(line) if separates(line) => Err(early(lines, expected)),
        Some(_) => Ok(lines.line()),
    }
}

/// Data behind the table: `> <name>`, lines of text, a blank line.
fn data(lines: &mut Lines, record: &mut Record) -> Result<(), Fault> {
    loop {
        let Some(line) = lines.next_filled()? else { return Ok(()) };
        if separates(line) {
            return Ok(());
        }
        let name =
            line.strip_prefix('>').and_then(|rest| Some(rest.split_once('<')?.1.rsplit_once('>')?.0.to_string()));
        let Some(name) = name else {
            return Err(lines.expected(format!("> <name> or {SEPARATOR} behind the table")));
        };
        let mut text = String::new();
        loop {
            match lines.next()? {
                None => break,
                Some(line) if separates(line) => {
                    lines.back();
                    break;
                }
                Some(line) if line.trim().is_empty() => break,
                Some(line) => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    text.push_str(line);
                }
            }
        }
        record.fields.push((name, text));
    }
}
