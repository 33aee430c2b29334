//! Reading.

use std::collections::VecDeque;
use std::path::Path;

use tables::{Block, Data, Element as Type, Shape, TableReader};

use super::{BONDS, CHARGES, CONFORMER, CONFORMERS, ELEMENTS, NAME, POSITIONS, UNITS};
use crate::files::error::Fault;
use crate::files::{Error, Record};
use crate::{Bond, BondOrder, Element, Molecule};

/// Rows that are read at once.
const STEP: u64 = 1024;

/// The molecules of a Parquet file.
pub(in crate::files) struct Rows {
    table: TableReader,
    /// Columns of text.
    texts: Vec<String>,
    /// First row that was not read.
    next: u64,
    /// What was read and not yet given out, with the row of each from 1.
    ready: VecDeque<(u64, Result<Record, Fault>)>,
}

impl Rows {
    /// Opens a file and looks for the columns without which there are no molecules.
    pub(in crate::files) fn open(path: &Path) -> Result<Rows, Error> {
        let table = TableReader::open(path)?;
        let missing = |name: &str| {
            let list = table
                .schema()
                .columns()
                .iter()
                .any(|c| c.name == name && c.shape != Shape::Scalar && c.element.is_integer());
            (!list).then(|| table.schema().names().join(", "))
        };
        for name in [ELEMENTS, POSITIONS] {
            if let Some(names) = missing(name) {
                let problem = format!(
                    "is missing or no list of integers; there are {names}; see docs/molecules.md for what a file of molecules has"
                );
                return Err(
                    tables::Error::Column { path: path.to_path_buf(), column: name.to_string(), problem }.into()
                );
            }
        }
        let texts = table.skipped().iter().filter(|s| s.kind == "string").map(|s| s.name.clone()).collect();
        Ok(Rows { table, texts, next: 0, ready: VecDeque::new() })
    }

    /// Rows read so far, and all.
    pub(in crate::files) fn progress(&self) -> (u64, u64) {
        (self.next, self.table.rows())
    }

    /// The next record with its row from 1, none at the end.
    pub(in crate::files) fn next(&mut self) -> Option<(u64, Result<Record, Fault>)> {
        while self.ready.is_empty() && self.next < self.table.rows() {
            let rows = self.next..self.table.rows().min(self.next + STEP);
            self.next = rows.end;
            if let Err(error) = self.fill(rows.start, rows.end) {
                self.next = self.table.rows();
                self.ready.push_back((rows.start + 1, Err(Fault::File(error.to_string()))));
            }
        }
        self.ready.pop_front()
    }

    fn fill(&mut self, first: u64, end: u64) -> Result<(), tables::Error> {
        let block = self.table.read(first..end)?;
        let texts = self.texts.iter().map(|name| self.table.read_text(name, first..end));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        for row in 0..block.rows() {
            let number = first + row as u64 + 1;
            let text: Vec<(&str, &str)> =
                self.texts.iter().map(String::as_str).zip(texts.iter().map(|t| t[row].as_str())).collect();
            match molecules(&block, row, &text) {
                Ok(records) => self.ready.extend(records.into_iter().map(|r| (number, Ok(r)))),
                Err(problem) => self.ready.push_back((number, Err(Fault::Record { line: None, problem }))),
            }
        }
        Ok(())
    }
}

/// A column and where a row has its numbers.
fn cells<'a>(block: &'a Block, row: usize, name: &str) -> Option<(&'a Data, std::ops::Range<usize>)> {
    let place = block.schema().position(name)?;
    Some((&block.data()[place], block.place(place, row)))
}

/// Integers of a row, none where there is no such column.
fn integers(block: &Block, row: usize, name: &str) -> Option<Vec<i64>> {
    let (data, range) = cells(block, row, name)?;
    let values = &data.values;
    macro_rules! widen {
        ($($kind:ty),*) => {
            $(if let Some(v) = values.as_slice::<$kind>() { return Some(v[range].iter().map(|&x| i64::from(x)).collect()); })*
        };
    }
    widen!(u8, i8, u16, i16, u32, i32, i64);
    // Beyond the range of i64 nothing is a number of an atom.
    values.as_slice::<u64>().map(|v| v[range].iter().map(|&x| i64::try_from(x).unwrap_or(i64::MAX)).collect())
}

