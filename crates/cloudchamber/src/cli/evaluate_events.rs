//! `chamber evaluate` and `chamber report` for tables of events: judgements, their page, and weights of a classifier.

use std::path::Path;

use collider::zjets::{Cuts, Event};
use tables::TableReader;

use super::evaluate::{Args, EventCuts, Inputs};
use super::event_source::{self, Source};
use super::report;
use crate::events::files::{self, EventWriter};
use crate::events::judge::reweight::{CLIP, Reweighted, reweight};
use crate::events::judge::{self, Judgement, Settings};
use crate::events::page::{self, EventPage, Judged};
use crate::progress::Progress;
use crate::{Error, atomic, interrupt};

/// Events that the classifier sees of each sample at most, for a first look.
const QUICK: usize = 10_000;
/// Rows written at a time.
const BLOCK: usize = 16_384;

impl EventCuts {
    /// What judgements are made with.
    ///
    /// # Errors
    /// [`Error::Argument`] for a cut that is negative or not finite.
    pub fn settings(&self, quick: bool) -> Result<Settings, Error> {
        let default = Settings::default();
        let cut = |name: &str, given: Option<f64>, default: f64| match given {
            Some(value) if !(value >= 0.0 && value.is_finite()) => {
                Err(Error::argument(name, value, "a number that is not negative"))
            }
            given => Ok(given.unwrap_or(default)),
        };
        Ok(Settings {
            cuts: Cuts {
                jet_pt: cut("--jet-pt", self.jet_pt, default.cuts.jet_pt)?,
                jet_eta: default.cuts.jet_eta,
                separation: cut("--separation", self.separation, default.cuts.separation)?,
            },
            classified: if quick { QUICK } else { default.classified },
        })
    }
}

impl Inputs {
    /// Refuses what only jets have, and events against anything else.
    pub fn check_events(&self) -> Result<(), Error> {
        if let Some(class) = self.class {
            return Err(Error::argument("--class", class, "no such option for events: they have no class"));
        }
        Ok(())
    }
}

/// Tables of events, but no model.
///
/// # Errors
/// [`Error::Argument`] for a model, which is to be sampled first.
fn tables_only(path: &Path) -> Result<(), Error> {
    if !event_source::is_model(path) {
        return Ok(());
    }
    let expected = format!(
        "a table of its events; sample them first: chamber sample {} -n 100000 -o events.parquet",
        path.display()
    );
    Err(Error::argument("GENERATED", format!("{}, a model", path.display()), expected))
}

/// The events of a table or a directory of tables, each with finite numbers and a weight that is not negative.
///
/// # Errors
/// Those of reading; [`Error::Content`] names the first event that is none.
pub fn read(path: &Path) -> Result<Vec<Event>, Error> {
    let events = files::read_all(path)?;
    let usable = |e: &Event| {
        (1..=3).contains(&e.jets.len())
            && e.muons.iter().chain(&e.jets).all(|object| object.is_valid())
            && e.weight.is_finite()
            && e.weight >= 0.0
    };
    match events.iter().position(|e| !usable(e)) {
        None => Ok(events),
        Some(row) => Err(Error::Content {
            path: path.to_path_buf(),
            found: format!("event {row} is {:?}", events[row]),
            expected: "one to three jets, positive transverse momenta, finite numbers, and a weight of zero or more"
                .into(),
        }),
    }
}

/// True events, and how others are held against them.
pub struct Judge {
    truth: Vec<Event>,
    settings: Settings,
    progress: Progress,
    done: u64,
    total: u64,
}

impl Judge {
    /// Reads true events; `samples` will be judged.
    pub fn new(label: &str, real: &Path, settings: Settings, samples: usize, quiet: bool) -> Result<Judge, Error> {
        let progress = Progress::new(label, "parts", quiet);
        Ok(Judge { truth: read(real)?, settings, progress, done: 0, total: 3 * samples as u64 })
    }

    fn say(&mut self, what: &str, jets: usize) -> Result<(), Error> {
        interrupt::check()?;
        let plural = if jets == 1 { "jet" } else { "jets" };
        self.progress.update(self.done, self.total, &format!("{what} with {jets} {plural}"));
        self.done += 1;
        Ok(())
    }

    /// Judges events with one, two and three jets, as far as both samples have them; `argument` names them in messages.
    ///
    /// # Errors
    /// [`Error::Argument`] if no number of jets has enough events in both samples.
    pub fn all(&mut self, events: &[Event], what: &str, argument: &str) -> Result<Vec<Judgement>, Error> {
        let mut judged = Vec::new();
        for jets in 1..=3 {
            self.say(what, jets)?;
            judged.extend(judge::judge(&self.truth, events, jets, &self.settings)?);
        }
        if judged.is_empty() {
            let count = |events: &[Event]| {
                let of = |jets: usize| events.iter().filter(|e| e.jets.len() == jets && e.weight > 0.0).count();
                format!("{}, {}, {}", of(1), of(2), of(3))
            };
            let found = format!(
                "{} of its events and {} true ones with one, two, three jets",
                count(events),
                count(&self.truth)
            );
            let expected = format!("at least {} of both with the same number of jets", judge::LEAST);
            return Err(Error::argument(argument, found, expected));
        }
        Ok(judged)
    }

    /// Judges the events of the floor, if there are any.
    pub fn floor(&mut self, floor: Option<&Path>) -> Result<Vec<Judgement>, Error> {
        match floor {
            Some(path) => {
                let events = read(path)?;
                self.all(&events, "floor: other true events", "--floor")
            }
            None => Ok(Vec::new()),
        }
    }

