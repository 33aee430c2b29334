//! `chamber sample`: jets from a model into a file.

use std::path::{Path, PathBuf};

use collider::file::{Contents, JetWriter};
use collider::{JetClass, Jets};
use kernels::Precision;

use super::values;
use crate::conformers::ConformerModel;
use crate::device::{DeviceName, limit_threads};
use crate::events::EventModel;
use crate::model::Model;
use crate::model_domain::ModelDomain;
use crate::molecules::MoleculeModel;
use crate::progress::{Progress, duration, significant};
use crate::sample::{SampleOptions, SampleStats, sample};
use crate::{Error, atomic, home, interrupt};

pub(super) const ABOUT: &str = "Generates jets with a trained model: events FIRST to FIRST + N - 1 of a seed.

Event number and seed alone decide a jet, so splitting a range over several calls (or machines) gives exactly the jets of one call. The \
ending of FILE names the format: .hdf5 or .h5 (JetNet's layout), .npz (the same arrays for NumPy), .parquet (one row per jet). The file \
appears under its name only when it is complete. Memory does not grow with N.

Models of whole events (`chamber models` says which) write tables: .root, .parquet, .hdf5, .npz or .csv, one row per event with jagged jets. \
Models of molecules and of conformers (of the molecules of --smiles or --sdf, N of each) write .sdf, .xyz or .extxyz (also with .gz or .zst behind), or .parquet.";

const EXAMPLES: &str = "Examples:
  chamber sample jets -n 100000 --class t -o t.hdf5
  chamber sample jets -n 50000 --class g --seed 7 --first 50000 -o g-second-half.hdf5
  chamber sample runs/jets -n 10000 --sampler dpmpp2m --steps 12 --guidance 1.5 -o mixed.parquet";

/// Bytes of a molecule of 18 atoms in the most verbose format.
pub(super) const MOLECULE: usize = 2000;
/// Failed or refused molecules that are named.
pub(super) const LISTED: usize = 20;

/// Arguments of `chamber sample`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// The model: name of a bundled one (see `chamber models`), a .safetensors file, or a run directory
    #[arg(value_name = "MODEL|RUN")]
    pub model: String,
    /// Number of jets
    #[arg(short, long = "number", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub n: u64,
    /// Class of the jets; without it all classes of the model are mixed and the file says which is which (jet_type)
    #[arg(long, value_name = "CLASS", value_parser = values::class())]
    pub class: Option<JetClass>,
    /// Number of jets of each event, for generators of events; without it drawn as in the training data
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub jets: Option<u8>,
    /// Number of atoms of each molecule, for generators of molecules; without it drawn as in the training data
    #[arg(long, value_name = "A", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub atoms: Option<u32>,
    /// Property of each molecule, for generators of molecules that were told it; may be repeated
    #[arg(long = "property", value_name = "NAME=VALUE", value_parser = property)]
    pub properties: Vec<(String, f64)>,
    /// SMILES of a molecule, for generators of conformers, which make N of it; may be repeated
    #[arg(long, value_name = "SMILES")]
    pub smiles: Vec<String>,
    /// Molecules with their bonds (SDF, or Parquet of conformers), for generators of conformers, which make N of each
    #[arg(long, value_name = "FILE")]
    pub sdf: Option<PathBuf>,
    /// Conformers at least this far from every earlier one of their molecule, in Angstrom (root mean square of heavy atoms), for generators of conformers;
    /// up to 8 are drawn for each
    #[arg(long, value_name = "A", value_parser = values::distance)]
    pub distinct: Option<f64>,
    /// Path from noise to molecule, for generators of molecules or conformers with the target "edm" [default: the model's]
    #[arg(long, value_name = "NAME", value_parser = values::path())]
    pub path: Option<String>,
    /// Draws of a Bayesian model's weights among which the events are shared out in turns of 1024; column "draw" says which [default: the model's]
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub draws: Option<u32>,
    /// Seed
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Number of the first event
    #[arg(long, value_name = "I", default_value_t = 0)]
    pub first: u64,
    /// Steps of the sampler [default: the model's]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub steps: Option<u32>,
    /// Sampler, for some with the amount of new noise: heun-churn:20, dpmpp2m-sde:2, sde:2, ddim:0.5 [default: the model's]
    #[arg(long, value_name = "NAME[:NOISE]", value_parser = values::sampler())]
    pub sampler: Option<String>,
    /// Strength of classifier-free guidance; 1 is none [default: the model's]
    #[arg(long, value_name = "W", value_parser = guidance)]
    pub guidance: Option<f64>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceName,
    /// Numbers in the products of the cloud network, on the CPU
    #[arg(long, value_name = "P", default_value = "single", value_parser = values::precision())]
    pub precision: Precision,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
    /// Output file: .hdf5, .h5, .npz or .parquet; for events also .root and .csv; for molecules .sdf, .xyz, .extxyz or .parquet
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
}

