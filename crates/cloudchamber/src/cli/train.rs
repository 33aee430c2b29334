//! `chamber train`: a recipe in, a run directory out.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use crate::device::{DeviceName, limit_threads};
use crate::recipe::{FileRecipe, Recipe, overrides};
use crate::ui::{RunUi, TrainUi};
use crate::{Error, atomic};

pub(super) const ABOUT: &str = "Trains a model by a recipe and writes a run directory: recipe.toml (resolved: file, overrides and defaults), \
model.safetensors (averaged weights, ready for `chamber sample RUN`), checkpoints, and for each of the two stages a log.jsonl with \
TensorBoard scalars beside it (`tensorboard --logdir RUN`).

Killed at any moment, even with -9, a run goes on from its last checkpoint with --resume and ends with the same weights as an \
uninterrupted one on the same device. The first Ctrl-C writes a checkpoint and stops, the second stops at once.

Relative paths in a recipe start at the recipe's directory; paths given with --set start at the current directory.";

const EXAMPLES: &str = "Examples:
  chamber train recipes/jets/jets.toml --out runs/jets
  chamber train recipes/jets/jets.toml --out runs/wide --set network.width=256 --set train.steps=100000
  chamber train recipes/jets/jets.toml --set data.files.t=t150.hdf5 --set data.particles=150
  chamber train recipes/zjets/flow-matching.toml --out runs/zjets --set data.files='[\"zjets.parquet\"]'
  chamber train --resume runs/jets";

/// Arguments of `chamber train`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// The recipe, a TOML file
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    pub recipe: Option<PathBuf>,
    /// Run directory to write; it must not hold a run yet [default: runs/NAME, NAME from the recipe]
    #[arg(long, short, value_name = "RUN", conflicts_with = "resume")]
    pub out: Option<PathBuf>,
    /// Override a key of the recipe, for example train.steps=1000; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", conflicts_with = "resume")]
    pub overrides: Vec<String>,
    /// Go on with an interrupted run
    #[arg(long, value_name = "RUN")]
    pub resume: Option<PathBuf>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceName,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
}

/// Name of the resolved recipe in the run directory.
pub const RECIPE: &str = "recipe.toml";

/// Trains, or goes on training.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    limit_threads(args.threads)?;
    let device = args.device.open()?;
    let described = match (&args.resume, &args.recipe) {
        (Some(run), _) => run.join(RECIPE),
        (None, recipe) => recipe.clone().unwrap_or_default(),
    };
    let text = std::fs::read_to_string(&described).unwrap_or_default();
    let domain = overrides::domain(&text, &args.overrides);
    match domain.as_deref() {
        Some("zjets") => return of_files(&described, args, &device, quiet, crate::events::train::train),
        Some("molecules") => return of_files(&described, args, &device, quiet, crate::molecules::train::train),
        Some("conformers") => return of_files(&described, args, &device, quiet, crate::conformers::train::train),
        _ => {}
    }
    let (recipe, run) = match (&args.resume, &args.recipe) {
        (Some(run), _) => (resumed(run)?, run.clone()),
        (None, Some(path)) => begun(path, args)?,
        (None, None) => return Err(Error::argument("RECIPE", "nothing", "a recipe, or --resume RUN")),
    };
    finished(&run, args.resume.is_none(), quiet, |ui| {
        crate::train::train(&recipe, &run, args.resume.is_some(), &device, ui)
    })
}

/// What trains by a recipe: in a run directory, from its last checkpoint or not, on a device.
type Training<R> = fn(&R, &Path, bool, &Device, &mut dyn TrainUi) -> Result<(), Error>;

/// Trains a generator whose data are a list of files.
fn of_files<R: FileRecipe>(
    recipe: &Path,
    args: &Args,
    device: &Device,
    quiet: bool,
    train: Training<R>,
) -> Result<(), Error> {
    let recipe = R::load(recipe, &args.overrides)?;
    let run = match &args.resume {
        Some(run) => run.clone(),
        None => new_run(args, recipe.name(), &recipe.to_toml()?)?,
    };
    finished(&run, args.resume.is_none(), quiet, |ui| train(&recipe, &run, args.resume.is_some(), device, ui))
}

/// Does the training of a `new` run or an old one, and says where the model is, or how to go on.
fn finished(
    run: &Path,
    new: bool,
    quiet: bool,
    train: impl FnOnce(&mut dyn TrainUi) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut ui = RunUi::new(run, quiet);
    train(&mut ui).map_err(|error| {
        if matches!(error, Error::Interrupted) {
            ui.say(&format!("stopped; go on with: chamber train --resume {}", run.display()));
        } else if new {
            forget(run);
        }
        error
    })?;
    super::print(&format!("{}\n", run.join(crate::home::RUN_MODEL).display()))
}

/// Removes a run that was refused before it had anything but its recipe, so that the next attempt finds its place free.
fn forget(run: &Path) {
    let only = |entries: std::fs::ReadDir| entries.flatten().all(|entry| entry.file_name() == RECIPE);
    if std::fs::read_dir(run).is_ok_and(only) {
        // What cannot be removed does no harm.
        let _ = std::fs::remove_file(run.join(RECIPE)).and_then(|()| std::fs::remove_dir(run));
    }
}

fn begun(path: &Path, args: &Args) -> Result<(Recipe, PathBuf), Error> {
    let recipe = Recipe::load(path, &args.overrides)?;
    for (_, file) in recipe.data_files()? {
        let reader = collider::jetnet::Reader::open(&file)?;
        recipe.check_data(&file, reader.len() as u64, reader.capacity())?;
    }
    let run = new_run(args, &recipe.name, &recipe.to_toml()?)?;
    Ok((recipe, run))
}

/// A run directory with its resolved recipe.
fn new_run(args: &Args, name: &str, recipe: &str) -> Result<PathBuf, Error> {
    let run = args.out.clone().unwrap_or_else(|| Path::new("runs").join(name));
    if run.join(RECIPE).exists() {
        return Err(Error::Argument {
            argument: "--out".into(),
            found: format!("{}, which holds a run already", run.display()),
            expected: format!("a new directory, or --resume {} to go on", run.display()),
        });
    }
    std::fs::create_dir_all(&run).map_err(Error::io("create", &run))?;
    atomic::write(&run.join(RECIPE), recipe.as_bytes())?;
    Ok(run)
}

fn resumed(run: &Path) -> Result<Recipe, Error> {
    let file = run.join(RECIPE);
    if run.is_dir() && !file.exists() {
        let found = format!("no {RECIPE}");
        return Err(Error::Content {
            path: run.to_path_buf(),
            found,
            expected: "the run directory of an earlier `chamber train`".into(),
        });
    }
    Recipe::of_run(&file)
}
