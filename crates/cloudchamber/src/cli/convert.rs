//! `chamber convert`: event records and tables into one another.

use std::io::Write;
use std::path::PathBuf;

use crate::Error;
use crate::convert::{Options, convert};

pub(super) const ABOUT: &str = "Converts between event records, tables of numbers and files of jets.

IN is recognised by its content: LHE, HepMC3, HepMC2 (plain, gzip, zstd), ROOT, Parquet, HDF5, npz, CSV, or JetNet's HDF5. The ending of \
OUT names what is written: .lhe, .hepmc3, .hepmc, .hepmc2, each with .gz or .zst behind it if wanted; .root, .parquet, .hdf5, .h5, .npz, .csv, \
.csv.gz.

An event becomes a row: event_number, weight (and one column for each named weight), scale, process_id, ..., and lists particle_pdg, \
particle_status, particle_px, ... of all its particles. A row becomes an event: its particles are columns like these, or Jet_pt, Jet_eta, \
Jet_phi, Jet_mass with one number or a list in each row (GeV), or mu1_pt, mu1_eta, mu1_phi, mu2_pt, ...; they come out of one vertex \
where beams meet. A JetNet jet becomes an event of its own.

Memory does not grow with the file. OUT appears when it is complete. If IN breaks off, its complete events are kept in OUT with .partial \
before its ending, and the exit status is 1.";

const EXAMPLES: &str = "Examples:
  chamber convert events.lhe.gz events.hepmc3             for Rivet, Delphes, ...
  chamber convert events.hepmc3.gz events.parquet         for pandas, awkward, polars
  chamber convert events.hepmc3 final.root --final        final particles only
  chamber convert events.hepmc3 weights.csv --columns event_number,weight,scale
  chamber convert zjets.root zjets.hepmc3 --beams 6500,6500
  chamber convert nano.root muons.hepmc3 --table Events --objects Muon,Jet --limit 1000
  chamber convert table.csv table.lhe --pdg Z=23          Z_pt, Z_eta, Z_phi, Z_mass are a Z
  chamber convert delphes.root some.hdf5 --columns weight,met
  chamber convert t.hdf5 t.hepmc3                         jets in JetNet's layout";

/// Arguments of `chamber convert`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// The file to read
    #[arg(value_name = "IN")]
    pub from: PathBuf,
    /// The file to write
    #[arg(value_name = "OUT")]
    pub to: PathBuf,
    /// Only the first N events or rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// The tree (ROOT) or group (HDF5) to read, where IN has several
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// Only these columns, in this order
    #[arg(long, value_name = "A,B,...", value_delimiter = ',')]
    pub columns: Option<Vec<String>>,
    /// Only final particles (status 1), without vertices
    #[arg(long = "final")]
    pub final_only: bool,
    /// Columns that are particles, by what their names share: Jet for Jet_pt, Jet_eta, ... [default: all that are known]
    #[arg(long, value_name = "A,B,...", value_delimiter = ',')]
    pub objects: Option<Vec<String>>,
    /// PDG id of the particles of such columns, also several times
    #[arg(long, value_name = "NAME=ID", value_delimiter = ',', value_parser = pdg, allow_hyphen_values = true)]
    pub pdg: Vec<(String, i32)>,
    /// Energies of the proton beams in GeV [default: those that IN states, else 6500,6500]
    #[arg(long, value_name = "E1,E2", value_parser = beams)]
    pub beams: Option<Beams>,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Replace OUT if it exists
    #[arg(long)]
    pub force: bool,
}

/// Two energies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beams(pub [f64; 2]);

fn pdg(text: &str) -> Result<(String, i32), String> {
    let (name, id) = text.split_once('=').ok_or("expected NAME=ID, such as jet=21")?;
    let id: i32 = id.trim().parse().map_err(|_| format!("'{id}' is no PDG id, a whole number"))?;
    if id == 0 {
        return Err("0 is the PDG id of no particle".into());
    }
    Ok((name.trim().to_string(), id))
}

fn beams(text: &str) -> Result<Beams, String> {
    let energy = |part: &str| part.trim().parse().ok().filter(|e: &f64| e.is_finite() && *e > 0.0);
    let parts: Option<Vec<f64>> = text.split(',').map(energy).collect();
    match parts.as_deref() {
        Some([a, b]) => Ok(Beams([*a, *b])),
        _ => Err("expected two energies in GeV, such as 6500,6500".into()),
    }
}

/// Converts, and says what came out.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    let options = Options {
        limit: args.limit,
        table: args.table.clone(),
        columns: args.columns.clone(),
        final_only: args.final_only,
        objects: args.objects.clone(),
        pdg: args.pdg.clone(),
        beams: args.beams.map(|b| b.0),
        force: args.force,
        quiet,
    };
    let report = convert(&args.from, &args.to, &options)?;
    if !quiet {
        let left_out = report.skipped.iter().map(|(name, kind)| format!("left out: {name} ({kind})"));
        for line in left_out.chain(report.notes.iter().map(|note| format!("note: {note}"))) {
            // A closed standard error must not end the work.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
    if args.json {
        super::print(&format!("{:#}\n", report.json()))?;
    } else if report.broken.is_none() {
        super::print(&report.text())?;
    }
    match report.broken {
        None => Ok(()),
        Some(b) => Err(Error::Broken { message: b.message, kept: b.kept, count: b.count, unit: b.unit }),
    }
}
