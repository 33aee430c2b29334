//! The columns of a data frame that `pandas.DataFrame.to_hdf` wrote in its default format, `fixed`.
//!
//! The frame's numbers lie in one two-dimensional dataset per type, `block0_values` `[rows, columns]`, and the names of its
//! columns beside it in `block0_items`: text, or the integers of a frame without names. Reference: the documentation of
//! pandas, "IO tools", HDF5; the layout is that of PyTables 3 arrays.

use hdf5_pure::{DType, Group};

use crate::reader::Skipped;

/// A block of columns: the dataset, and their names.
pub(super) struct Frame {
    pub(super) values: String,
    pub(super) names: Vec<String>,
}

/// Longest list of names that is believed.
const MOST: u64 = 1 << 20;

/// The blocks of the frame in a group, if it holds one; an error is a description of what is damaged.
pub(super) fn frames(group: &Group, sets: &[String], skipped: &mut Vec<Skipped>) -> Result<Option<Vec<Frame>>, String> {
    let has = |name: &str| sets.iter().any(|s| s == name);
    if !has("axis0") || !has("axis1") {
        return Ok(None);
    }
    let mut frames = Vec::new();
    for k in 0.. {
        let (items, values) = (format!("block{k}_items"), format!("block{k}_values"));
        if !has(&items) {
            break;
        }
        let names = names(group, &items)?;
        if !has(&values) {
            skipped.extend(names.into_iter().map(|name| Skipped { name, kind: "pandas objects".to_string() }));
            continue;
        }
        frames.push(Frame { values, names });
    }
    Ok((!frames.is_empty() || !skipped.is_empty()).then_some(frames))
}

fn names(group: &Group, items: &str) -> Result<Vec<String>, String> {
    let words = |e: hdf5_pure::Error| format!("dataset \"{items}\": {e}");
    let set = group.dataset(items).map_err(words)?;
    let count: u64 = set.shape().map_err(words)?.iter().product();
    if count > MOST {
        return Err(format!("dataset \"{items}\" names {count} columns"));
    }
    match set.dtype().map_err(words)? {
        DType::String | DType::VariableLengthString => set.read_string().map_err(words),
        DType::I8 | DType::I16 | DType::I32 | DType::I64 | DType::U8 | DType::U16 | DType::U32 => {
            Ok(set.read_i64().map_err(words)?.iter().map(i64::to_string).collect())
        }
        kind => Err(format!("dataset \"{items}\" has names of type {kind}, which are not read")),
    }
}
