//! `chamber convert` as a person meets it: what goes in comes out again, and what is broken is said and kept in part.

mod breach;
mod desk;
mod mistakes;
mod objects;
mod records;
mod tables;
