//! `chamber simulate`: events of Pythia into training files.

use std::path::PathBuf;

use crate::Error;
use crate::progress::{Progress, duration, significant};
use crate::simulate::card::Select;
use crate::simulate::output::{self, Kind};
use crate::simulate::{Card, Options, Summary, driver, simulate};

const ABOUT: &str = "Makes events with a generator, finds jets, selects, and writes a training file.

Pythia 8 runs in child processes of a Python that has the module pythia8mc. A card (TOML) has its commands and says what is written: jets in \
JetNet's layout, or a table of muons and jets, of particles of deep-inelastic scattering, or of pairs of jets. The ending of FILE names the \
format; .hepmc3, .hepmc2 and .lhe (with .gz or .zst) hold all events, without selection. FILE has exactly N jets or events.

Events come in blocks that have their own random seeds. Seed and card alone decide what is in the file, not the number of jobs. A run that is cut short \
leaves what it has as FILE with .partial before its ending.";

const EXAMPLES: &str = "Examples:
  chamber simulate pythia8 jets-t -n 50000 -o t.hdf5
  chamber simulate pythia8 zjets -n 300000 --seed 2 --jobs 4 -o zjets.parquet
  chamber simulate pythia8 jets-t -n 20000 --set select.constituents=150 -o t150.hdf5
  chamber simulate pythia8 my.toml -n 1000 -o events.hepmc3.gz --python pythia/bin/python

Bundled cards: jets-g, jets-q, jets-t, jets-w, jets-z, zjets, eic-dis, dijets, dijets-resonance.
Pythia: python3 -m venv pythia && pythia/bin/pip install pythia8mc
Environment: CHAMBER_PYTHON names the Python, if --python does not.";

/// The generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Generator {
    /// Pythia 8, by the Python module pythia8mc
    Pythia8,
}

/// Arguments of `chamber simulate`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// The generator
    #[arg(value_enum)]
    pub generator: Generator,
    /// The card: name of a bundled one, or a TOML file
    pub card: String,
    /// Number of jets or events in the file
    #[arg(short, long = "number", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub n: u64,
    /// Seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Override a key of the card, for example select.radius=0.8; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    /// Processes of the generator at once; 0 for all cores
    #[arg(short, long, value_name = "J", default_value_t = 0)]
    pub jobs: usize,
    /// Python that has the generator [default: the environment's CHAMBER_PYTHON, else python3]
    #[arg(long, value_name = "PROGRAM")]
    pub python: Option<String>,
    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
    /// Print a summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Output file
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Simulates and says how it went.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    let card = Card::load(&args.card, &args.overrides)?;
    let kind = Kind::of(&args.out);
    output::check(&args.out, kind, matches!(card.select, Select::Jets(_)), args.force)?;
    if let (Kind::Selected, Select::Jets(jets)) = (kind, &card.select) {
        super::sample::check_room(&args.out, args.n, jets.constituents * 16 + 20)?;
    }
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options {
        n: args.n,
        seed: args.seed,
        jobs: if args.jobs == 0 { cores() } else { args.jobs.min(1024) },
        python: driver::python(args.python.as_deref()),
        out: args.out.clone(),
    };
    let unit = if kind == Kind::Selected { card.select.unit() } else { "events" };
    let mut progress = Progress::new(card.source.file_stem().unwrap_or_default().to_string_lossy(), unit, quiet);
    let summary = simulate(&card, &options, &mut |done, total| progress.update(done, total, ""))?;
    let seconds = progress.seconds();
    progress.clear();
    super::print(&if args.json { json(args, &options, &summary, seconds) } else { text(args, unit, &summary, seconds) })
}

/// Milliseconds of processor time per event: Pythia, handing over, reading and selecting.
fn times(summary: &Summary) -> [f64; 3] {
    let s = &summary.statistics;
    [s.pythia_seconds, s.sending_seconds, s.selecting_seconds].map(|t| 1e3 * t / s.events.max(1) as f64)
}

fn text(args: &Args, unit: &str, summary: &Summary, seconds: f64) -> String {
    let s = &summary.statistics;
    let [pythia, sending, selecting] = times(summary).map(significant);
    let mut text = format!(
        "{}: {} {unit} of {} events in {}\nms per event: Pythia {} {pythia}, handing over {sending}, selecting {selecting}\n",
        args.out.display(),
        summary.written,
        s.events,
        duration(seconds),
        summary.version
    );
    if let Some([value, error]) = s.cross_section() {
        text += &format!("cross section {value:.4e} +- {error:.1e} pb\n");
    }
    if s.failures > 0 {
        text += &format!("{} events given up by Pythia\n", s.failures);
    }
    text
}

fn json(args: &Args, options: &Options, summary: &Summary, seconds: f64) -> String {
    let s = &summary.statistics;
    let [pythia, sending, selecting] = times(summary);
    let all = serde_json::json!({
        "file": args.out, "written": summary.written, "selected": summary.selected, "events": s.events, "failures": s.failures,
        "blocks": s.blocks, "seed": args.seed, "jobs": options.jobs, "seconds": seconds, "pythia_version": summary.version,
        "ms_per_event": { "pythia": pythia, "handing_over": sending, "selecting": selecting, "memory_copy": s.fast },
        "cross_section_pb": s.cross_section().map(|[value, _]| value),
        "cross_section_error_pb": s.cross_section().map(|[_, error]| error),
    });
    format!("{all:#}\n")
}
