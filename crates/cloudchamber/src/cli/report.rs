//! `chamber report`: one self-contained page.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use collider::JetClass;

use super::event_source::is_model;
use super::{evaluate, evaluate_conformers, evaluate_events, evaluate_molecules, input, sample};
use crate::evaluate::{Best, ClassResult, Evaluation, Samples};
use crate::model::Model;
use crate::report::{ClassReport, Column, Curve, Goal, MetricRow, Report, Trajectory, html};
use crate::sample::{SampleStats, trajectory};
use crate::{Error, atomic, device, home, runlog};

pub(super) const ABOUT: &str = "Writes one self-contained HTML page: distributions with statistical bands and ratios to the real sample, all metrics \
beside their floors, event displays, and the protocol. GENERATED is a file or directory as for `chamber evaluate`. For a run directory, a \
weight file or a bundled model the jets are sampled first, and the page also shows a jet condensing out of noise and the loss curves.

For tables of events (Z plus jets) the page has, for each number of jets, every observable with its ratio to the true events, the weights of a \
classifier, where in phase space they are extreme, and maps of pairs of observables, beside the same of the events of --floor.

For molecules (a file, a run directory or a model) it has stability, validity, uniqueness and novelty beside the real molecules' own figures, lengths of bonds with \
ratios, and pictures of the first molecules. For a generator of conformers, two are drawn for each one in --real of the molecules that its training held out; the page \
has coverage and matching, lengths and angles with ratios, and conformers beside the nearest reference.";

const EXAMPLES: &str = "Examples:
  chamber report t.hdf5 --real test/t.hdf5 -o t.html
  chamber report runs/jets --real test/ --floor train/ -n 50000 -o jets.html
  chamber report events.parquet --real test-events/ --floor training-events/ -o events.html
  chamber report molecules.sdf --real qm9.parquet -o molecules.html
  chamber report confgf --real conformers.parquet -o conformers.html
  chamber report made.sdf --real conformers.parquet --conformers -o made.html";

/// Arguments of `chamber report`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// What to compare with what; GENERATED may also be a run directory or a model
    #[command(flatten)]
    pub inputs: evaluate::Inputs,
    /// Jets of each class, events or molecules to sample, for a run or a model; of conformers two for each one in --real
    #[arg(short, long = "number", value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(40..))]
    pub n: u64,
    /// Seed of these
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Judge GENERATED as conformers of the molecules of --real, atoms in the same order, instead of as molecules
    #[arg(long)]
    pub conformers: bool,
    /// The page to write
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
}

/// Judges and writes the page.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    device::limit_threads(args.inputs.threads)?;
    atomic::check_writable(&args.out, args.force)?;
    let generated = &args.inputs.generated;
    let conformers = evaluate_conformers::model_at(&args.inputs)?;
    if args.conformers || conformers.is_some() {
        return evaluate_conformers::report(args, conformers.as_ref(), quiet);
    }
    if let Some(model) = evaluate_molecules::model_at(generated)? {
        return evaluate_molecules::report(args, Some(&model), quiet);
    }
    if args.inputs.are_molecules()? {
        return evaluate_molecules::report(args, None, quiet);
    }
    if args.inputs.are_events()? {
        return evaluate_events::report(args, quiet);
    }
    let name = generated.display().to_string();
    if !is_model(generated) {
        let samples = args.inputs.read(generated)?;
        let judged = evaluate::evaluate(&samples, args.inputs.protocol(generated), quiet)?;
        let page = Page { title: format!("Generated jets: {name}"), ..Page::default() };
        return write(page.fill(samples, &judged), &args.out);
    }
    let model = Model::load(&home::model_file(&name)?)?;
    let real = input::read(&args.inputs.real, args.inputs.class, "--real")?;
    let mut ours = input::ByClass::new();
    let mut speed = Speed::default();
    for &class in real.keys().filter(|c| model.meta.classes.contains(c)) {
        let options = sample::options(&model, args.n, args.seed, Some(class))?;
        let (jets, stats) = sample::into_memory(&model, &options, quiet)?;
        speed.add(&stats);
        ours.insert(class, jets);
    }
    let mut floors = args
        .inputs
        .floor
        .as_ref()
        .map(|p| input::read(p, args.inputs.class, "--floor"))
        .transpose()?
        .unwrap_or_default();
    let pairs = input::shared(ours, real, generated, &args.inputs.real)?;
    let join = |(class, generated, real)| Samples { class, real, generated, floor: floors.remove(&class) };
    let samples: Vec<Samples> = pairs.into_iter().map(join).collect();
    let mut protocol = args.inputs.protocol(generated);
    speed.say(&mut protocol, &model, args.seed);
    let judged = evaluate::evaluate(&samples, protocol, quiet)?;
    let classes: Vec<JetClass> = samples.iter().map(|s| s.class).collect();
    let page = Page {
        title: format!("Jets from the model {}", model.meta.name),
        subtitle: speed.line(),
        trajectories: trajectories(&model, &classes, args.seed)?,
        training: curves(generated),
    };
    write(page.fill(samples, &judged), &args.out)
}

