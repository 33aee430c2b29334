//! Which named arrays of a file are the columns of a table; common to HDF5 and npz.
//!
//! A jagged column `NAME` is two arrays: all its numbers, and `NAME_offsets` `[N + 1]` with the place where each row begins and
//! the last ends, as in `awkward.contents.ListOffsetArray`.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use crate::reader::Skipped;
use crate::{Column, Element, Error, Result, Shape, Values};

/// What the name of a jagged column's offsets ends in.
pub(crate) const OFFSETS: &str = "_offsets";

/// An array of numbers with at least one axis.
#[derive(Clone, Debug)]
pub(crate) struct Array {
    pub(crate) name: String,
    pub(crate) element: Element,
    /// Length of the first axis.
    pub(crate) rows: u64,
    /// Product of the lengths of the others, at least 1.
    pub(crate) width: usize,
    pub(crate) rank: usize,
}

/// A column and the arrays, by their places, that it lies in.
pub(crate) struct Lane {
    pub(crate) column: Column,
    pub(crate) values: usize,
    pub(crate) offsets: Option<usize>,
}

/// The arrays as a table.
#[derive(Default)]
pub(crate) struct Arranged {
    pub(crate) rows: u64,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
}

/// Columns of the number of rows that most of the arrays have.
pub(crate) fn arrange(arrays: &[Array]) -> Arranged {
    let offsets_of = |array: &Array| {
        let name = format!("{}{OFFSETS}", array.name);
        let fits = |o: &Array| o.name == name && o.element.is_integer() && o.rank == 1 && o.rows > 0;
        if array.rank == 1 { arrays.iter().position(fits) } else { None }
    };
    let offsets: Vec<Option<usize>> = arrays.iter().map(offsets_of).collect();
    let rows_of = |k: usize| offsets[k].map_or(arrays[k].rows, |o| arrays[o].rows - 1);
    let columns: Vec<usize> = (0..arrays.len()).filter(|&k| !offsets.contains(&Some(k))).collect();
    let mut votes: HashMap<u64, usize> = HashMap::new();
    for &k in &columns {
        *votes.entry(rows_of(k)).or_default() += 1;
    }
    let rows = votes.into_iter().max_by_key(|&(rows, votes)| (votes, rows)).map_or(0, |(rows, _)| rows);
    let mut arranged = Arranged { rows, ..Arranged::default() };
    for k in columns {
        let Array { name, element, width, rank, .. } = &arrays[k];
        if rows_of(k) != rows {
            let kind = format!("column of {} rows in a table of {rows}", rows_of(k));
            arranged.skipped.push(Skipped { name: name.clone(), kind });
            continue;
        }
        if *rank > 2 {
            arranged.notes.push(format!("\"{name}\" has {rank} axes: a row was taken as {width} numbers"));
        }
        let shape = match (offsets[k], rank) {
            (Some(_), _) => Shape::Jagged,
            (None, 1) => Shape::Scalar,
            (None, _) => Shape::Fixed(*width),
        };
        let column = Column { shape, ..Column::scalar(name, *element) };
        arranged.lanes.push(Lane { column, values: k, offsets: offsets[k] });
    }
    arranged
}

/// Offsets of the rows from `first` on, checked to go upwards and to stay among the `total` numbers.
pub(crate) fn check_offsets(path: &Path, column: &str, first: u64, offsets: &Values, total: u64) -> Result<Vec<u64>> {
    let wrong = |row: usize, problem: String| Error::value(path, column, first + row as u64, problem);
    let ends = offsets.convert(Element::U64).map_err(|e| wrong(e.index, format!("its offset is {}", e.value)))?;
    let ends = ends.as_slice::<u64>().unwrap_or_default().to_vec();
    match ends.windows(2).position(|pair| pair[0] > pair[1] || pair[1] > total) {
        Some(row) => {
            Err(wrong(row, format!("its offsets are {} and {} among {total} numbers", ends[row], ends[row + 1])))
        }
        None => Ok(ends),
    }
}

/// Offsets that count from the first of them.
pub(crate) fn relative(ends: &[u64]) -> Vec<usize> {
    ends.iter().map(|end| (end - ends[0]) as usize).collect()
}

/// The numbers that rows with these offsets have.
pub(crate) fn span(ends: &[u64]) -> Range<u64> {
    ends.first().copied().unwrap_or(0)..ends.last().copied().unwrap_or(0)
}

/// Product of the lengths of the axes after the first, if it is a number of elements that a row can have.
pub(crate) fn width(shape: &[u64]) -> Option<usize> {
    let product = shape.iter().skip(1).try_fold(1u64, |product, &n| product.checked_mul(n))?;
    usize::try_from(product).ok().filter(|&w| w > 0)
}