/// All conformers of a row.
fn molecules(block: &Block, row: usize, texts: &[(&str, &str)]) -> Result<Vec<Record>, String> {
    let numbers = integers(block, row, ELEMENTS).unwrap_or_default();
    let element = |&n: &i64| u8::try_from(n).ok().and_then(Element::from_number);
    let elements: Option<Vec<Element>> = numbers.iter().map(element).collect();
    let elements =
        elements.ok_or_else(|| format!("expected atomic numbers from 1 to 118 in {ELEMENTS}, found {numbers:?}"))?;
    if elements.is_empty() {
        return Err(format!("expected at least one atom in {ELEMENTS}, found none"));
    }
    let n = elements.len();
    let conformers = match integers(block, row, CONFORMERS).as_deref() {
        None => 1,
        Some([count @ 1..=1_000_000]) => *count as usize,
        Some(other) => {
            return Err(format!("expected a number of conformers from 1 on in {CONFORMERS}, found {other:?}"));
        }
    };
    let positions = integers(block, row, POSITIONS).unwrap_or_default();
    if positions.len() != 3 * n * conformers {
        let found = positions.len();
        return Err(format!("expected {conformers} times 3 times {n} numbers in {POSITIONS}, found {found}"));
    }
    let charges = integers(block, row, CHARGES).unwrap_or_default();
    let small: Option<Vec<i8>> = charges.iter().map(|&c| i8::try_from(c).ok()).collect();
    let charges = small.filter(|c| c.is_empty() || c.len() == n);
    let charges = charges.ok_or_else(|| format!("expected no or {n} small charges in {CHARGES}"))?;
    let bonds = integers(block, row, BONDS).map(|flat| bonds(&flat, n)).transpose()?;
    let name = texts.iter().find(|t| t.0 == NAME).map_or(String::new(), |t| t.1.to_string());
    let molecule = Molecule { elements, positions: Vec::new(), charges, bonds, name };
    let record = |k: usize| {
        let places = &positions[3 * n * k..3 * n * (k + 1)];
        let positions = places.chunks_exact(3).map(|p| [0, 1, 2].map(|i| p[i] as f64 / UNITS)).collect();
        let mut fields = fields(block, row, texts, k, conformers);
        if conformers > 1 {
            fields.push((CONFORMER.to_string(), k.to_string()));
        }
        Record { molecule: Molecule { positions, ..molecule.clone() }, fields, columns: Vec::new() }
    };
    Ok((0..conformers).map(record).collect())
}

fn bonds(flat: &[i64], atoms: usize) -> Result<Vec<Bond>, String> {
    let bond = |triple: &[i64]| {
        let &[a, b, kind] = triple else {
            return Err(format!("expected triples in {BONDS}, found {} numbers", flat.len()));
        };
        let order = match kind {
            1 => BondOrder::Single,
            2 => BondOrder::Double,
            3 => BondOrder::Triple,
            4 => BondOrder::Aromatic,
            _ => return Err(format!("expected a bond type from 1 to 4 in {BONDS}, found {kind}")),
        };
        match [a, b].map(|i| usize::try_from(i).ok().filter(|&i| i < atoms)) {
            [Some(a), Some(b)] if a != b => Ok(Bond { atoms: [a.min(b), a.max(b)], order }),
            _ => Err(format!("expected two of {atoms} atoms, counted from 0, in {BONDS}, found {a} and {b}")),
        }
    };
    flat.chunks(3).map(bond).collect()
}

/// Everything else that a row says of conformer `k`.
fn fields(block: &Block, row: usize, texts: &[(&str, &str)], k: usize, conformers: usize) -> Vec<(String, String)> {
    let known = [ELEMENTS, POSITIONS, CONFORMERS, BONDS, CHARGES, "num_atoms"];
    let mut fields: Vec<_> = texts.iter().filter(|t| t.0 != NAME).map(|t| (t.0.to_string(), t.1.to_string())).collect();
    for (place, column) in block.schema().columns().iter().enumerate() {
        if known.contains(&column.name.as_str()) {
            continue;
        }
        let (values, range) = (&block.data()[place].values, block.place(place, row));
        let at = match column.shape {
            Shape::Scalar => range.start,
            _ if range.len() == conformers => range.start + k,
            _ => continue,
        };
        let missing = matches!(column.element, Type::F32 | Type::F64) && values.text(at) == "NaN";
        if !missing {
            let text = values.text(at);
            // Whole numbers stay what they were, whatever the type of their column.
            fields.push((column.name.clone(), text.strip_suffix(".0").unwrap_or(&text).to_string()));
        }
    }
    fields
}