fn write(page: Report, path: &Path) -> Result<(), Error> {
    atomic::write(path, html(&page).as_bytes())?;
    super::print(&format!("{}\n", path.display()))
}

/// What a page shows beside the judgement.
#[derive(Debug, Default)]
pub struct Page {
    /// Heading.
    pub title: String,
    /// One sentence below it.
    pub subtitle: String,
    /// Jets on their way from noise to data.
    pub trajectories: Vec<Trajectory>,
    /// Loss curves.
    pub training: Vec<Curve>,
}

impl Page {
    /// The complete page.
    pub fn fill(self, samples: Vec<Samples>, judged: &Evaluation) -> Report {
        let classes = samples
            .into_iter()
            .zip(&judged.classes)
            .map(|(s, result)| ClassReport {
                metrics: rows(result),
                columns: columns(result),
                ..ClassReport::new(s.class, s.real, s.generated)
            })
            .collect();
        Report {
            title: self.title,
            subtitle: self.subtitle,
            protocol: judged.protocol.lines.clone(),
            classes,
            trajectories: self.trajectories,
            training: self.training,
            footer: format!("chamber {}, {}", env!("CARGO_PKG_VERSION"), today()),
        }
    }
}

fn rows(result: &ClassResult) -> Vec<MetricRow> {
    let row = |f: &crate::evaluate::Figure| MetricRow {
        value: f.value.value,
        error: f.value.error,
        floor: f.floor.value,
        floor_error: f.floor.error,
        scale: f.unit,
        goal: match f.best {
            Best::Small => Goal::Small,
            Best::Large => Goal::Large,
            Best::Half => Goal::Near(0.5),
        },
        explanation: f.meaning.to_string(),
        ..MetricRow::new(f.name)
    };
    result.figures.iter().map(row).collect()
}

fn columns(result: &ClassResult) -> Vec<Column> {
    let column = |o: &crate::evaluate::Observable| Column {
        label: o.label.to_string(),
        unit: o.unit.to_string(),
        real: o.real.clone(),
        generated: o.generated.clone(),
        log_x: o.logarithmic,
        ..Column::default()
    };
    result.observables.iter().map(column).collect()
}

/// How fast the jets were made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Speed {
    jets: u64,
    seconds: f64,
    evaluations: u64,
}

impl Speed {
    /// Counts a sampled class in.
    pub fn add(&mut self, stats: &SampleStats) {
        self.jets += stats.jets;
        self.seconds += stats.seconds;
        self.evaluations = stats.evaluations as u64;
    }

    /// One sentence.
    pub fn line(&self) -> String {
        let rate = crate::progress::significant(self.jets as f64 / self.seconds);
        format!("{} jets sampled at {rate} jets per second on {}", self.jets, device::processor())
    }

    /// Adds how the jets were made to the protocol.
    pub fn say(&self, protocol: &mut crate::evaluate::Protocol, model: &Model, seed: u64) {
        protocol.say("conditions", "generated by the jet-level model (no test-set conditions)");
        protocol.say("model", model.meta.name.clone());
        protocol.say("seed of the jets", seed.to_string());
        protocol.say("network evaluations", format!("{} per jet", self.evaluations));
        protocol.say("speed", self.line());
    }
}

/// One jet at eight moments between noise and data: a top jet, whose three prongs show most, or the first class there is.
pub fn trajectories(model: &Model, classes: &[JetClass], seed: u64) -> Result<Vec<Trajectory>, Error> {
    let top = classes.iter().find(|class| **class == JetClass::T);
    let one = |&class: &JetClass| {
        Ok(Trajectory { label: format!("{} jet", class.name()), frames: trajectory(model, class, seed, 0, 8)? })
    };
    top.or(classes.first()).map(one).into_iter().collect()
}

/// Loss curves of a run directory; none where there is no log.
fn curves(run: &Path) -> Vec<Curve> {
    let stages = ["jets", "particles"];
    let read = |stage: &str| {
        let text = std::fs::read_to_string(run.join(stage).join(runlog::RunLog::LINES)).ok()?;
        let number = |line: &serde_json::Value, name: &str| {
            line.get(name).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN)
        };
        let points: Vec<_> = text
            .lines()
            .filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok())
            .map(|l| (number(&l, "step"), number(&l, "loss"), number(&l, "validation_loss")))
            .collect();
        (!points.is_empty()).then(|| Curve { label: stage.to_string(), points })
    };
    stages.into_iter().filter_map(read).collect()
}

/// The date (UTC), by the proleptic Gregorian calendar.
pub(super) fn today() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() / 86_400) as i64;
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day from days since 1970-01-01 (400-year cycles of 146 097 days that begin on 1 March).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * m + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_follow_the_calendar() {
        // Known days: the epoch, a leap day (11 016 = 30 years with 7 leap days + 31 + 28), and a century without one.
        assert_eq!(super::civil(0), (1970, 1, 1));
        assert_eq!(super::civil(11_016), (2000, 2, 29));
        assert_eq!(super::civil(47_540), (2100, 2, 28));
        assert_eq!(super::civil(47_541), (2100, 3, 1));
    }
}
