//! Comma-separated values with a header line, plain or gzipped.
//!
//! | in the file | column |
//! |---|---|
//! | lines `# name: text` before the header | attributes |
//! | fields that are all integers | i64, or u64 if one is too large for it |
//! | `true` and `false`, in any case | bool |
//! | other numbers; `nan`, `inf` and empty fields too, which are NaN | f64 |
//! | `x[0]`, `x[1]`, `x[2]` side by side, of one type | one column `x` with three numbers per row |
//! | anything else | left out, with a note |
//!
//! Types are inferred from all rows, in a first pass over the file. Fields are separated by comma, semicolon or tab, whichever
//! the header has most of; they may stand in double quotes. Lines of a jagged table would differ in length, so that jagged
//! columns cannot be written.

mod infer;
mod lines;
mod read;
mod write;

pub(crate) use read::open;
pub(crate) use write::create;
