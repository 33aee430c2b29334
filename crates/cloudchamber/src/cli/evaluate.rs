//! `chamber evaluate`: all metrics between generated and real jets.

use std::path::{Path, PathBuf};

use collider::JetClass;

use super::{evaluate_conformers, evaluate_events, evaluate_molecules, input, values};
use crate::evaluate::{ClassResult, Evaluation, Protocol, Samples, evaluate_class, table};
use crate::events::files;
use crate::progress::Progress;
use crate::{Error, device};

pub(super) const ABOUT: &str = "Compares generated with real jets by the JetNet protocol: W1M, W1P, W1EFP, FPD, KPD, coverage and MMD with the energy \
mover's distance, and the AUC of a classifier. Each value has its error and its floor: the same metric between two disjoint real samples \
(--floor, or two halves of the real one). A value at its floor cannot be told from real jets by that metric.

GENERATED, --real and --floor name a JetNet HDF5 file (its class from --class, from jet_type inside, or from its name: g.hdf5, \
t150.hdf5) or a directory with g.hdf5, q.hdf5, t.hdf5, w.hdf5, z.hdf5. Nothing is clipped; jets that are not finite are refused.

Tables of events (Z plus jets, in any format, or a directory of them) are compared in every observable, by the median deviation over bins with at least 1 % of \
the events, by chi-square and pulls, at the resonance, in rank correlations, and by a classifier, whose weights also tell where in phase space the events are wrong; \
the floor is the same for the events of --floor. --reweight FILE writes the generated events with these weights: judge them with other true \
events than those of --real, which the weights know.

Molecules (XYZ, SDF or Parquet) are judged by stability, validity, uniqueness, novelty and lengths of bonds, beside the real ones' own figures. For a generator of conformers two conformers are drawn for each one in --real of the molecules that its training held out; coverage and matching are told.";

const EXAMPLES: &str = "Examples:
  chamber evaluate t.hdf5 --real test/t.hdf5
  chamber evaluate generated/ --real test/ --floor train/
  chamber evaluate sample.h5 --class q --real test/q.hdf5 --json > q.json
  chamber evaluate zjets.parquet --real test-events/ --floor training-events/
  chamber evaluate zjets.parquet --real training-events/ --reweight weighted.parquet
  chamber evaluate molecules.sdf --real qm9.parquet
  chamber evaluate confgf --real conformers.parquet";

/// Arguments of `chamber evaluate`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// What to compare with what
    #[command(flatten)]
    pub inputs: Inputs,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Write the generated events with their weights times those of a classifier into this table
    #[arg(long, value_name = "FILE")]
    pub reweight: Option<PathBuf>,
    /// Judge GENERATED as conformers of the molecules of --real, atoms in the same order, instead of as molecules
    #[arg(long)]
    pub conformers: bool,
    /// Replace FILE of --reweight if it exists
    #[arg(long)]
    pub force: bool,
}

/// Arguments that `evaluate` and `report` share.
#[derive(Debug, clap::Args)]
pub struct Inputs {
    /// Generated jets or events: a file or a directory
    pub generated: PathBuf,
    /// Real jets or true events: a file or a directory
    #[arg(long, value_name = "FILE")]
    pub real: PathBuf,
    /// Further real jets or true events for the floor, disjoint from --real [default: for jets the two halves of --real, for events none]
    #[arg(long, value_name = "FILE")]
    pub floor: Option<PathBuf>,
    /// Class of the jets, where the files do not say
    #[arg(long, value_name = "CLASS", value_parser = values::class())]
    pub class: Option<JetClass>,
    /// Fewer and smaller draws, or a classifier of fewer events, for a first look in a tenth of the time
    #[arg(long)]
    pub quick: bool,
    /// Generated conformers at least this far from every earlier one of their molecule, in Angstrom (as in `chamber sample`)
    #[arg(long, value_name = "A", value_parser = values::distance)]
    pub distinct: Option<f64>,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
    /// What events were to fulfil
    #[command(flatten)]
    pub cuts: EventCuts,
}

/// The cuts of events, where they are not those of the bundled recipes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct EventCuts {
    /// Least transverse momentum of a jet of events, GeV [default: 20]
    #[arg(long, value_name = "GEV", allow_negative_numbers = true)]
    pub jet_pt: Option<f64>,
    /// Least distance Delta R of two jets of events [default: 0.4]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub separation: Option<f64>,
}

