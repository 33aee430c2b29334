//! `chamber models`: the bundled models.

use std::fmt::Write;
use std::path::Path;

use crate::conformers::ConformerModel;
use crate::events::EventModel;
use crate::model::Model;
use crate::model_domain::ModelDomain;
use crate::molecules::MoleculeModel;
use crate::{Error, home};

const EXAMPLES: &str = "Examples:
  chamber models
  chamber models --recipe jets > my.toml   start a recipe of your own from a model's";

/// Arguments of `chamber models`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Print the recipe that a model was trained by
    #[arg(long, value_name = "MODEL")]
    pub recipe: Option<String>,
}

/// Prints the list, or one recipe.
pub fn run(args: &Args) -> Result<(), Error> {
    if let Some(name) = &args.recipe {
        let file = home::model_file(name)?;
        let recipe = match ModelDomain::of(&file)? {
            ModelDomain::Events => EventModel::load(&file)?.meta.recipe_toml,
            ModelDomain::Molecules => MoleculeModel::load(&file)?.meta.recipe_toml,
            ModelDomain::Conformers => ConformerModel::load(&file)?.meta.recipe_toml,
            ModelDomain::Jets => Model::load(&file)?.meta.recipe_toml,
        };
        return super::print(&recipe);
    }
    let models = home::models();
    if models.is_empty() {
        return super::print(&format!(
            "no bundled models found; set {} to the directory that has models/\n",
            home::VARIABLE
        ));
    }
    let mut text = format!("{:<16} {:>8}  {:<32} FILE\n", "MODEL", "SIZE", "MAKES");
    for (name, path) in models {
        let size = std::fs::metadata(&path).map_or(0, |m| m.len()) as f64 / 1e6;
        let (makes, file) = match describe(&path) {
            Ok(makes) => (makes, path.display().to_string()),
            Err(error) => ("?".into(), error.to_string()),
        };
        let _ = writeln!(text, "{name:<16} {size:>5.1} MB  {makes:<32} {file}");
    }
    super::print(&text)
}

/// What a model makes.
fn describe(path: &Path) -> Result<String, Error> {
    Ok(match ModelDomain::of(path)? {
        ModelDomain::Events => {
            format!("events: Z + 1 to {} jets", EventModel::load(path)?.meta.encoding.stages())
        }
        ModelDomain::Molecules => {
            let encoding = MoleculeModel::load(path)?.meta.encoding;
            format!("molecules: {}, up to {} atoms", encoding.symbols().join(" "), encoding.largest())
        }
        ModelDomain::Conformers => {
            ConformerModel::load(path)?;
            "conformers of given molecules".into()
        }
        ModelDomain::Jets => {
            let meta = Model::load(path)?.meta;
            let classes: Vec<&str> = meta.classes.iter().map(|c| c.letter()).collect();
            format!("jets: {} of {} particles", classes.join(" "), meta.particles)
        }
    })
}
