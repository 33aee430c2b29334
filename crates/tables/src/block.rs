//! Some rows of all columns of a table.

use std::ops::Range;
use std::sync::Arc;

use crate::convert::Inexact;
use crate::{Column, Element, Error, Number, Result, Schema, Values};

/// The numbers of one column in some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// All numbers, row after row.
    pub values: Values,
    /// For jagged columns: row i is `values[offsets[i]..offsets[i + 1]]`. The first offset is 0, and there is one more than rows.
    pub offsets: Option<Vec<usize>>,
}

impl Data {
    /// Numbers of a scalar or fixed-size column.
    pub fn flat<T: Number>(numbers: Vec<T>) -> Data {
        Data { values: T::wrap(numbers), offsets: None }
    }

    /// Numbers of a jagged column from its rows.
    pub fn jagged<T: Number>(rows: &[Vec<T>]) -> Data {
        let mut offsets = vec![0];
        offsets.extend(rows.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        }));
        Data { values: T::wrap(rows.concat()), offsets: Some(offsets) }
    }

    pub(crate) fn empty(column: &Column) -> Data {
        let offsets = column.width().is_none().then(|| vec![0]);
        Data { values: Values::empty(column.element), offsets }
    }

    /// Where the numbers of a row lie in the values.
    fn place(&self, row: usize, width: usize) -> Range<usize> {
        match &self.offsets {
            Some(offsets) => offsets[row]..offsets[row + 1],
            None => row * width..(row + 1) * width,
        }
    }

    pub(crate) fn part(&self, rows: Range<usize>, width: usize) -> Data {
        match &self.offsets {
            Some(offsets) => {
                let ends = &offsets[rows.start..=rows.end];
                Data {
                    values: self.values.part(ends[0]..ends[ends.len() - 1]),
                    offsets: Some(ends.iter().map(|end| end - ends[0]).collect()),
                }
            }
            None => Data { values: self.values.part(rows.start * width..rows.end * width), offsets: None },
        }
    }

    pub(crate) fn append(&mut self, other: &Data) {
        let before = self.values.len();
        self.values.extend(&other.values, 0..other.values.len());
        if let (Some(mine), Some(others)) = (&mut self.offsets, &other.offsets) {
            mine.extend(others.iter().skip(1).map(|end| end + before));
        }
    }

    /// Keeps no row, for the next use.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        if let Some(offsets) = &mut self.offsets {
            offsets.truncate(1);
        }
    }
}

/// Some rows of all columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    schema: Arc<Schema>,
    rows: usize,
    data: Vec<Data>,
}

impl Block {
    /// A block of `rows` rows from one [`Data`] per column of the schema.
    ///
    /// # Errors
    /// [`Error::Length`] if a column has another type, too few or too many numbers, or offsets that do not fit.
    pub fn new(schema: Arc<Schema>, rows: usize, data: Vec<Data>) -> Result<Block> {
        if data.len() != schema.columns().len() {
            let column = schema.columns().first().map_or(String::new(), |c| c.name.clone());
            return Err(Error::Length { column, what: "columns", got: data.len(), expected: schema.columns().len() });
        }
        for (column, data) in schema.columns().iter().zip(&data) {
            check(column, data, rows)?;
        }
        Ok(Block { schema, rows, data })
    }

    /// The columns.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers of all columns, in the schema's order.
    pub fn data(&self) -> &[Data] {
        &self.data
    }

    /// The numbers of a column; [`Error::Column`] lists the names there are.
    pub fn column(&self, name: &str) -> Result<&Data> {
        self.find(name).map(|(_, data)| data)
    }

    /// The numbers of a column as type `T`; [`Error::Conversion`] names the first that `T` cannot represent exactly.
    pub fn numbers<T: Number>(&self, name: &str) -> Result<Vec<T>> {
        let (column, data) = self.find(name)?;
        if let Some(slice) = data.values.as_slice() {
            return Ok(slice.to_vec());
        }
        let values = data.values.convert(T::ELEMENT).map_err(|e| self.inexact(column, data, e, T::ELEMENT))?;
        Ok(values.as_slice().unwrap_or_default().to_vec())
    }

    /// The numbers of a column rounded to single precision, as training wants them.
    ///
    /// # Errors
    /// [`Error::Conversion`] for a finite number beyond the range of f32 and an integer that rounding would change.
    pub fn rounded(&self, name: &str) -> Result<Vec<f32>> {
        let (column, data) = self.find(name)?;
        data.values.round().map_err(|e| self.inexact(column, data, e, Element::F32))
    }

    /// A range of the rows.
    pub fn slice(&self, rows: Range<usize>) -> Result<Block> {
        if rows.start > rows.end || rows.end > self.rows {
            let (start, end) = (rows.start as u64, rows.end as u64);
            return Err(Error::Range { what: "the block".to_string(), start, end, rows: self.rows as u64 });
        }
        let part = |(c, d): (&Column, &Data)| d.part(rows.clone(), c.width().unwrap_or(0));
        let data = self.schema.columns().iter().zip(&self.data).map(part).collect();
        Ok(Block { schema: self.schema.clone(), rows: rows.len(), data })
    }

    fn find(&self, name: &str) -> Result<(&Column, &Data)> {
        let place = self.schema.position(name).ok_or_else(|| Error::Schema {
            column: name.to_string(),
            problem: format!("is not in the block; there are {:?}", self.schema.names()),
        })?;
        Ok((&self.schema.columns()[place], &self.data[place]))
    }

    fn inexact(&self, column: &Column, data: &Data, problem: Inexact, to: Element) -> Error {
        let row = match &data.offsets {
            Some(offsets) => offsets.partition_point(|&end| end <= problem.index).saturating_sub(1),
            None => problem.index / column.width().unwrap_or(1),
        };
        Error::Conversion { column: column.name.clone(), row, value: problem.value, from: column.element, to }
    }

    /// Where the numbers of a row lie in the values of the column at `place`; panics beyond the last row, as slices do.
    pub fn place(&self, place: usize, row: usize) -> Range<usize> {
        self.data[place].place(row, self.schema.columns()[place].width().unwrap_or(0))
    }
}

fn check(column: &Column, data: &Data, rows: usize) -> Result<()> {
    let expect = |what, got, expected| {
        if got == expected { Ok(()) } else { Err(Error::Length { column: column.name.clone(), what, got, expected }) }
    };
    if data.values.element() != column.element {
        let problem = format!("has numbers of type {}, but the schema says {}", data.values.element(), column.element);
        return Err(Error::Schema { column: column.name.clone(), problem });
    }
    match (&data.offsets, column.width()) {
        (None, Some(width)) => expect("numbers", data.values.len(), rows * width),
        (Some(offsets), None) => {
            expect("offsets", offsets.len(), rows + 1)?;
            expect("the first offset", offsets[0], 0)?;
            expect("the last offset", offsets[rows], data.values.len())?;
            match offsets.windows(2).find(|pair| pair[0] > pair[1]) {
                Some(pair) => expect("an offset below its predecessor", pair[1], pair[0]),
                None => Ok(()),
            }
        }
        (Some(_), Some(_)) => expect("offsets", 1, 0),
        (None, None) => expect("offsets", 0, rows + 1),
    }
}
