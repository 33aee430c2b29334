//! `chamber likelihood`: ln p of held-out events, the bound on it of held-out molecules.

use std::fmt::Write;
use std::path::PathBuf;

use crate::events::likelihood::likelihood;
use crate::events::{EventModel, files};
use crate::model_domain::ModelDomain;
use crate::molecules::MoleculeModel;
use crate::molecules::bound::{Bound, bounds};
use crate::progress::Progress;
use crate::{Error, device, home, interrupt};

pub(super) const ABOUT: &str = "Prints the mean of ln p of held-out events, in nats per event, for each number of jets: the larger the better.

Exact for models with a likelihood (recipes inn and jetgpt); for diffusion and flow matching that of the probability flow, with the exact divergence, which takes a hundred times longer. p is the density of the codes: models with the same coordinates and scaling compare, others do not. Bayesian models are judged by the mean over their draws.

For molecules it is the variational bound on -ln p instead, in nats per molecule, with positions in Angstrom and without their centre: the smaller the better.";

const EXAMPLES: &str = "Examples:
  chamber likelihood runs/inn --real test/
  chamber likelihood runs/edm --real test/ -n 500 --json";

/// Arguments of `chamber likelihood`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// The model of events or molecules: name of a bundled one, a .safetensors file, or a run directory
    #[arg(value_name = "MODEL|RUN")]
    pub model: String,
    /// Events that it has not seen: a table or a directory of tables; or a file of molecules
    #[arg(long, value_name = "FILE|DIR")]
    pub real: PathBuf,
    /// Most events with each number of jets, or molecules
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
    match ModelDomain::of(&file)? {
        ModelDomain::Events => {}
        ModelDomain::Molecules => return molecules(args, &MoleculeModel::load(&file)?, quiet),
        ModelDomain::Jets | ModelDomain::Conformers => {
            let expected = "a model of events or molecules: jets and conformers have no likelihood here";
            return Err(Error::argument("MODEL", &args.model, expected));
        }
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

/// Steps of the path in the bound on molecules, as published, and how many of them are drawn for each molecule.
const STEPS: usize = 1000;
const DRAWN: usize = 16;

/// The bound on molecules of the file, evenly from all over it.
fn molecules(args: &Args, model: &MoleculeModel, quiet: bool) -> Result<(), Error> {
    if let Some(property) = model.meta.encoding.properties.first() {
        let expected = format!("a model that is told nothing; this one is told {}", property.name);
        return Err(Error::argument("MODEL", &args.model, expected));
    }
    let all = super::evaluate_molecules::read(&args.real, quiet)?;
    let n = all.len().min(args.n as usize);
    let row = |i: usize| {
        let place = i * all.len() / n;
        model.meta.encoding.encode(&all[place]).map_err(|element| Error::Content {
            path: args.real.clone(),
            found: format!("molecule {} has an atom of {element}", place + 1),
            expected: format!("atoms of {}, which the model knows", model.meta.encoding.symbols().join(", ")),
        })
    };
    let rows = (0..n).map(row).collect::<Result<Vec<_>, _>>()?;
    let mut progress = Progress::new("bound", "draws", quiet);
    let found = bounds(model, &rows, STEPS, DRAWN, 1, &mut |done, total| {
        progress.update(done as u64, total as u64, "");
        interrupt::check()
    })?;
    progress.finish("bound: done");
    let mean = |of: fn(&Bound) -> f64| {
        let values: Vec<f64> = found.iter().map(of).collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        [mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64 / n as f64).sqrt()]
    };
    let terms = [
        ("total", mean(Bound::total)),
        ("size", mean(|b| b.size)),
        ("prior", mean(|b| b.prior)),
        ("steps", mean(|b| b.steps)),
        ("positions", mean(|b| b.positions)),
        ("features", mean(|b| b.features)),
    ];
    if args.json {
        let object: serde_json::Map<String, serde_json::Value> =
            terms.iter().map(|(name, value)| (name.to_string(), serde_json::json!(value))).collect();
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&object).unwrap_or_default()));
    }
    let mut text = format!("bound on -ln p of {n} molecules, nats per molecule\n");
    for (name, [value, error]) in terms {
        let _ = writeln!(text, "  {name:<10} {value:>9.2} \u{b1} {error:.2}");
    }
    super::print(&text)
}