fn property(text: &str) -> Result<(String, f64), String> {
    let parsed = text.split_once('=').and_then(|(name, value)| Some((name.trim(), value.trim().parse().ok()?)));
    let finite = parsed.filter(|(name, value): &(&str, f64)| !name.is_empty() && value.is_finite());
    finite.map(|(name, value)| (name.to_string(), value)).ok_or_else(|| "expected NAME=VALUE, such as gap=0.25".into())
}

fn guidance(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|w: &f64| w.is_finite() && *w >= 0.0)
        .ok_or_else(|| "expected a number from 0 on (1 is no guidance)".into())
}

/// Samples into the file and says how fast.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    limit_threads(args.threads)?;
    if args.first.checked_add(args.n).is_none() {
        return Err(Error::argument(
            "--first",
            args.first,
            format!("at most {} with -n {}", u64::MAX - args.n, args.n),
        ));
    }
    atomic::check_writable(&args.out, args.force)?;
    let file = home::model_file(&args.model)?;
    match ModelDomain::of(&file)? {
        ModelDomain::Events => {
            refuse_those_of_molecules(args, "this model makes events")?;
            return super::sample_events::run(args, &EventModel::load(&file)?, quiet);
        }
        ModelDomain::Molecules => {
            refuse_those_of_conformers(args, "this model makes molecules of its own")?;
            return super::sample_molecules::run(args, &MoleculeModel::load(&file)?, quiet);
        }
        ModelDomain::Conformers => {
            return super::sample_conformers::run(args, &ConformerModel::load(&file)?, quiet);
        }
        ModelDomain::Jets => {}
    }
    refuse_those_of_molecules(args, "this model makes single jets")?;
    for (option, given) in [("--jets", args.jets.is_some()), ("--draws", args.draws.is_some())] {
        if given {
            return Err(Error::argument(option, "a number", "no such option: this model makes single jets"));
        }
    }
    check_ending(&args.out)?;
    let model = Model::load(&file)?;
    let mut options = options(&model, args.n, args.seed, args.class)?;
    options.first = args.first;
    options.steps = args.steps.map(|k| k as usize);
    options.sampler = args.sampler.as_deref().map(str::parse).transpose()?;
    options.guidance = args.guidance.unwrap_or(options.guidance);
    if options.guidance != 1.0 && model.recipe.objective.label_dropout == 0.0 {
        let expected =
            format!("1: the model {} was trained with label_dropout = 0 and cannot be guided", model.meta.name);
        return Err(Error::argument("--guidance", options.guidance, expected));
    }
    options.threads = args.threads;
    options.device = args.device.open()?;
    options.precision = args.precision;
    let stats = into_file(&model, &options, &args.out, quiet)?;
    let cost = cost(stats.jets, "jets", stats.seconds);
    super::print(&format!("{}: {cost}, {} network evaluations per jet\n", args.out.display(), stats.evaluations))
}

/// Refuses options that only generators of molecules have.
fn refuse_those_of_molecules(args: &Args, because: &str) -> Result<(), Error> {
    let options = [
        ("--atoms", args.atoms.is_some()),
        ("--property", !args.properties.is_empty()),
        ("--path", args.path.is_some()),
    ];
    for (option, given) in options {
        if given {
            return Err(Error::argument(option, "a value", format!("no such option: {because}")));
        }
    }
    refuse_those_of_conformers(args, because)
}

/// Refuses options that only generators of conformers have.
fn refuse_those_of_conformers(args: &Args, because: &str) -> Result<(), Error> {
    let options =
        [("--smiles", !args.smiles.is_empty()), ("--sdf", args.sdf.is_some()), ("--distinct", args.distinct.is_some())];
    match options.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Error::argument(option, "a value", format!("no such option: {because}"))),
    }
}

/// How many are left out because they are not finite, and the first of them; nothing if there are none.
pub(super) fn lost(what: &str, failed: &[String]) -> String {
    if failed.is_empty() {
        return String::new();
    }
    let named = shortened(failed);
    format!(", {} left out because their coordinates grew without bound: {what}{named}", failed.len())
}

/// The first of a list.
pub(super) fn shortened(names: &[String]) -> String {
    let more = if names.len() > LISTED { ", ..." } else { "" };
    names[..names.len().min(LISTED)].join(", ") + more
}

/// Refuses to leave an empty file where all of `n` grew without bound.
pub(super) fn check_made(made: u64, n: u64) -> Result<(), Error> {
    if made > 0 {
        return Ok(());
    }
    let expected =
        "at least one with finite coordinates, but all grew without bound: take more --steps, or smaller molecules";
    Err(Error::argument("--number", n, expected))
}

