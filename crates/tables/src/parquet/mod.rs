//! Apache Parquet: scalars, and lists of numbers as jagged columns.
//!
//! | in the file | column |
//! |---|---|
//! | BOOLEAN, INT32, INT64 (of any annotated width and sign), FLOAT, DOUBLE | scalar |
//! | LIST of one of these, or a repeated field | jagged |
//! | a list whose length the metadata entry `tables.fixed` states, as our own files have it | fixed |
//! | strings | left out, with a note; `TableReader::read_text` reads them |
//! | dates, decimals, maps, structures, lists of lists | left out, with a note |
//!
//! A null in a column of floating-point numbers is NaN, as pandas writes it; elsewhere it is an error that names the row.
//! Reading knows snappy, zstd, LZ4 and gzip; writing uses zstd at level 1, with floating-point numbers split into streams of
//! bytes. Attributes are the file's key-value metadata.

mod columns;
mod levels;
mod read;
mod text;
mod write;

pub(crate) use read::open;
pub(crate) use write::create;

/// Metadata entry with the lengths of fixed-size arrays as JSON, since the format has lists only.
const FIXED: &str = "tables.fixed";
