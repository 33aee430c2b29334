//! `chamber sample` with a generator of molecules.

use matter::Molecule;
use matter::bonds::{BondTable, perceive};
use matter::files::{Format, Record, Writer};

use super::sample::{Args, MOLECULE, lost};
use crate::device::DeviceName;
use crate::molecules::MoleculeModel;
use crate::molecules::generate::{MoleculeOptions, generate};
use crate::progress::Progress;
use crate::{Error, interrupt};

/// Generates molecules into the file and says how fast.
pub fn run(args: &Args, model: &MoleculeModel, quiet: bool) -> Result<(), Error> {
    let refuse = |argument: &str, given: bool, expected: &str| {
        if given { Err(Error::argument(argument, "a value", format!("no such option: {expected}"))) } else { Ok(()) }
    };
    refuse("--class", args.class.is_some(), "this model makes molecules; --atoms chooses their number of atoms")?;
    refuse("--jets", args.jets.is_some(), "this model makes molecules; --atoms chooses their number of atoms")?;
    refuse("--device", args.device != DeviceName::Cpu, "generators of molecules run on the CPU")?;
    refuse("--draws", args.draws.is_some(), "this model's network is not Bayesian")?;
    let largest = model.meta.encoding.largest();
    if let Some(atoms) = args.atoms.filter(|&atoms| atoms as usize > largest) {
        eprintln!("warning: --atoms {atoms}: the largest molecule that this model has seen has {largest} atoms");
    }
    for (name, value) in &args.properties {
        let property = model.meta.encoding.properties.iter().find(|p| p.name == *name);
        if let Some([low, high]) = property.map(|p| p.range).filter(|[low, high]| value < low || value > high) {
            eprintln!("warning: --property {name}={value}: the model has seen {low} to {high}");
        }
    }
    Format::from_path(&args.out)?;
    let options = MoleculeOptions {
        n: args.n,
        first: args.first,
        seed: args.seed,
        atoms: args.atoms.map(|atoms| atoms as usize),
        sampler: args.sampler.as_deref().map(str::parse).transpose()?,
        steps: args.steps.map(|steps| steps as usize),
        path: args.path.as_deref().map(str::parse).transpose()?,
        properties: args.properties.clone(),
        guidance: args.guidance,
    };
    super::sample::check_room(&args.out, options.n, MOLECULE)?;
    let mut writer = Writer::create(&args.out)?;
    let mut progress = Progress::new("molecules", "molecules", quiet);
    let mut write = |first: u64, molecules: &[Option<Molecule>]| {
        interrupt::check()?;
        for (number, molecule) in (first..).zip(molecules) {
            let Some(molecule) = molecule else { continue };
            // By their distances, as they are judged.
            let bonds = Some(perceive(molecule, BondTable::edm()));
            let name = format!("{} {}:{number}", model.meta.name, options.seed);
            let molecule = Molecule { name, bonds, ..molecule.clone() };
            writer.write(&Record::from(molecule))?;
        }
        Ok(())
    };
    let stats = generate(model, &options, &mut write, &mut |done, total| progress.update(done, total, ""))?;
    interrupt::check()?;
    super::sample::check_made(stats.molecules, options.n)?;
    writer.finish()?;
    let cost = super::sample::cost(stats.molecules, "molecules", stats.seconds);
    progress.finish(&format!("{}: {cost}", progress.label()));
    let failed: Vec<String> = stats.failed.iter().map(u64::to_string).collect();
    super::print(&format!(
        "{}: {cost}, {} network evaluations per molecule{}\n",
        args.out.display(),
        stats.evaluations,
        lost("numbers ", &failed)
    ))
}