    /// Multiplies the weights of events by those of classifiers.
    fn reweight(&mut self, events: &mut [Event]) -> Result<Vec<Reweighted>, Error> {
        let mut weights = Vec::new();
        for jets in 1..=3 {
            self.say("weights of events", jets)?;
            weights.extend(reweight(&self.truth, events, jets, &self.settings)?);
        }
        Ok(weights)
    }

    /// Ends the progress.
    pub fn finish(&mut self) {
        let text = format!("{}: {}", self.progress.label(), crate::progress::duration(self.progress.seconds()));
        self.progress.finish(&text);
    }

    /// How judgements were made, in pairs.
    pub fn protocol(&self, real: &Path, floor: Option<&Path>) -> Vec<(String, String)> {
        let Settings { cuts, classified } = self.settings;
        let pairs = [
            ("true events", real.display().to_string()),
            ("floor", floor.map_or("none given".into(), |path| path.display().to_string())),
            ("number of true events", self.truth.len().to_string()),
            ("bins", "40 between the quantiles 0.002 and 0.998 of the true events".into()),
            ("chi-square and pulls", "bins with ten events or more".into()),
            ("classifier", format!("boosted trees, at most {classified} events of each sample")),
            ("its parts", "50 % training, 15 % early stopping and calibration, 35 % test".into()),
            ("cuts", format!("jets above {} GeV, {} apart", cuts.jet_pt, cuts.separation)),
        ];
        pairs.map(|(name, value)| (name.to_string(), value)).to_vec()
    }
}

/// Reads events, judges, reweights, prints.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    let settings = args.inputs.cuts.settings(args.inputs.quick)?;
    if let Some(out) = &args.reweight {
        atomic::check_writable(out, args.force)?;
    }
    let table = &args.inputs.generated;
    tables_only(table)?;
    let mut generated = read(table)?;
    let samples = 1 + usize::from(args.inputs.floor.is_some()) + usize::from(args.reweight.is_some());
    let mut judge = Judge::new("evaluate", &args.inputs.real, settings, samples, quiet)?;
    let judged = judge.all(&generated, "generated events", "GENERATED")?;
    let floor = judge.floor(args.inputs.floor.as_deref())?;
    let mut weights = Vec::new();
    if let Some(out) = &args.reweight {
        weights = judge.reweight(&mut generated)?;
        write(out, &generated, table, &args.inputs.real)?;
    }
    judge.finish();
    if args.json {
        let all = serde_json::json!({ "generated": judged, "floor": floor, "reweighted": weights });
        return super::print(&format!("{all:#}\n"));
    }
    let mut text = judge::table(&judged, &floor);
    if let Some(out) = &args.reweight {
        text += &told(out, &generated, &weights);
    }
    super::print(&text)
}

/// What reweighting did, in words.
fn told(out: &Path, generated: &[Event], weights: &[Reweighted]) -> String {
    let mut text = format!("{}: weights times those of a classifier\n", out.display());
    for jets in (1..=3).filter(|jets| generated.iter().any(|e| e.jets.len() == *jets)) {
        let plural = if jets == 1 { "jet" } else { "jets" };
        text += &match weights.iter().find(|w| w.jets == jets) {
            Some(w) => format!(
                "  {jets} {plural}: effectively {:.0} events, {:.0} before; classifier's weights clipped to {:.3} .. {:.3}\n",
                w.effective[1], w.effective[0], w.clip[0], w.clip[1]
            ),
            None => format!("  {jets} {plural}: too few events, weights unchanged\n"),
        };
    }
    text
}

/// Writes reweighted events, with what the table they come from says of itself.
fn write(out: &Path, events: &[Event], table: &Path, real: &Path) -> Result<(), Error> {
    // Nothing for a directory.
    let mut attributes = TableReader::open(table).map_or(Vec::new(), |reader| reader.attributes().to_vec());
    let said =
        format!("by classifiers against {}, clipped at the quantiles {} and {}", real.display(), CLIP[0], CLIP[1]);
    attributes.push(("reweighted".into(), said));
    let mut writer = EventWriter::create(out, &attributes)?;
    for block in events.chunks(BLOCK) {
        writer.write(block)?;
    }
    writer.finish()
}

/// Judges events and writes their page.
pub fn report(args: &report::Args, quiet: bool) -> Result<(), Error> {
    let inputs = &args.inputs;
    let settings = inputs.cuts.settings(inputs.quick)?;
    let source = Source::open(&inputs.generated, "GENERATED")?;
    let (generated, cost) = source.events(args.n, args.seed, quiet)?;
    let samples = 1 + usize::from(inputs.floor.is_some());
    let mut judge = Judge::new("report", &inputs.real, settings, samples, quiet)?;
    let judged = judge.all(&generated, "generated events", "GENERATED")?;
    let floor = judge.floor(inputs.floor.as_deref())?;
    judge.finish();
    let mut protocol = source.protocol(args.n, args.seed);
    protocol.extend(judge.protocol(&inputs.real, inputs.floor.as_deref()));
    let name = inputs.generated.display().to_string();
    let page = EventPage {
        title: format!("Generated events: {name}"),
        protocol,
        floor,
        models: vec![Judged { name, judged, cost }],
        footer: footer(),
    };
    atomic::write(&args.out, page::report(&page).as_bytes())?;
    super::print(&format!("{}\n", args.out.display()))
}

/// The last line of a page.
pub fn footer() -> String {
    format!("chamber {}, {}", env!("CARGO_PKG_VERSION"), report::today())
}
