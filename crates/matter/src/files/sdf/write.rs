//! Writing records of either version.

use std::fmt::Write;

use super::{MOST, SEPARATOR, v2000, v3000};
use crate::files::Record;

/// Coordinates that ten columns with four decimals hold.
const RANGE: std::ops::Range<f64> = -9999.0..99999.0;

/// Appends a record, as V2000 if it fits and V3000 is not asked for.
///
/// # Errors
/// What is wrong with the record, which is the caller's to name.
pub(in crate::files) fn write(text: &mut String, record: &Record, v3000: bool) -> Result<(), String> {
    let molecule = &record.molecule;
    let Some(bonds) = &molecule.bonds else {
        return Err("its bonds are not known; find them first, by bonds::perceive for example".to_string());
    };
    let one_line = |line: &str| line.replace(['\n', '\r'], " ");
    // Two initials, program, date, and that there are three dimensions.
    let _ = writeln!(text, "{}\n  {:8}{:10}3D\n", one_line(molecule.name.trim()), "chamber", "");
    let fits = molecule.len() <= MOST
        && bonds.len() <= MOST
        && molecule.positions.iter().flatten().all(|x| RANGE.contains(x))
        && molecule.charges.iter().all(|c| (-15..=15).contains(c));
    match fits && !v3000 {
        true => v2000::write(text, molecule),
        false => v3000::write(text, molecule),
    }
    for (name, value) in &record.fields {
        let bad = |line: &str| line.trim().is_empty() || line.starts_with('>') || line.starts_with(SEPARATOR);
        if name.is_empty() || name.contains(['<', '>', '\n', '\r']) {
            return Err(format!("{name:?} cannot be the name of a datum; leave out <, > and line breaks"));
        }
        if !value.is_empty() && value.split('\n').any(bad) {
            return Err(format!("the datum {name} has a line that is blank or begins with > or {SEPARATOR}"));
        }
        let _ = writeln!(text, ">  <{name}>");
        if !value.is_empty() {
            let _ = writeln!(text, "{value}");
        }
        text.push('\n');
    }
    text.push_str(SEPARATOR);
    text.push('\n');
    Ok(())
}
