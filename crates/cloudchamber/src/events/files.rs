//! Events from and to tables: one row per event.
//!
//! | columns | |
//! |---|---|
//! | `mu1_pt`, `mu1_eta`, `mu1_phi`, and the same of `mu2` | the negative and the positive muon; GeV, azimuths in radians |
//! | `j1_pt`, `j1_eta`, `j1_phi`, `j1_mass`, and the same of `j2`, `j3` as far as there are | jets in decreasing pT |
//! | or `jet_pt`, `jet_eta`, `jet_phi`, `jet_mass`, jagged | the same |
//! | `weight` | weights of events; 1 if absent |
//! | `draw` | which draw of a Bayesian network's weights made the event; 0 if absent |
//!
//! With flat columns, a pT of 0 or NaN says that there is no such jet. Further columns are ignored.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use collider::zjets::{Event, MUON_MASS, Object};
use tables::{Block, Column, Data, Element, Schema, TableReader, TableWriter};

use crate::Error;

/// Rows read or written at a time.
const BLOCK: usize = 16_384;
const PARTS: [&str; 4] = ["pt", "eta", "phi", "mass"];

/// Whether a file, or the first one of a directory, is a table of events; also if it is a damaged one in a format that jets never have.
pub fn is_events(path: &Path) -> bool {
    let file = if path.is_dir() { tables_of(path).ok().and_then(|files| files.into_iter().next()) } else { None };
    let file = file.as_deref().unwrap_or(path);
    match TableReader::open(file) {
        Ok(reader) => reader.schema().position("mu1_pt").is_some(),
        Err(_) => file.is_file() && file.extension().is_some_and(|e| e == "parquet" || e == "root" || e == "csv"),
    }
}

/// Files of a directory that may be tables, in the order of their names.
fn tables_of(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let known = |path: &PathBuf| {
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let endings = [".root", ".parquet", ".hdf5", ".h5", ".npz", ".csv", ".csv.gz"];
        !name.starts_with('.') && endings.iter().any(|ending| name.ends_with(ending))
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).filter(known).collect();
    files.sort();
    Ok(files)
}

/// Reads the events of a table, or of all tables of a directory.
pub fn read_all(path: &Path) -> Result<Vec<Event>, Error> {
    let files = if path.is_dir() { tables_of(path)? } else { vec![path.to_path_buf()] };
    let mut events = Vec::new();
    for file in files {
        events.extend(read(&file, None)?);
    }
    Ok(events)
}

/// Reads the events of a table, at most `limit`.
///
/// # Errors
/// Those of [`tables`], [`Error::Content`] for a table without the columns, or without rows.
pub fn read(path: &Path, limit: Option<usize>) -> Result<Vec<Event>, Error> {
    let reader = TableReader::open(path)?;
    let names: Vec<String> = reader.schema().names().into_iter().map(String::from).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let of = |object: &str, parts: &[&str]| -> Vec<String> { parts.iter().map(|p| format!("{object}_{p}")).collect() };
    let jagged = has("jet_pt");
    let flat = (1..=3).take_while(|k| has(&format!("j{k}_pt"))).count();
    if !jagged && flat == 0 {
        return Err(Error::Content {
            path: path.to_path_buf(),
            found: format!("the columns {}", names.join(", ")),
            expected: "a table of events: mu1_pt, mu1_eta, mu1_phi, mu2_..., and j1_pt, j1_eta, j1_phi, j1_mass, ... or jet_pt, ...".into(),
        });
    }
    let mut columns = [of("mu1", &PARTS[..3]), of("mu2", &PARTS[..3])].concat();
    if jagged {
        columns.extend(of("jet", &PARTS));
    } else {
        (1..=flat).for_each(|k| columns.extend(of(&format!("j{k}"), &PARTS)));
    }
    let mut optional = |name: &str| {
        has(name).then(|| {
            columns.push(name.to_string());
            columns.len() - 1
        })
    };
    let (weight, draw) = (optional("weight"), optional("draw"));
    let mut reader = reader.select(&columns)?;
    let mut events = Vec::new();
    while let Some(block) = reader.next_block(BLOCK)? {
        let numbers: Vec<Vec<f64>> = columns.iter().map(|name| block.numbers(name)).collect::<Result<_, _>>()?;
        for row in 0..block.rows() {
            let muon = |first: usize| Object {
                pt: numbers[first][row],
                eta: numbers[first + 1][row],
                phi: numbers[first + 2][row],
                mass: MUON_MASS,
            };
            let mut jets = Vec::with_capacity(3);
            let mut push = |first: usize, place: usize| {
                let [pt, eta, phi, mass] = [0, 1, 2, 3].map(|k| numbers[first + k][place]);
                if pt > 0.0 {
                    jets.push(Object { pt, eta, phi, mass });
                }
            };
            if jagged {
                block.place(6, row).for_each(|place| push(6, place));
            } else {
                (0..flat).for_each(|k| push(6 + 4 * k, row));
            }
            let weight = weight.map_or(1.0, |column| numbers[column][row]);
            let draw = draw.map_or(0, |column| numbers[column][row] as u32);
            events.push(Event { muons: [muon(0), muon(3)], jets, weight, draw });
            if limit == Some(events.len()) {
                return Ok(events);
            }
        }
    }
    if events.is_empty() {
        return Err(Error::Content {
            path: path.to_path_buf(),
            found: "no events".into(),
            expected: "at least one".into(),
        });
    }
    Ok(events)
}

