//! Writing: the columns are those of the first record, whose fields that are numbers become columns of numbers.

use std::path::Path;
use std::sync::Arc;

use tables::{Block, Column, Data, Element as Type, Schema, TableWriter};

use super::{BONDS, CHARGES, ELEMENTS, POSITIONS, UNITS};
use crate::BondOrder;
use crate::files::{Error, Record};

/// Rows that are collected before they are written.
const STEP: usize = 1024;

/// A Parquet file of molecules being written.
pub(in crate::files) struct Sink {
    path: std::path::PathBuf,
    /// None before the first record, which says what the columns are.
    open: Option<Open>,
}

struct Open {
    table: TableWriter,
    schema: Arc<Schema>,
    bonded: bool,
    /// Fields that are columns.
    numbers: Vec<String>,
    elements: Vec<Vec<u8>>,
    positions: Vec<Vec<i32>>,
    charges: Vec<Vec<i8>>,
    bonds: Vec<Vec<u16>>,
    values: Vec<Vec<f64>>,
}

impl Sink {
    /// A file that is begun with the first record.
    pub(in crate::files) fn create(path: &Path) -> Sink {
        Sink { path: path.to_path_buf(), open: None }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// The inner one says what is wrong with the record, of which nothing was written.
    pub(in crate::files) fn write(&mut self, record: &Record) -> Result<Result<(), String>, Error> {
        let molecule = &record.molecule;
        let places = molecule.positions.iter().flatten().map(|&x| {
            let units = (x * UNITS).round();
            (units.abs() <= f64::from(i32::MAX)).then_some(units as i32)
        });
        let Some(places) = places.collect::<Option<Vec<i32>>>() else {
            return Ok(Err("a coordinate is beyond 214 748 Angstrom".to_string()));
        };
        let mut bonds = Vec::new();
        for bond in molecule.bonds.iter().flatten() {
            let kind = match bond.order {
                BondOrder::Single => 1,
                BondOrder::Double => 2,
                BondOrder::Triple => 3,
                BondOrder::Aromatic => 4,
            };
            match bond.atoms.map(u16::try_from) {
                [Ok(a), Ok(b)] => bonds.extend([a, b, kind]),
                _ => return Ok(Err("it has bonds and more than 65 536 atoms".to_string())),
            }
        }
        if self.open.is_none() {
            self.open = Some(Open::new(&self.path, record)?);
        }
        let Some(open) = &mut self.open else { return Ok(Ok(())) };
        if open.bonded != molecule.bonds.is_some() {
            let (these, others) = if open.bonded { ("are not", "are") } else { ("are", "are not") };
            return Ok(Err(format!(
                "its bonds {these} known and those of the first molecule {others}; a file has them for all or none"
            )));
        }
        open.elements.push(molecule.elements.iter().map(|e| e.number()).collect());
        open.positions.push(places);
        open.charges.push(molecule.charges.clone());
        open.bonds.push(bonds);
        for (column, name) in open.values.iter_mut().zip(&open.numbers) {
            column.push(record.field(name).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN));
        }
        if open.elements.len() >= STEP {
            open.flush()?;
        }
        Ok(Ok(()))
    }

    /// Completes the file.
    pub(in crate::files) fn finish(mut self) -> Result<(), Error> {
        let open = match self.open.take() {
            Some(open) => open,
            None => Open::new(&self.path, &Record::default())?,
        };
        let mut open = open;
        open.flush()?;
        Ok(open.table.finish()?)
    }
}

impl Open {
    fn new(path: &Path, first: &Record) -> Result<Open, Error> {
        let bonded = first.molecule.bonds.is_some();
        let taken = [ELEMENTS, POSITIONS, CHARGES, BONDS, "num_atoms", super::CONFORMERS, super::NAME];
        let number = |(name, text): &&(String, String)| {
            text.parse::<f64>().is_ok() && !taken.contains(&name.as_str()) && !name.is_empty()
        };
        let mut numbers: Vec<String> = Vec::new();
        for (name, _) in first.fields.iter().filter(number) {
            if !numbers.contains(name) {
                numbers.push(name.clone());
            }
        }
        let mut columns = vec![
            Column::scalar("num_atoms", Type::U32),
            Column::jagged(ELEMENTS, Type::U8),
            Column::jagged(POSITIONS, Type::I32),
            Column::jagged(CHARGES, Type::I8),
        ];
        if bonded {
            columns.push(Column::jagged(BONDS, Type::U16));
        }
        columns.extend(numbers.iter().map(|name| Column::scalar(name, Type::F64)));
        let schema = Schema::new(columns)?;
        let table = TableWriter::create(path, schema.clone(), &[])?;
        Ok(Open {
            table,
            schema: Arc::new(schema),
            bonded,
            values: vec![Vec::new(); numbers.len()],
            numbers,
            elements: Vec::new(),
            positions: Vec::new(),
            charges: Vec::new(),
            bonds: Vec::new(),
        })
    }

    fn flush(&mut self) -> Result<(), Error> {
        let rows = self.elements.len();
        let mut data = vec![
            Data::flat(self.elements.iter().map(|e| e.len() as u32).collect::<Vec<_>>()),
            Data::jagged(&self.elements),
            Data::jagged(&self.positions),
            Data::jagged(&self.charges),
        ];
        if self.bonded {
            data.push(Data::jagged(&self.bonds));
        }
        data.extend(self.values.iter_mut().map(|column| Data::flat(std::mem::take(column))));
        self.table.write(&Block::new(self.schema.clone(), rows, data)?)?;
        self.elements.clear();
        self.positions.clear();
        self.charges.clear();
        self.bonds.clear();
        Ok(())
    }
}
