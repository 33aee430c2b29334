//! `chamber compare`: several generators of events on one page.

use std::path::{Path, PathBuf};

use super::evaluate::EventCuts;
use super::evaluate_events::{Judge, footer, read};
use super::event_source::Source;
use crate::events::likelihood::{Likelihood, likelihood};
use crate::events::page::{self, EventPage, Judged};
use crate::events::{EventModel, files};
use crate::progress::Progress;
use crate::{Error, atomic, device, interrupt};

pub(super) const ABOUT: &str = "Compares generators of events (Z plus jets) with true events, and with each other, on one self-contained HTML page: a table of quality \
and cost with the best values in bold, every observable with all generators and their ratios to the truth, the weights of a classifier for each, and where \
in phase space these are extreme.

GENERATOR is a table of events or a directory of tables, or a model (a run directory, a weight file, a bundled one), which is sampled on the spot; NAME= before it \
names it on the page. Costs are told of models only: training time, steps and parameters from their files, events per second as measured.";

const EXAMPLES: &str = "Examples:
  chamber compare runs/edm runs/flow-matching --real test-events/ --floor training-events/
  chamber compare EDM=edm.parquet 'Flow matching=fm.parquet' --real test-events/ -o two.html
  chamber compare runs/* --real test-events/ --floor training-events/ --json > compare.json";

/// Arguments of `chamber compare`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// Models or tables of events
    #[arg(value_name = "[NAME=]GENERATOR", required = true)]
    pub generators: Vec<String>,
    /// True events: a table or a directory of tables
    #[arg(long, value_name = "FILE")]
    pub real: PathBuf,
    /// Further true events, disjoint from --real, for the floor
    #[arg(long, value_name = "FILE")]
    pub floor: Option<PathBuf>,
    /// Events to sample from each model
    #[arg(short, long = "number", value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(100..))]
    pub n: u64,
    /// Seed of these events
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Also tell ln p of so many true events with each number of jets, under each model (see `chamber likelihood`)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub likelihood: Option<u32>,
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
    source: Source,
}

/// Judges all generators, writes the page, prints.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    device::limit_threads(args.threads)?;
    atomic::check_writable(&args.out, args.force)?;
    let settings = args.cuts.settings(args.quick)?;
    if args.real.exists() && !files::is_events(&args.real) {
        return Err(Error::argument("--real", args.real.display(), "a table of events, or a directory of such tables"));
    }
    // What cannot be read is refused before anything is judged.
    let generators: Vec<Named> = args.generators.iter().map(|text| named(text)).collect::<Result<_, _>>()?;
    for (i, one) in generators.iter().enumerate() {
        if generators[..i].iter().any(|other| other.name == one.name) {
            return Err(Error::argument("GENERATOR", format!("'{}' twice", one.name), "different names, NAME=FILE"));
        }
    }
    let mut sampled = Vec::new();
    for one in &generators {
        let (events, mut cost) = one.source.events(args.n, args.seed, quiet)?;
        if let (Source::Model(_, model), Some(most)) = (&one.source, args.likelihood) {
            cost.likelihood = densities(model, &args.real, most as usize, &one.name, quiet)?;
        }
        sampled.push((events, cost));
    }
    let samples = generators.len() + usize::from(args.floor.is_some());
    let mut judge = Judge::new("compare", &args.real, settings, samples, quiet)?;
    let floor = judge.floor(args.floor.as_deref())?;
    let mut models = Vec::new();
    let mut protocol = judge.protocol(&args.real, args.floor.as_deref());
    for (one, (events, cost)) in generators.iter().zip(sampled) {
        let judged = judge.all(&events, &format!("{}: events", one.name), &one.name)?;
        let said = one.source.protocol(args.n, args.seed);
        protocol.extend(said.into_iter().map(|(what, value)| (format!("{}: {what}", one.name), value)));
        models.push(Judged { name: one.name.clone(), judged, cost });
    }
    judge.finish();
    let title = if models.len() == 1 {
        "A generator of events".into()
    } else {
        format!("{} generators of events", models.len())
    };
    let page = EventPage { title, protocol, floor, models, footer: footer() };
    atomic::write(&args.out, page::compare(&page).as_bytes())?;
    if args.json {
        let figures = serde_json::json!({ "floor": page.floor, "generators": page.models });
        return super::print(&format!("{figures:#}\n"));
    }
    super::print(&format!("{}\n", args.out.display()))
}

/// ln p of true events under a model, with progress.
fn densities(model: &EventModel, real: &Path, most: usize, name: &str, quiet: bool) -> Result<Vec<Likelihood>, Error> {
    let mut progress = Progress::new(format!("{name}: likelihood"), "events", quiet);
    let found = likelihood(model, &read(real)?, most, &mut |done, total| {
        progress.update(done, total, "");
        interrupt::check()
    })?;
    progress.finish(&format!("{name}: likelihood"));
    Ok(found)
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
    Ok(Named { name, source: Source::open(path, "GENERATOR")? })
}