/// Events being written into a table with jagged jets.
pub struct EventWriter {
    table: TableWriter,
    schema: Arc<Schema>,
    flat: bool,
}

impl EventWriter {
    /// Starts a file in the format of its ending; formats without lists get flat columns for three jets.
    pub fn create(path: &Path, attributes: &[(String, String)]) -> Result<EventWriter, Error> {
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let flat = name.ends_with(".csv") || name.ends_with(".csv.gz");
        let scalar = |name: String| Column::scalar(name, Element::F32);
        let mut columns: Vec<Column> = ["mu1", "mu2"]
            .iter()
            .flat_map(|m| PARTS[..3].iter().map(move |p| format!("{m}_{p}")))
            .map(scalar)
            .collect();
        if flat {
            columns.extend((1..=3).flat_map(|k| PARTS.iter().map(move |p| format!("j{k}_{p}"))).map(scalar));
        } else {
            columns.extend(PARTS.iter().map(|p| Column::jagged(format!("jet_{p}"), Element::F32)));
        }
        columns.push(scalar("weight".into()));
        columns.push(Column::scalar("draw", Element::I32));
        let schema = Schema::new(columns)?;
        let table = TableWriter::create(path, schema.clone(), attributes)?;
        Ok(EventWriter { table, schema: Arc::new(schema), flat })
    }

    /// Appends events.
    pub fn write(&mut self, events: &[Event]) -> Result<(), Error> {
        let column =
            |value: &dyn Fn(&Event) -> f64| Data::flat(events.iter().map(|e| value(e) as f32).collect::<Vec<_>>());
        let part = |object: &Object, p: usize| [object.pt, object.eta, object.phi, object.mass][p];
        let mut data = Vec::new();
        for muon in 0..2 {
            data.extend((0..3).map(|p| column(&|event| part(&event.muons[muon], p))));
        }
        if self.flat {
            for k in 0..3 {
                data.extend((0..4).map(|p| column(&|event| event.jets.get(k).map_or(0.0, |jet| part(jet, p)))));
            }
        } else {
            for p in 0..4 {
                let rows: Vec<Vec<f32>> =
                    events.iter().map(|e| e.jets.iter().map(|jet| part(jet, p) as f32).collect()).collect();
                data.push(Data::jagged(&rows));
            }
        }
        data.push(column(&|event| event.weight));
        data.push(Data::flat(events.iter().map(|event| event.draw as i32).collect::<Vec<_>>()));
        let block = Block::new(self.schema.clone(), events.len(), data)?;
        Ok(self.table.write(&block)?)
    }

    /// Completes the file and gives it its name.
    pub fn finish(self) -> Result<(), Error> {
        Ok(self.table.finish()?)
    }
}
