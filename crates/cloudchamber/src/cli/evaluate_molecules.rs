//! `chamber evaluate` and `chamber report` for files of molecules.

use std::path::Path;

use matter::Molecule;
use matter::bonds::BondTable;
use matter::files::{self, Format, Reader};

use super::evaluate::{Args, Inputs};
use crate::Error;
use crate::molecules::judge::{Judgement, judge, text};

/// Whether a file holds molecules, by its content; also if it is a damaged one in a format that nothing else has.
pub fn is_molecules(path: &Path) -> bool {
    let named = || Format::from_path(path).is_ok_and(|(format, _)| format != Format::Parquet);
    path.is_file() && (Reader::open(path).is_ok() || named())
}

/// The molecules of a file; records that had to be left out are told.
///
/// # Errors
/// Those of opening it; [`Error::Content`] if no record can be read.
pub fn read(path: &Path, quiet: bool) -> Result<Vec<Molecule>, Error> {
    let (records, skipped) = files::read_all(path)?;
    if skipped.count > 0 && !quiet {
        eprintln!("{}: {skipped}", path.display());
    }
    let molecules: Vec<Molecule> = records.into_iter().map(|r| r.molecule).filter(|m| !m.is_empty()).collect();
    if molecules.is_empty() {
        return Err(Error::Content {
            path: path.to_path_buf(),
            found: skipped.first.first().map_or_else(|| "no molecules".into(), ToString::to_string),
            expected: "at least one molecule in XYZ, SDF or Parquet".into(),
        });
    }
    Ok(molecules)
}

/// Refuses what only jets and events have.
fn check(inputs: &Inputs) -> Result<(), Error> {
    let given = [
        ("--class", inputs.class.is_some()),
        ("--floor", inputs.floor.is_some()),
        ("--jet-pt", inputs.cuts.jet_pt.is_some()),
        ("--separation", inputs.cuts.separation.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Error::argument(name, "a value", "no such option for molecules")),
        None => Ok(()),
    }
}

/// Judges the generated molecules of the inputs by the real ones.
///
/// # Errors
/// Those of reading and judging, and options that molecules do not have.
pub fn judged(inputs: &Inputs, quiet: bool) -> Result<Judgement, Error> {
    check(inputs)?;
    judge(&read(&inputs.generated, quiet)?, &read(&inputs.real, quiet)?, BondTable::edm())
}

/// Reads, judges, prints.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    if let Some(out) = &args.reweight {
        return Err(Error::argument("--reweight", out.display(), "tables of events (Z plus jets), not molecules"));
    }
    let judgement = judged(&args.inputs, quiet)?;
    if args.json {
        let text = serde_json::to_string_pretty(&judgement).unwrap_or_default();
        return super::print(&format!("{text}\n"));
    }
    super::print(&text(&judgement))
}
