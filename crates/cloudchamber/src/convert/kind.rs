//! What an input holds, by its content, and what an output shall be, by its ending.

use std::path::Path;

use collider::jetnet;
use records::{Compression, Format};
use tables::{TableReader, TableWriter};

use crate::Error;

/// An opened input.
pub enum Input {
    /// Event records.
    Records(Box<records::Reader>),
    /// A table.
    Table(Box<TableReader>),
    /// Jets in JetNet's layout, and the same datasets as a table.
    Jets(Box<jetnet::Reader>, Box<TableReader>),
}

impl Input {
    /// Opens a file of any kind; `table` names a tree or group where there are several.
    ///
    /// # Errors
    /// [`Error::Content`] for a file of no known kind, [`Error::Argument`] if a table must be named, and what is damaged.
    pub fn open(path: &Path, table: Option<&str>) -> Result<Input, Error> {
        let looks_like = match records::Reader::open(path) {
            Ok(reader) => return Ok(Input::Records(Box::new(reader))),
            Err(records::Error::UnknownFormat { looks_like, .. }) => looks_like,
            Err(error) => return Err(error.into()),
        };
        let unknown = || Error::Content {
            path: path.to_path_buf(),
            found: format!("it looks like {looks_like}"),
            expected: "event records (LHE, HepMC3, HepMC2; plain, .gz or .zst) or a table (ROOT, Parquet, HDF5, npz, \
                       CSV)"
                .into(),
        };
        let format = match tables::Format::detect(path) {
            Ok(format) => format,
            Err(tables::Error::UnknownFormat { .. }) => return Err(unknown()),
            Err(error) => return Err(error.into()),
        };
        // Any text could be a table of text; JSON, XML and HepMC of other kinds are none.
        if format == tables::Format::Csv && !looks_like.starts_with("text") {
            return Err(unknown());
        }
        let opened = match table {
            Some(name) => TableReader::open_table(path, name),
            None => TableReader::open(path),
        };
        let reader = opened.map_err(|error| choose(error, table))?;
        let has = |name: &str| reader.schema().position(name).is_some();
        if format == tables::Format::Hdf5 && table.is_none() && has("particle_features") && has("jet_features") {
            return Ok(Input::Jets(Box::new(jetnet::Reader::open(path)?), Box::new(reader)));
        }
        Ok(Input::Table(Box::new(reader)))
    }

    /// The format, for people.
    pub fn format(&self) -> String {
        match self {
            Input::Records(reader) => name(reader.format(), reader.compression()),
            Input::Table(reader) => table_name(reader.format()).to_string(),
            Input::Jets(..) => "JetNet HDF5".to_string(),
        }
    }
}

/// A wrong or missing name of a table is a mistake in the arguments.
fn choose(error: tables::Error, table: Option<&str>) -> Error {
    match (error, table) {
        (tables::Error::Table { path, tables, .. }, Some(name)) if !tables.is_empty() => {
            let place = format!("--table, of {}", path.display());
            Error::unknown("table", name, place, tables.iter().map(String::as_str))
        }
        (tables::Error::Table { path, tables, .. }, None) if !tables.is_empty() => {
            let expected = format!("one of the tables of {}: {}", path.display(), tables.join(", "));
            Error::argument("--table", "none", expected)
        }
        (error, _) => error.into(),
    }
}

/// An input that is of another kind when it is read a second time.
pub(super) fn changed(path: &Path) -> Error {
    Error::Content {
        path: path.to_path_buf(),
        found: "it changed while it was read".into(),
        expected: "a file that stays as it is; it is read twice, because LHE states its processes before the events"
            .into(),
    }
}

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Event records of a format.
    Records(Format),
    /// A table, whose writer knows its endings.
    Table,
}

impl Output {
    /// What the ending of a name asks for; [`Error::Argument`] lists all endings.
    pub fn of(path: &Path) -> Result<Output, Error> {
        if let Ok((format, _)) = Format::from_path(path) {
            return Ok(Output::Records(format));
        }
        if table_ending(path).is_some() {
            return Ok(Output::Table);
        }
        let endings = TableWriter::ENDINGS.map(|e| format!(".{e}")).join(", ");
        let expected = format!(
            "a name that ends in .lhe, .hepmc3, .hepmc or .hepmc2, with .gz or .zst behind it if wanted, or in {endings}"
        );
        Err(Error::argument("OUT", path.display(), expected))
    }

    /// The format, for people.
    pub fn format(&self, path: &Path) -> String {
        match self {
            Output::Records(format) => name(*format, Compression::from_path(path)),
            Output::Table => match table_ending(path) {
                Some("root") => "ROOT",
                Some("parquet") => "Parquet",
                Some("hdf5" | "h5") => "HDF5",
                Some("npz") => "npz",
                _ => "CSV",
            }
            .to_string(),
        }
    }
}

/// The longest ending of a name that is one of a table.
pub(super) fn table_ending(path: &Path) -> Option<&'static str> {
    let file = path.file_name().map_or(String::new(), |n| n.to_string_lossy().to_ascii_lowercase());
    let fits = |ending: &&str| file.strip_suffix(*ending).is_some_and(|stem| stem.ends_with('.'));
    TableWriter::ENDINGS.into_iter().filter(fits).max_by_key(|ending| ending.len())
}

fn name(format: Format, compression: Compression) -> String {
    match compression {
        Compression::None => format.to_string(),
        _ => format!("{format} ({compression})"),
    }
}

fn table_name(format: tables::Format) -> &'static str {
    match format {
        tables::Format::Root => "ROOT",
        tables::Format::Parquet => "Parquet",
        tables::Format::Hdf5 => "HDF5",
        tables::Format::Npz => "npz",
        tables::Format::Csv => "CSV",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_to_write() {
        let of = |name: &str| Output::of(Path::new(name));
        assert_eq!(of("a.b.hepmc3.zst").unwrap(), Output::Records(Format::HepMc3));
        assert_eq!(of("A.LHE").unwrap(), Output::Records(Format::Lhe));
        assert_eq!(of("a.csv.gz").unwrap(), Output::Table);
        assert_eq!(table_ending(Path::new("a.csv.gz")), Some("csv.gz"));
        for wrong in ["a", "a.txt", "root", "a.gz", "a.root.gz"] {
            assert!(matches!(of(wrong), Err(Error::Argument { .. })), "{wrong}");
        }
    }
}
