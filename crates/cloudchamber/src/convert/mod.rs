//! Conversion between event records (LHE, HepMC), tables of numbers (ROOT, Parquet, HDF5, NumPy, CSV) and files of jets.
//!
//! What an input holds is told by its content, what an output shall be by its ending ([`mod@kind`]).
//!
//! | from | to | how |
//! |---|---|---|
//! | records | records | event by event ([`Source`] of a file); LHE needs its processes beforehand ([`processes`]) |
//! | records | table | one row per event ([`columns`], [`flatten`]) |
//! | table | table | columns and attributes in blocks ([`table`]) |
//! | table | records | named columns are particles ([`layout`], [`identity`]), a row is an event ([`rows`]) |
//! | JetNet HDF5 | records | one event per jet ([`jets`]) |
//! | JetNet HDF5 | table | the layouts of `docs/files.md` ([`jets`]) |
//!
//! Memory is constant. An output appears under its name when it is complete; of an input that breaks off, what was complete is
//! kept under another name ([`output`]). `docs/convert.md` says what becomes what.

pub mod blocks;
pub mod columns;
pub mod flatten;
pub mod identity;
pub mod jets;
pub mod kind;
pub mod layout;
pub mod output;
pub mod processes;
pub mod report;
pub mod row_event;
pub mod rows;
pub mod run_text;
pub mod source;
pub mod table;

use std::path::Path;

use records::RunInfo;
use tables::TableReader;

use crate::progress::Progress;
use crate::{Error, atomic};

use kind::{Input, Output};
use output::Outcome;
pub use report::Report;
pub use source::Source;

/// What is wanted, beyond the two names.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// At most this many events or rows; all without it.
    pub limit: Option<u64>,
    /// The tree or group to read, where a file has several.
    pub table: Option<String>,
    /// Columns to write, in this order; all without it.
    pub columns: Option<Vec<String>>,
    /// Only final particles (status 1) become columns.
    pub final_only: bool,
    /// Groups of columns that are particles; without it, those whose identity is known.
    pub objects: Option<Vec<String>>,
    /// PDG ids of groups of columns that do not state them.
    pub pdg: Vec<(String, i32)>,
    /// Energies of the beam protons in GeV, along +z and -z.
    pub beams: Option<[f64; 2]>,
    /// Replace the output if it exists.
    pub force: bool,
    /// No progress.
    pub quiet: bool,
}

/// Converts one file into another.
///
/// An input that breaks off is no error here if something of it could be kept: see [`Report::broken`].
///
/// # Errors
/// [`Error::Argument`] and [`Error::Unknown`] for options that do not fit the files; errors of reading and writing.
pub fn convert(from: &Path, to: &Path, options: &Options) -> Result<Report, Error> {
    let output = Output::of(to)?;
    if to.is_dir() {
        return Err(Error::argument("OUT", to.display(), "the name of a file, not of a directory"));
    }
    atomic::check_writable(to, options.force)?;
    let input = Input::open(from, options.table.as_deref())?;
    check_options(&input, &output, options)?;
    let mut report = Report::new(from, &input, to, &output);
    let outcome = match (input, output) {
        (Input::Records(reader), Output::Records(format)) => {
            let mut source = source::File::new(*reader);
            let processes = if format == records::Format::Lhe && source.run().processes.is_empty() {
                let mut first = source::File::again(from, &source)?;
                processes::find(&mut first, options)?
            } else {
                Vec::new()
            };
            into_records(&mut source, processes, to, options, &mut report)?
        }
        (Input::Records(reader), Output::Table) => {
            flatten::into_table(&mut source::File::new(*reader), to, options, &mut report)?
        }
        (Input::Table(reader), Output::Table) => table::into_table(*reader, to, options, &mut report)?,
        (Input::Table(reader), Output::Records(format)) => from_rows(*reader, from, format, to, options, &mut report)?,
        (Input::Jets(reader, _), Output::Records(_)) => {
            let mut source = jets::JetEvents::new(*reader, options)?;
            report.notes.push(source.remark());
            let outcome = into_records(&mut source, Vec::new(), to, options, &mut report)?;
            report.notes.extend(source.left_out());
            outcome
        }
        (Input::Jets(_, reader), Output::Table) if options.columns.is_some() || options.table.is_some() => {
            table::into_table(*reader, to, options, &mut report)?
        }
        (Input::Jets(reader, _), Output::Table) => jets::into_table(&reader, to, options, &mut report)?,
    };
    report.broken = match outcome {
        Outcome::Complete => None,
        Outcome::Broken(broken) => Some(broken),
    };
    report.seconds = report.start.elapsed().as_secs_f64();
    Ok(report)
}

fn from_rows(
    reader: TableReader,
    from: &Path,
    format: records::Format,
    to: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<Outcome, Error> {
    let table = options.table.clone();
    let mut source = rows::Rows::new(reader, options)?;
    report.notes.extend(source.notes());
    let mut processes = Vec::new();
    if format == records::Format::Lhe && source.run().processes.is_empty() && source.has_processes() {
        let Input::Table(again) = Input::open(from, table.as_deref())? else {
            return Err(kind::changed(from));
        };
        processes = processes::find(&mut rows::Rows::new(*again, options)?, options)?;
    }
    let outcome = into_records(&mut source, processes, to, options, report)?;
    report.notes.extend(source.remark());
    Ok(outcome)
}

/// Writes the events of a source as event records.
fn into_records(
    source: &mut dyn Source,
    processes: Vec<records::Process>,
    to: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<Outcome, Error> {
    let mut run: RunInfo = source.run().clone();
    if run.processes.is_empty() {
        run.processes = processes;
    }
    let mut writer = records::Writer::create(to, &run)?;
    let mut progress = Progress::new("convert", source.unit(), options.quiet);
    let broken = source::pump(source, options.limit, &mut progress, |event| Ok(writer.write(event)?))?;
    report.summary = Some(writer.summary());
    let outcome = output::finish(to, broken, options.force, writer.summary().events, "events", |path| {
        Ok(writer.finish_as(path).map(drop)?)
    })?;
    progress.clear();
    Ok(outcome)
}

/// Refuses options that would have no effect, before anything is read.
fn check_options(input: &Input, output: &Output, options: &Options) -> Result<(), Error> {
    let records_in = matches!(input, Input::Records(_));
    let records_out = matches!(output, Output::Records(_));
    let particles = !records_in && records_out;
    let checks = [
        ("--table", options.table.is_some() && records_in, "a table as IN"),
        ("--columns", options.columns.is_some() && records_out, "a table as OUT"),
        ("--final", options.final_only && (records_out || !records_in), "event records as IN and a table as OUT"),
        ("--objects", options.objects.is_some() && !particles, "a table as IN and event records as OUT"),
        ("--pdg", !options.pdg.is_empty() && !particles, "a table as IN and event records as OUT"),
        ("--beams", options.beams.is_some() && !particles, "a table as IN and event records as OUT"),
    ];
    match checks.into_iter().find(|(_, wrong, _)| *wrong) {
        Some((option, _, expected)) => {
            let words = |records| if records { "event records" } else { "a table" };
            let found = format!("{} as IN and {} as OUT", words(records_in), words(records_out));
            Err(Error::argument(option, found, expected))
        }
        None => Ok(()),
    }
}