impl Inputs {
    /// Whether the samples are molecules; an error if only one of them is.
    pub fn are_molecules(&self) -> Result<bool, Error> {
        let [generated, real] = [&self.generated, &self.real].map(|path| evaluate_molecules::is_molecules(path));
        match (generated, real) {
            (true, false) => {
                let found = format!("{}, no molecules", self.real.display());
                Err(Error::argument("--real", found, "real molecules, as GENERATED has molecules"))
            }
            (false, true) => {
                let found = format!("{}, no molecules", self.generated.display());
                Err(Error::argument("GENERATED", found, "molecules (XYZ, SDF or Parquet), as --real has"))
            }
            (both, _) => Ok(both),
        }
    }

    /// Whether the samples are tables of events; an error if only one of them is, or if options of the other kind are given.
    pub fn are_events(&self) -> Result<bool, Error> {
        let events = files::is_events(&self.real);
        if events {
            self.check_events()?;
            return Ok(true);
        }
        if files::is_events(&self.generated) {
            let found = format!("{}, no table of events", self.real.display());
            return Err(Error::argument("--real", found, "true events, as GENERATED is a table of events"));
        }
        let given = [("--jet-pt", self.cuts.jet_pt), ("--separation", self.cuts.separation)];
        match given.into_iter().find_map(|(name, value)| Some((name, value?))) {
            Some((name, value)) => Err(Error::argument(name, value, "no such option for jets: it is a cut of events")),
            None => Ok(false),
        }
    }

    /// Reads all samples, class by class.
    pub fn read(&self, generated: &Path) -> Result<Vec<Samples>, Error> {
        let (ours, real) =
            (input::read(generated, self.class, "GENERATED")?, input::read(&self.real, self.class, "--real")?);
        let mut floors =
            self.floor.as_ref().map(|path| input::read(path, self.class, "--floor")).transpose()?.unwrap_or_default();
        let pairs = input::shared(ours, real, generated, &self.real)?;
        if let (Some(path), Some(class)) = (&self.floor, pairs.iter().map(|p| p.0).find(|c| !floors.contains_key(c))) {
            return Err(Error::argument("--floor", path.display(), format!("jets of class {class} too")));
        }
        let join = |(class, generated, real)| Samples { class, real, generated, floor: floors.remove(&class) };
        Ok(pairs.into_iter().map(join).collect())
    }

    /// The protocol with the origin of the samples.
    pub fn protocol(&self, generated: &Path) -> Protocol {
        let mut protocol = Protocol::new(self.quick);
        protocol.say("generated", generated.display().to_string());
        let mut origin = input::origin(generated);
        if let Some(conditions) = origin.remove("conditions") {
            protocol.say("conditions", conditions);
        }
        if !origin.is_empty() {
            let said: Vec<String> = origin.iter().map(|(name, value)| format!("{name} {value}")).collect();
            protocol.say("made by", said.join(", "));
        }
        protocol.say("real", self.real.display().to_string());
        protocol.say(
            "floor",
            match &self.floor {
                Some(path) => format!("real against {}", path.display()),
                None => "two random halves of the real sample (half the size: a little high)".to_string(),
            },
        );
        protocol
    }
}

/// Judges all classes, with progress.
pub fn evaluate(samples: &[Samples], protocol: Protocol, quiet: bool) -> Result<Evaluation, Error> {
    let total = samples.len() as u64;
    let mut progress = Progress::new("evaluate", "classes", quiet);
    let mut classes: Vec<ClassResult> = Vec::new();
    for one in samples {
        let mut say =
            |what: &str| progress.update(classes.len() as u64, total, &format!("{}: {what}", one.class.name()));
        let result = evaluate_class(one, &protocol, &mut say)?;
        classes.push(result);
    }
    Ok(Evaluation { protocol, classes })
}

/// Reads, judges, prints.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    device::limit_threads(args.inputs.threads)?;
    let model = evaluate_conformers::model_at(&args.inputs)?;
    if args.conformers || model.is_some() {
        return evaluate_conformers::run(args, model.as_ref(), quiet);
    }
    if args.inputs.are_molecules()? {
        return evaluate_molecules::run(args, quiet);
    }
    if args.inputs.are_events()? {
        return evaluate_events::run(args, quiet);
    }
    if let Some(out) = &args.reweight {
        return Err(Error::argument("--reweight", out.display(), "tables of events (Z plus jets), not of jets"));
    }
    let samples = args.inputs.read(&args.inputs.generated)?;
    let evaluation = evaluate(&samples, args.inputs.protocol(&args.inputs.generated), quiet)?;
    if args.json {
        let text = serde_json::to_string_pretty(&evaluation).unwrap_or_default();
        return super::print(&format!("{text}\n"));
    }
    super::print(&table(&evaluation))
}
