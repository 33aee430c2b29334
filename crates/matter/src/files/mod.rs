//! Files of molecules: extended XYZ, SDF (V2000 and V3000), Parquet; read and written in a stream.
//!
//! [`Reader::open`] finds format and compression (gzip, zstd) by content; [`Writer::create`] takes them from the ending. A record that is broken is an
//! `Err` with its number, line and reason; the records behind it are read all the same.
//!
//! ```
//! use matter::files::{Reader, Writer};
//! # let folder = tempfile::tempdir().unwrap();
//! # let (from, to) = (folder.path().join("a.xyz"), folder.path().join("b.xyz.gz"));
//! # std::fs::write(&from, "1\n\nHe 0 0 0\n1\n\nHe 0 0 here\n1\n\nNe 0 0 0\n").unwrap();
//! let mut writer = Writer::create(&to)?;
//! for record in Reader::open(&from)? {
//!     match record {
//!         Ok(record) => writer.write(&record)?,
//!         Err(broken) => eprintln!("left out: {broken}"),
//!     }
//! }
//! assert_eq!(writer.finish()?, 2);
//! # Ok::<(), matter::files::Error>(())
//! ```
//!
//! What each format keeps: `docs/molecules.md`.

mod error;
mod format;
mod lines;
mod parquet;
mod reader;
mod record;
mod sdf;
#[cfg(test)]
mod tests;
mod writer;
mod xyz;

pub use error::{Error, RecordError, Skipped};
pub use format::Format;
pub use reader::{Progress, Reader, read_all};
pub use record::{AtomColumn, AtomValues, Record};
pub use writer::Writer;
