//! `chamber compare`: several generators of events on one page.

use std::path::{Path, PathBuf};

use super::evaluate::EventCuts;
use super::evaluate_events::{Judge, footer, read, sampled};
use crate::events::files;
use crate::events::page::{self, Cost, EventPage, Judged};
use crate::{Error, atomic, device, home};

pub(super) const ABOUT: &str = "Compares generators of events (Z plus jets) with true events, and with each other, on one self-contained HTML page: a table of quality \
and cost with the best values in bold, every observable with all generators and their ratios to the truth, the weights of a classifier for each, and where \
in phase space these are extreme.

GENERATOR is a table of events or a directory of tables, or a run directory with the file events.parquet that `chamber sample` wrote there; NAME= before it \
names it on the page. Training time and parameters are read from a run's model, evaluations and events per second from the table; a dash stands for what they do \
not say.";

const EXAMPLES: &str = "Examples:
  chamber compare runs/edm runs/flow-matching --real test-events/ --floor training-events/
  chamber compare EDM=edm.parquet 'Flow matching=fm.parquet' --real test-events/ -o two.html
  chamber compare runs/* --real test-events/ --floor training-events/ --json > compare.json";

/// Arguments of `chamber compare`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// Tables of events or sampled runs
    #[arg(value_name = "[NAME=]GENERATOR", required = true)]
    pub generators: Vec<String>,
    /// True events: a table or a directory of tables
    #[arg(long, value_name = "FILE")]
    pub real: PathBuf,
    /// Further true events, disjoint from --real, for the floor
    #[arg(long, value_name = "FILE")]
    pub floor: Option<PathBuf>,
    /// What events were to fulfil
    #[command(flatten)]
    pub cuts: EventCuts,
    /// Classifiers of fewer events, for a first look
    #[arg(long)]
    pub quick: bool,
    /// The page to write
    #[arg(short, long, value_name = "FILE", default_value = "compare.html")]
    pub out: PathBuf,
    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
}

/// A generator as the command line names it.
struct Named {
    name: String,
    table: PathBuf,
    model: Option<PathBuf>,
}

/// Judges all generators, writes the page, prints.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    device::limit_threads(args.threads)?;
    atomic::check_writable(&args.out, args.force)?;
    let settings = args.cuts.settings(args.quick)?;
    if args.real.exists() && !files::is_events(&args.real) {
        return Err(Error::argument("--real", args.real.display(), "a table of events, or a directory of such tables"));
    }
    let generators: Vec<Named> = args.generators.iter().map(|text| named(text)).collect::<Result<_, _>>()?;
    for (i, one) in generators.iter().enumerate() {
        if generators[..i].iter().any(|other| other.name == one.name) {
            return Err(Error::argument("GENERATOR", format!("'{}' twice", one.name), "different names, NAME=FILE"));
        }
    }
    // What cannot be read is refused before anything is judged.
    let file = |path: &'_ Path| path.is_file().then(|| path.to_path_buf());
    let costs: Vec<Cost> = generators
        .iter()
        .map(|one| Cost::of(one.model.as_deref(), file(&one.table).as_deref()))
        .collect::<Result<_, _>>()?;
    let samples = generators.len() + usize::from(args.floor.is_some());
    let mut judge = Judge::new("compare", &args.real, settings, samples, quiet)?;
    let floor = judge.floor(args.floor.as_deref())?;
    let mut models = Vec::new();
    let mut protocol = judge.protocol(&args.real, args.floor.as_deref());
    for (one, cost) in generators.iter().zip(costs) {
        let judged = judge.all(&read(&one.table)?, &format!("{}: events", one.name), &one.name)?;
        protocol.push((one.name.clone(), one.table.display().to_string()));
        models.push(Judged { name: one.name.clone(), judged, cost });
    }
    judge.finish();
    let title = format!("{} generators of events", models.len());
    let page = EventPage { title, protocol, floor, models, footer: footer() };
    atomic::write(&args.out, page::compare(&page).as_bytes())?;
    if args.json {
        let figures = serde_json::json!({ "floor": page.floor, "generators": page.models });
        return super::print(&format!("{figures:#}\n"));
    }
    super::print(&format!("{}\n", args.out.display()))
}

/// `NAME=PATH` or a path, whose last part without its ending is the name then.
fn named(text: &str) -> Result<Named, Error> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) if !Path::new(text).exists() => (Some(name.trim()), Path::new(path)),
        _ => (None, Path::new(text)),
    };
    let given = name.map(String::from);
    let own = || path.file_stem().map_or_else(|| text.to_string(), |stem| stem.to_string_lossy().into_owned());
    let name = given.unwrap_or_else(own);
    if name.is_empty() {
        return Err(Error::argument("GENERATOR", text, "a name before the ="));
    }
    if !path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::Io { action: "read", path: path.to_path_buf(), source });
    }
    let model = path.join(home::RUN_MODEL);
    Ok(Named { name, table: sampled(path)?, model: model.is_file().then_some(model) })
}
