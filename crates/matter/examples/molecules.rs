//! Copies molecules from one file to another, in any of the formats, and says what they are: `molecules IN [OUT] [--perceive]`.
//!
//! Bonds that OUT needs and IN does not have are found by EDM's rule; with `--perceive` all are.

use std::process::ExitCode;

use matter::bonds::{Stability, components, perceive};
use matter::files::{Error, Format, Reader, Skipped, Writer};
use matter::{BondTable, bonds};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, files): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|a| a.starts_with("--"));
    let always = options.iter().any(|o| *o == "--perceive");
    let result = match files.as_slice() {
        [from] => copy(from, None, always),
        [from, to] => copy(from, Some(to), always),
        _ => {
            eprintln!("usage: molecules IN [OUT.xyz|.sdf|.parquet] [--perceive]");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = result {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn copy(from: &str, to: Option<&String>, always: bool) -> Result<(), Error> {
    let reader = Reader::open(from)?;
    println!("{from}: {}, {}", reader.format(), reader.compression());
    // A name with V3000 in it asks for that version.
    let mut writer = match to {
        Some(to) if to.contains("v3000") => Some(Writer::with_format(to, Format::SdfV3000, Format::from_path(to)?.1)?),
        Some(to) => Some(Writer::create(to)?),
        None => None,
    };
    let (mut skipped, mut refused) = (Skipped::default(), 0u64);
    let (mut molecules, mut connected) = (0u64, 0u64);
    let mut sum = Stability::default();
    let mut stable = 0u64;
    for record in reader {
        let mut record = match record {
            Ok(record) => record,
            Err(broken) => {
                skipped.add(broken);
                continue;
            }
        };
        let molecule = &mut record.molecule;
        let table = BondTable::edm();
        let found = bonds::stability(molecule, table);
        molecules += 1;
        sum.stable_atoms += found.stable_atoms;
        sum.atoms += found.atoms;
        stable += u64::from(found.stable_molecule);
        let bonds = match molecule.bonds.take() {
            Some(bonds) if !always => bonds,
            _ => perceive(molecule, table),
        };
        connected += u64::from(components(molecule.len(), &bonds).connected());
        molecule.bonds = Some(bonds);
        if let Some(writer) = &mut writer
            && let Err(error) = writer.write(&record)
        {
            match error {
                Error::Unwritable { .. } => eprintln!("{error}"),
                other => return Err(other),
            }
            refused += 1;
        }
    }
    let percent = |part: u64, all: u64| 100.0 * part as f64 / all.max(1) as f64;
    println!("{molecules} molecules, {} atoms, {:.2} % connected", sum.atoms, percent(connected, molecules));
    let atoms = percent(sum.stable_atoms as u64, sum.atoms as u64);
    println!(
        "stable by {}: {atoms:.2} % of atoms, {:.2} % of molecules",
        BondTable::edm().name(),
        percent(stable, molecules)
    );
    if skipped.count > 0 {
        println!("{skipped}");
    }
    if let Some(writer) = writer {
        println!("{} written, {refused} refused", writer.finish()?);
    }
    Ok(())
}
