//! `chamber evaluate` and `chamber report` for files of molecules.

use std::path::Path;

use matter::Molecule;
use matter::bonds::BondTable;
use matter::files::{self, Format, Reader};

use super::evaluate::{Args, Inputs};
use super::event_source::model_of;
use super::report;
use crate::model_domain::ModelDomain;
use crate::molecules::MoleculeModel;
use crate::molecules::generate::{MoleculeGenerator, MoleculeOptions, MoleculeStats, generate};
use crate::molecules::judge::{Judgement, judge, text};
use crate::molecules::page::MoleculePage;
use crate::molecules::picture::{sheet, strip};
use crate::progress::Progress;
use crate::{Error, atomic, interrupt};

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

/// The generator of molecules that a path or a name means, if it means one.
pub fn model_at(path: &Path) -> Result<Option<MoleculeModel>, Error> {
    model_of(path, ModelDomain::Molecules)?.map(|file| MoleculeModel::load(&file)).transpose()
}

/// Judges molecules of a file, or of a model that is sampled first, and writes the page.
///
/// # Errors
/// Those of reading, sampling and judging.
pub fn report(args: &report::Args, model: Option<&MoleculeModel>, quiet: bool) -> Result<(), Error> {
    check(&args.inputs)?;
    let (generated, real) = (&args.inputs.generated, &args.inputs.real);
    let mut page = MoleculePage {
        title: format!("Generated molecules: {}", generated.display()),
        footer: format!("chamber {}, {}", env!("CARGO_PKG_VERSION"), report::today()),
        ..MoleculePage::default()
    };
    let mut protocol = Vec::new();
    let mut say = |name: &str, value: String| protocol.push((name.to_string(), value));
    let molecules = match model {
        None => {
            say("generated", generated.display().to_string());
            read(generated, quiet)?
        }
        Some(model) => {
            let (molecules, stats) = sampled(model, args.n, args.seed, quiet)?;
            say("model", format!("{}, {} parameters", model.meta.name, model.parameters()));
            if let Some(found) = model.meta.autoencoder.as_ref().and_then(|meta| meta.reconstruction.as_ref()) {
                say("autoencoder", found.text());
            }
            say("seed", args.seed.to_string());
            say("network evaluations", format!("{} per molecule", stats.evaluations));
            say("cost", super::sample::cost(stats.molecules, "molecules", stats.seconds));
            say("failed", stats.failed.len().to_string());
            let options = MoleculeOptions { n: args.n, seed: args.seed, ..MoleculeOptions::default() };
            page.strip = strip(&MoleculeGenerator::new(model, &options)?, 0).unwrap_or_default();
            molecules
        }
    };
    say("real", real.display().to_string());
    page.protocol = protocol;
    page.molecules = sheet(&molecules);
    let judged = judge(&molecules, &read(real, quiet)?, BondTable::edm())?;
    atomic::write(&args.out, page.html(&judged).as_bytes())?;
    super::print(&format!("{}\n", args.out.display()))
}

/// Molecules `0 .. n` of a seed, in memory.
fn sampled(model: &MoleculeModel, n: u64, seed: u64, quiet: bool) -> Result<(Vec<Molecule>, MoleculeStats), Error> {
    let options = MoleculeOptions { n, seed, ..MoleculeOptions::default() };
    let mut progress = Progress::new(&model.meta.name, "molecules", quiet);
    let mut molecules = Vec::new();
    let mut keep = |_: u64, some: &[Option<Molecule>]| {
        interrupt::check()?;
        molecules.extend(some.iter().flatten().cloned());
        Ok(())
    };
    let stats = generate(model, &options, &mut keep, &mut |done, total| progress.update(done, total, ""))?;
    progress.finish(&super::sample::cost(stats.molecules, "molecules", stats.seconds));
    Ok((molecules, stats))
}