/// How many were made in which time.
pub(super) fn cost(number: u64, what: &str, seconds: f64) -> String {
    let rate = significant(number as f64 / seconds);
    format!("{number} {what} in {}, {rate} {what}/s", duration(seconds))
}

/// The model's own way of sampling `n` jets of a class (`None`: all of them), which it must know.
pub fn options(model: &Model, n: u64, seed: u64, class: Option<JetClass>) -> Result<SampleOptions, Error> {
    let classes = &model.meta.classes;
    if let Some(class) = class.filter(|c| !classes.contains(c)) {
        let known = classes.iter().map(|c| c.letter());
        return Err(Error::unknown("class", class.letter(), format!("model {}", model.meta.name), known));
    }
    let class = class.or(if let [only] = classes[..] { Some(only) } else { None });
    Ok(SampleOptions { n, seed, class, ..SampleOptions::for_model(model) })
}

/// Samples into a file of the format of its ending, with progress, in constant memory; nothing is left if it fails.
pub fn into_file(model: &Model, options: &SampleOptions, path: &Path, quiet: bool) -> Result<SampleStats, Error> {
    check_room(path, options.n, model.meta.particles * 16 + 20)?;
    let jets = usize::try_from(options.n)
        .map_err(|_| Error::argument("-n", options.n, "a number of jets that this machine can count"))?;
    let mixed = options.class.is_none();
    let contents = Contents { jets, capacity: model.meta.particles, mixed, attributes: attributes(model, options) };
    let mut writer = JetWriter::create(path, contents)?;
    let label = options.class.map_or_else(|| "jets".to_string(), |c| c.name().to_string());
    let mut progress = Progress::new(label, "jets", quiet);
    let mut write = |jets: &Jets, classes: &[JetClass]| {
        interrupt::check()?;
        Ok(writer.write(jets, if mixed { classes } else { &[] })?)
    };
    let stats = sample(model, options, &mut write, &mut |done, total| progress.update(done, total, ""))?;
    interrupt::check()?;
    writer.finish()?;
    progress.finish(&format!("{}: {}", progress.label(), cost(stats.jets, "jets", stats.seconds)));
    Ok(stats)
}

/// Samples into memory, with progress.
pub fn into_memory(model: &Model, options: &SampleOptions, quiet: bool) -> Result<(Jets, SampleStats), Error> {
    let mut all = Jets::new(model.meta.particles);
    let label = options.class.map_or("jets", JetClass::name);
    let mut progress = Progress::new(label, "jets", quiet);
    let mut keep = |jets: &Jets, _: &[JetClass]| {
        interrupt::check()?;
        Ok(all.extend(jets)?)
    };
    let stats = sample(model, options, &mut keep, &mut |done, total| progress.update(done, total, ""))?;
    Ok((all, stats))
}

fn attributes(model: &Model, options: &SampleOptions) -> Vec<(String, String)> {
    let mut list = vec![
        ("generator", format!("chamber {}", env!("CARGO_PKG_VERSION"))),
        ("model", model.meta.name.clone()),
        ("seed", options.seed.to_string()),
        ("first", options.first.to_string()),
        ("guidance", options.guidance.to_string()),
        ("conditions", "generated".to_string()),
    ];
    list.extend((options.precision == Precision::Bf16).then(|| ("precision", "bf16".to_string())));
    list.extend(options.class.map(|c| ("class", c.letter().to_string())));
    list.extend(options.steps.map(|k| ("steps", k.to_string())));
    list.extend(options.sampler.as_ref().map(|s| ("sampler", s.to_string())));
    list.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
}

fn check_ending(path: &Path) -> Result<(), Error> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    if JetWriter::ENDINGS.contains(&ending.as_str()) {
        return Ok(());
    }
    Err(collider::Error::UnknownEnding { path: path.to_path_buf() }.into())
}

/// Refuses a file of `number` jets or events of so many bytes that cannot fit: minutes or hours earlier than the full disk would.
pub(super) fn check_room(path: &Path, number: u64, bytes: usize) -> Result<(), Error> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let needed = u128::from(number) * bytes as u128;
    let Ok(disk) = rustix::fs::statvfs(directory) else { return Ok(()) };
    let free = u128::from(disk.f_bavail) * u128::from(disk.f_frsize);
    let mb = |bytes: u128| u64::try_from(bytes / 1_000_000).unwrap_or(u64::MAX);
    if needed > free {
        return Err(Error::NoRoom { path: path.to_path_buf(), number, needed_mb: mb(needed), free_mb: mb(free) });
    }
    Ok(())
}
