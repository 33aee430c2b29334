//! Writing: every number with the fewest digits that give it back.

use std::fmt::Write;

use super::comment::push;
use super::{CHARGES, NAME};
use crate::files::{AtomValues, Record};

/// Appends a record. Bonds are not part of the format.
///
/// # Errors
/// What is wrong with the record, which is the caller's to name.
pub(in crate::files) fn write(text: &mut String, record: &Record) -> Result<(), String> {
    let molecule = &record.molecule;
    let atoms = molecule.len();
    let mut properties = "species:S:1:pos:R:3".to_string();
    let charged = !molecule.charges.is_empty();
    if charged {
        // Writing to a string cannot fail.
        let _ = write!(properties, ":{CHARGES}:I:1");
    }
    for column in &record.columns {
        let kind = match &column.values {
            AtomValues::Real(_) => 'R',
            AtomValues::Integer(_) => 'I',
            AtomValues::Logical(_) => 'L',
            AtomValues::Text(_) => 'S',
        };
        if column.width == 0 || column.values.len() != atoms * column.width {
            let (name, got) = (&column.name, column.values.len());
            return Err(format!(
                "column {name} has {got} values instead of {} for each of {atoms} atoms",
                column.width
            ));
        }
        let odd = |c: char| c.is_whitespace() || "\"'\\{}[]=,:".contains(c);
        if column.name.is_empty() || column.name.contains(odd) {
            return Err(format!("{:?} cannot be the name of a column; use letters, digits and _", column.name));
        }
        let _ = write!(properties, ":{}:{kind}:{}", column.name, column.width);
    }
    let mut comment = format!("Properties={properties}");
    if !molecule.name.is_empty() {
        push(&mut comment, NAME, &molecule.name);
    }
    for (key, value) in &record.fields {
        if key.is_empty() || matches!(key.as_str(), "Properties" | "properties" | NAME) {
            return Err(format!("{key:?} cannot be the name of a field of extended XYZ; choose another"));
        }
        push(&mut comment, key, value);
    }
    let _ = writeln!(text, "{atoms}\n{comment}");
    for (i, (element, position)) in molecule.elements.iter().zip(&molecule.positions).enumerate() {
        let [x, y, z] = position;
        let _ = write!(text, "{element} {x} {y} {z}");
        if charged {
            let _ = write!(text, " {}", molecule.charges[i]);
        }
        for column in &record.columns {
            for k in i * column.width..(i + 1) * column.width {
                let _ = match &column.values {
                    AtomValues::Real(v) => write!(text, " {}", v[k]),
                    AtomValues::Integer(v) => write!(text, " {}", v[k]),
                    AtomValues::Logical(v) => write!(text, " {}", if v[k] { 'T' } else { 'F' }),
                    AtomValues::Text(v) => {
                        if v[k].is_empty() || v[k].contains(char::is_whitespace) {
                            return Err(format!("{:?} of column {} is not one word", v[k], column.name));
                        }
                        write!(text, " {}", v[k])
                    }
                };
            }
        }
        text.push('\n');
    }
    Ok(())
}
