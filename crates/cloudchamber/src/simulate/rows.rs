//! What was selected of some events, on its way to the file: jets, rows of a table, or whole events.

use std::sync::Arc;

use collider::Jets;
use tables::{Block, Column, Data, Element, Schema, Shape, Values};

use crate::Error;

/// Selected rows, in the order of their events.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Jets.
    Jets(Jets),
    /// Rows of a table.
    Table(TableRows),
    /// Events.
    Events(Vec<records::Event>),
}

impl Rows {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Rows::Jets(jets) => jets.len(),
            Rows::Table(table) => table.rows,
            Rows::Events(events) => events.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Rows of a table, column by column.
#[derive(Clone, Debug)]
pub struct TableRows {
    schema: Arc<Schema>,
    rows: usize,
    data: Vec<Data>,
}

/// The numbers of one row in one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Of a scalar column.
    One(f64),
    /// Of a jagged column.
    Many(Vec<f64>),
}

impl From<f64> for Cell {
    fn from(number: f64) -> Cell {
        Cell::One(number)
    }
}

impl From<Vec<f64>> for Cell {
    fn from(numbers: Vec<f64>) -> Cell {
        Cell::Many(numbers)
    }
}

impl TableRows {
    /// No rows yet.
    pub fn new(schema: Arc<Schema>) -> TableRows {
        let empty = |c: &Column| Data {
            values: Values::empty(c.element),
            offsets: (c.shape == Shape::Jagged).then(|| vec![0]),
        };
        let data = schema.columns().iter().map(empty).collect();
        TableRows { schema, rows: 0, data }
    }

    /// Appends a row, rounded to the types of the columns; one cell per column, of its shape.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.data.len());
        for (data, cell) in self.data.iter_mut().zip(row) {
            let numbers = match &cell {
                Cell::One(number) => std::slice::from_ref(number),
                Cell::Many(numbers) => numbers,
            };
            match &mut data.values {
                Values::F32(v) => v.extend(numbers.iter().map(|&x| x as f32)),
                Values::I32(v) => v.extend(numbers.iter().map(|&x| x as i32)),
                Values::U8(v) => v.extend(numbers.iter().map(|&x| x as u8)),
                Values::F64(v) => v.extend_from_slice(numbers),
                other => debug_assert!(false, "no column of a selection is {}", other.element()),
            }
            if let Some(offsets) = &mut data.offsets {
                offsets.push(data.values.len());
            }
        }
        self.rows += 1;
    }

    /// The first `n` rows as a block.
    pub fn block(&self, n: usize) -> Result<Block, Error> {
        let all = Block::new(self.schema.clone(), self.rows, self.data.clone())?;
        Ok(if n < self.rows { all.slice(0..n)? } else { all })
    }
}

/// A schema of scalar and jagged columns: (name, type, whether jagged).
pub fn schema(columns: &[(&str, Element, bool)]) -> Result<Arc<Schema>, Error> {
    let column = |&(name, element, jagged): &(&str, Element, bool)| {
        if jagged { Column::jagged(name, element) } else { Column::scalar(name, element) }
    };
    Ok(Arc::new(Schema::new(columns.iter().map(column).collect())?))
}
