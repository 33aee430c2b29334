//! ROOT files: TTrees, flat and jagged, read and written without ROOT.
//!
//! | module | |
//! |---|---|
//! | `cursor`, `put` | big-endian numbers, strings and object headers, in and out |
//! | `compress` | zlib, LZMA, LZ4, Zstandard and old deflate blocks |
//! | `file`, `container` | header, directories and keys, in and out |
//! | `tree`, `metadata` | a TTree with its branches and leaves, in and out |
//! | `column` | which columns of numbers the branches are |
//! | `basket` | some entries of a branch |
//! | `read`, `write` | rows |
//! | `streamers` | the list of classes that a file carries |
//!
//! RNTuples are recognised and refused.

mod basket;
mod column;
mod compress;
mod container;
mod cursor;
mod file;
mod metadata;
mod put;
mod read;
mod streamers;
mod tree;
mod write;

pub(crate) use read::{open, tables};
pub(crate) use write::create;
