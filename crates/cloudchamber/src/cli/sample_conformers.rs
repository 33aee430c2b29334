//! `chamber sample` with a generator of conformers.

use std::path::Path;

use matter::Symmetries;
use matter::files::{Format, Record, Writer};

use super::sample::{Args, LISTED, MOLECULE, lost, shortened};
use crate::conformers::distinct::Drawn;
use crate::conformers::generate::{ConformerGenerator, ConformerOptions};
use crate::conformers::{ConformerModel, Ensemble};
use crate::device::DeviceName;
use crate::progress::Progress;
use crate::{Error, interrupt};

/// The molecules asked for, and why others were left out.
///
/// # Errors
/// Those of reading; [`Error::Argument`] for neither or both of the two ways to name molecules.
fn molecules(smiles: &[String], file: Option<&Path>) -> Result<(Vec<Ensemble>, Vec<String>), Error> {
    match (smiles, file) {
        ([], None) => Err(Error::argument(
            "--smiles",
            "nothing",
            "this model makes conformers of molecules: --smiles, or --sdf FILE",
        )),
        ([], Some(file)) => Ensemble::read_any(file),
        // One by one, so that a broken one costs only itself; alone it is an error.
        ([one], None) => Ok((vec![Ensemble::of_smiles(one)?], vec![])),
        (several, None) => {
            let (mut read, mut skipped) = (vec![], vec![]);
            for smiles in several {
                match Ensemble::of_smiles(smiles) {
                    Ok(molecule) => read.push(molecule),
                    Err(why) => skipped.push(why.to_string()),
                }
            }
            Ok((read, skipped))
        }
        (_, Some(file)) => Err(Error::argument("--sdf", file.display(), "either --smiles or --sdf")),
    }
}

/// Generates conformers of each molecule into the file and says how fast.
pub fn run(args: &Args, model: &ConformerModel, quiet: bool) -> Result<(), Error> {
    let refused = [
        ("--class", args.class.is_some()),
        ("--jets", args.jets.is_some()),
        ("--draws", args.draws.is_some()),
        ("--atoms", args.atoms.is_some()),
        ("--property", !args.properties.is_empty()),
        ("--guidance", args.guidance.is_some()),
        ("--device", args.device != DeviceName::Cpu),
    ];
    if let Some((option, _)) = refused.into_iter().find(|(_, given)| *given) {
        return Err(Error::argument(option, "a value", "no such option: this model makes conformers, on the CPU"));
    }
    Format::from_path(&args.out)?;
    let (molecules, skipped) = molecules(&args.smiles, args.sdf.as_deref())?;
    if !skipped.is_empty() {
        eprintln!("warning: molecules left out: {}", skipped.len());
        skipped.iter().take(LISTED).for_each(|why| eprintln!("  {why}"));
    }
    let options = ConformerOptions {
        seed: args.seed,
        sampler: args.sampler.as_deref().map(str::parse).transpose()?,
        steps: args.steps.map(|steps| steps as usize),
        path: args.path.as_deref().map(str::parse).transpose()?,
    };
    let generator = ConformerGenerator::new(model, &options)?;
    let total = args.n * molecules.len() as u64;
    super::sample::check_room(&args.out, total, MOLECULE)?;
    let mut writer = Writer::create(&args.out)?;
    let mut progress = Progress::new("conformers", "conformers", quiet);
    let (started, mut made, mut draws, mut failed, mut few) = (std::time::Instant::now(), 0, 0, vec![], vec![]);
    for (which, molecule) in (0..).zip(&molecules) {
        interrupt::check()?;
        let symmetries = match args.distinct.map(|_| Symmetries::of(&molecule.graph)).transpose() {
            Ok(symmetries) => symmetries,
            Err(why) => {
                eprintln!("warning: {}: left out, its conformers cannot be compared: {why}", molecule.name);
                continue;
            }
        };
        let apart = symmetries.as_ref().zip(args.distinct);
        let drawn = Drawn::of(&generator, (molecule, which), (args.first, args.n), apart)?;
        draws += drawn.draws;
        failed.extend(drawn.lost.iter().map(|number| format!("{} {number}", molecule.name)));
        if args.distinct.is_some() && (drawn.kept.len() as u64) < args.n {
            few.push(format!("{} ({})", molecule.name, drawn.kept.len()));
        }
        for (number, positions) in drawn.kept {
            let mut record = Record::from(molecule.placed(positions));
            record.set_field("conformer", number.to_string());
            writer.write(&record)?;
            made += 1;
        }
        progress.update((which + 1) * args.n, total, "");
    }
    super::sample::check_made(made, total)?;
    writer.finish()?;
    let cost = super::sample::cost(made, "conformers", started.elapsed().as_secs_f64());
    progress.finish(&format!("conformers: {cost}"));
    let drawn = args.distinct.map_or_else(String::new, |apart| {
        let few = match few.len() {
            0 => String::new(),
            count => format!(", fewer than asked for of {count} molecules: {}", shortened(&few)),
        };
        format!(", {draws} drawn for them to differ by {apart} A{few}")
    });
    super::print(&format!(
        "{}: {cost} of {} molecules, {} network evaluations per conformer{drawn}{}\n",
        args.out.display(),
        molecules.len(),
        generator.evaluations(),
        lost("", &failed)
    ))
}
