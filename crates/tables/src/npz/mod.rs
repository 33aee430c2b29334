//! NumPy archives: one array per column, or two for jagged columns.
//!
//! | array | column |
//! |---|---|
//! | `[N]` | scalar |
//! | `[N, n]`; `[N, a, b]` as a b numbers per row | fixed |
//! | `NAME` `[total]` beside integers `NAME_offsets` `[N + 1]` | jagged: row i is `NAME[NAME_offsets[i]:NAME_offsets[i + 1]]` |
//! | text, objects, records, Fortran order, arrays of another length | left out, with a note |
//!
//! Archives of `numpy.savez` and `numpy.savez_compressed` are read, of either byte order. The ZIP checksums cover whole arrays and
//! are not compared, as rows are read in parts.

mod archive;
mod npy;
mod read;
mod spill;
mod write;
mod zip;

pub use archive::Archive;

pub(crate) use read::open;
pub(crate) use write::create;

/// Array with the attributes as JSON text.
const ATTRIBUTES: &str = "attributes";
