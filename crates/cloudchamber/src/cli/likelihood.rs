//! `chamber likelihood`: ln p of held-out events.

use std::fmt::Write;
use std::path::PathBuf;

use crate::events::likelihood::likelihood;
use crate::events::{EventModel, files};
use crate::progress::Progress;
use crate::{Error, device, home, interrupt};

pub(super) const ABOUT: &str = "Prints the mean of ln p of held-out events, in nats per event, for each number of jets: the larger the better.

Exact for models with a likelihood (recipes inn and jetgpt); for diffusion and flow matching that of the probability flow, with the exact divergence, which takes a hundred times longer. p is the density of the codes: models with the same coordinates and scaling compare, others do not. Bayesian models are judged by the mean over their draws.";

const EXAMPLES: &str = "Examples:
  chamber likelihood runs/inn --real test/
  chamber likelihood runs/edm --real test/ -n 500 --json";

/// Arguments of `chamber likelihood`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// The model of events: name of a bundled one, a .safetensors file, or a run directory
    #[arg(value_name = "MODEL|RUN")]
    pub model: String,
    /// Events that it has not seen: a table or a directory of tables
    #[arg(long, value_name = "FILE|DIR")]
    pub real: PathBuf,
    /// Most events with each number of jets
    #[arg(short, long = "number", value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(2..))]
    pub n: u32,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Reads, judges, prints.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    device::limit_threads(args.threads)?;
    let file = home::model_file(&args.model)?;
    if !EventModel::is_at(&file)? {
        return Err(Error::argument("MODEL", &args.model, "a model of events: jets have no likelihood here"));
    }
    let model = EventModel::load(&file)?;
    let events = files::read_all(&args.real)?;
    for (row, event) in events.iter().enumerate() {
        model.meta.encoding.cuts.check(event).map_err(|problem| Error::Content {
            path: args.real.clone(),
            found: format!("event {row}: {problem}"),
            expected: "events that fulfil the cuts of the model's training".into(),
        })?;
    }
    let mut progress = Progress::new("likelihood", "events", quiet);
    let found = likelihood(&model, &events, args.n as usize, &mut |done, total| {
        progress.update(done, total, "");
        interrupt::check()
    })?;
    progress.finish("likelihood: done");
    if args.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&found).unwrap_or_default()));
    }
    let mut text = String::new();
    for one in found {
        let jets = if one.jets == 1 { "jet" } else { "jets" };
        let _ = writeln!(
            text,
            "{} {jets}: ln p = {:.3} \u{b1} {:.3} nats per event, {} events",
            one.jets, one.nats, one.error, one.events
        );
    }
    super::print(&text)
}
