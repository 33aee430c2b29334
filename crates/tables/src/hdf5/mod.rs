//! HDF5: one dataset per column, and tables of pandas.
//!
//! | in a group | column |
//! |---|---|
//! | dataset `[N]` | scalar |
//! | dataset `[N, n]`; `[N, a, b]` as a b numbers per row | fixed |
//! | dataset `NAME` `[total]` beside integers `NAME_offsets` `[N + 1]` | jagged: row i is `NAME[NAME_offsets[i]:NAME_offsets[i + 1]]` |
//! | `axis0`, `blockK_items`, `blockK_values` of `pandas.DataFrame.to_hdf` (format `fixed`) | one scalar per name in the items |
//! | strings, compounds, datasets of another length | left out, with a note |
//!
//! A group with such datasets is a table; `/` is the root. Reading is done by `hdf5-pure`, writing by [`Hdf5`]: all columns in the
//! root group, shuffled and deflated, attributes as those of the root.

mod encode;
mod file;
mod pandas;
mod read;
mod write;

pub use file::{Attribute, Hdf5};

pub(crate) use read::{open, tables};
pub(crate) use write::create;
