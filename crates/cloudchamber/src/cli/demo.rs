//! `chamber demo`: the whole corridor once, with what is bundled.

use std::path::PathBuf;
use std::time::Instant;

use collider::JetClass;

use super::{evaluate, input, report, sample};
use crate::evaluate::{Protocol, Samples, table};
use crate::model::Model;
use crate::progress::duration;
use crate::{Error, atomic, home, report as page};

pub(super) const ABOUT: &str = "Samples jets of every class with the bundled model, judges them against bundled Pythia jets, and writes DIR/report.html, \
DIR/summary.svg, DIR/metrics.json and the jets (DIR/g.hdf5, ...). Takes about three minutes on two cores. Files of an earlier demo in DIR are replaced.";

const EXAMPLES: &str = "Examples:
  chamber demo
  chamber demo --out /tmp/demo -n 50000";

/// Arguments of `chamber demo`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// Directory to write
    #[arg(long, short, value_name = "DIR", default_value = "demo")]
    pub out: PathBuf,
    /// Jets of each class
    #[arg(short, long = "number", value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(40..))]
    pub n: u64,
    /// Seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Bundled model to show
    #[arg(long, value_name = "MODEL", default_value = "jets")]
    pub model: String,
}

/// Samples, judges, writes the report and prints its path.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    let start = Instant::now();
    std::fs::create_dir_all(&args.out).map_err(Error::io("create", &args.out))?;
    let model = Model::load(&home::model_file(&args.model)?)?;
    let data = home::sample_data()?;
    let mut real = input::read(&data, None, "data/jets")?;
    let mut samples = Vec::new();
    let mut speed = report::Speed::default();
    for &class in &model.meta.classes {
        let Some(real) = real.remove(&class) else { continue };
        let options = sample::options(&model, args.n, args.seed, Some(class))?;
        let path = args.out.join(format!("{class}.hdf5"));
        speed.add(&sample::into_file(&model, &options, &path, quiet)?);
        samples.push(Samples { class, real, generated: collider::jetnet::read(&path)?, floor: None });
    }
    let mut protocol = Protocol::new(true);
    protocol.say("real", "bundled Pythia 8 jets, data/jets; none of them was used in training");
    protocol.say("floor", "two random halves of the real sample (half the size: a little high)");
    speed.say(&mut protocol, &model, args.seed);
    let judged = evaluate::evaluate(&samples, protocol, quiet)?;
    let classes: Vec<JetClass> = samples.iter().map(|s| s.class).collect();
    let contents = report::Page {
        title: format!("Jets from the bundled model {} and from Pythia 8", model.meta.name),
        subtitle: speed.line(),
        trajectories: report::trajectories(&model, &classes, args.seed)?,
        training: Vec::new(),
    };
    let text = table(&judged);
    let json = serde_json::to_string_pretty(&judged).unwrap_or_default();
    atomic::write(&args.out.join("metrics.json"), json.as_bytes())?;
    let html = args.out.join("report.html");
    let report = contents.fill(samples, &judged);
    atomic::write(&html, page::html(&report).as_bytes())?;
    atomic::write(&args.out.join("summary.svg"), summary(&report).as_bytes())?;
    super::print(&format!("{text}\ndone in {}; look at {}\n", duration(start.elapsed().as_secs_f64()), html.display()))
}

/// The figure of a slide or a title page: three distributions of the first three classes.
fn summary(report: &page::Report) -> String {
    let shown = ["mass", "pt_rel", "eta_rel"];
    let of_class = |class: &page::ClassReport| -> Vec<page::Panel> {
        let panels = page::panels(class);
        shown.iter().filter_map(|key| panels.iter().find(|panel| panel.key == *key).cloned()).collect()
    };
    let panels: Vec<page::Panel> = report.classes.iter().take(3).flat_map(of_class).collect();
    page::panel_grid_svg(&panels, shown.len())
}
