//! `chamber lab`: methods trained and compared on a distribution in the plane.

use std::path::{Path, PathBuf};

use crate::lab::{Comparison, Goal, LabRecipe, Target, gallery, html};
use crate::{Error, atomic, device, home};

pub(super) const ABOUT: &str = "Trains methods on a distribution in the plane, where everything can be seen, and writes one page: the distance to the target against \
network evaluations, and for each method its field as arrows over the density, its ways from noise to data, and its samples.

METHOD is the name of a recipe in recipes/toys (see --list), or a file of your own. TARGET is 8gaussians, moons, checkerboard, spirals, rings, or a CSV \
file with two columns of numbers, and optionally a third that names classes.";

const EXAMPLES: &str = "Examples:
  chamber lab --list
  chamber lab edm flow-matching ot-flow-matching --target moons
  chamber lab --all --target 8gaussians -o gallery.html
  chamber lab flow-matching --target points.csv --set train.steps=20000";

/// Arguments of `chamber lab`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// Methods to compare; the teachers of those that are distilled are added
    #[arg(value_name = "METHOD", required_unless_present_any = ["all", "list"])]
    pub methods: Vec<String>,
    /// All bundled methods
    #[arg(long, conflicts_with = "methods")]
    pub all: bool,
    /// Say which methods there are
    #[arg(long)]
    pub list: bool,
    /// What to learn
    #[arg(long, short, value_name = "TARGET", default_value = "8gaussians")]
    pub target: String,
    /// Points in each sample that is compared
    #[arg(short, long = "number", value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(16..=8192))]
    pub n: u32,
    /// Samples of each method, each of another seed
    #[arg(long, value_name = "R", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeats: u32,
    /// First seed of the samples
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Override a key of all recipes, for example train.steps=20000; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    /// The page to write
    #[arg(short, long, value_name = "FILE", default_value = "lab.html")]
    pub out: PathBuf,
    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
    /// Also write one SVG picture of all methods' samples
    #[arg(long, value_name = "FILE")]
    pub gallery: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
}

/// Trains, compares and writes the page.
pub fn run(args: &Args, quiet: bool) -> Result<(), Error> {
    if args.list {
        let mut text = String::new();
        for (name, path) in bundled() {
            text += &format!("{name:<24} {}\n", LabRecipe::load(&path, &[])?.about);
        }
        return super::print(&text);
    }
    device::limit_threads(args.threads)?;
    for file in [Some(&args.out), args.gallery.as_ref()].into_iter().flatten() {
        atomic::check_writable(file, args.force)?;
    }
    let target = Target::find(&args.target)?;
    let mut recipes = recipes(args)?;
    if args.all {
        // Some methods ask for what this target does not have, such as classes.
        recipes.retain(|recipe| {
            let goal = Goal::of(recipe, &target);
            goal.as_ref().err().into_iter().for_each(|e| eprintln!("{} is left out: {e}", recipe.name));
            goal.is_ok()
        });
    }
    let comparison = Comparison { target, points: args.n as usize, repeats: args.repeats as usize, seed: args.seed };
    let say = |text: &str| {
        if !quiet {
            eprintln!("{text}");
        }
    };
    let floor = comparison.floor(&Goal::Target);
    let (entries, mut failures) = comparison.run(&recipes, &say)?;
    for (name, error) in &failures {
        eprintln!("{name}: {error}");
    }
    if entries.is_empty() {
        return failures.pop().map_or(Ok(()), |(_, error)| Err(error));
    }
    atomic::write(&args.out, html(&comparison, &args.target, &entries, floor)?.as_bytes())?;
    if let Some(path) = &args.gallery {
        atomic::write(path, gallery(&comparison, &entries)?.as_bytes())?;
    }
    if args.json {
        let figures = serde_json::json!({
            "target": args.target, "points": args.n, "repeats": args.repeats, "seed": args.seed, "floor": floor,
            "log_likelihood": comparison.negative_entropy(),
            "methods": entries.iter().map(|e| &e.measured).collect::<Vec<_>>(),
        });
        super::print(&format!("{figures:#}\n"))?;
    } else {
        super::print(&format!("{}\n", args.out.display()))?;
    }
    // What has worked is written; the exit status still says that something has not.
    failures.pop().map_or(Ok(()), |(_, error)| Err(error))
}

/// The recipes asked for, in their order, and before them the teachers that they need.
fn recipes(args: &Args) -> Result<Vec<LabRecipe>, Error> {
    let mut wanted: Vec<LabRecipe> = Vec::new();
    let names: Vec<String> =
        if args.all { bundled().into_iter().map(|(name, _)| name).collect() } else { args.methods.clone() };
    for name in &names {
        let recipe = LabRecipe::load(&find(name)?, &args.overrides)?;
        if let Some(teacher) = &recipe.teacher {
            let teacher = LabRecipe::load(&find(teacher)?, &args.overrides)?;
            if teacher.teacher.is_some() {
                let expected = "a recipe without a teacher of its own";
                return Err(Error::argument(&format!("teacher of {name}"), teacher.name, expected));
            }
            add(&mut wanted, teacher);
        }
        add(&mut wanted, recipe);
    }
    Ok(wanted)
}

fn add(all: &mut Vec<LabRecipe>, recipe: LabRecipe) {
    if all.iter().all(|known| known.name != recipe.name) {
        all.push(recipe);
    }
}

/// Names and files of the bundled recipes, sorted by name.
fn bundled() -> Vec<(String, PathBuf)> {
    home::files("recipes/toys", "toml")
}

fn find(name: &str) -> Result<PathBuf, Error> {
    if Path::new(name).is_file() {
        return Ok(PathBuf::from(name));
    }
    let all = bundled();
    match all.iter().find(|(known, _)| known == name) {
        Some((_, path)) => Ok(path.clone()),
        None => Err(Error::unknown("method", name, "recipes/toys", all.iter().map(|(known, _)| known.as_str()))),
    }
}
