//! `chamber models`: the bundled models.

use std::fmt::Write;

use crate::model::Model;
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
        return super::print(&Model::load(&home::model_file(name)?)?.meta.recipe_toml);
    }
    let models = home::models();
    if models.is_empty() {
        return super::print(&format!(
            "no bundled models found; set {} to the directory that has models/\n",
            home::VARIABLE
        ));
    }
    let mut text = format!("{:<16} {:>8} {:>10}  {:<16} FILE\n", "MODEL", "SIZE", "PARTICLES", "CLASSES");
    for (name, path) in models {
        let size = std::fs::metadata(&path).map_or(0, |m| m.len()) as f64 / 1e6;
        match Model::load(&path) {
            Ok(model) => {
                let classes: Vec<&str> = model.meta.classes.iter().map(|c| c.letter()).collect();
                let _ = writeln!(
                    text,
                    "{name:<16} {size:>5.1} MB {:>10}  {:<16} {}",
                    model.meta.particles,
                    classes.join(" "),
                    path.display()
                );
            }
            Err(error) => {
                let _ = writeln!(text, "{name:<16} {size:>5.1} MB {:>10}  {error}", "?");
            }
        }
    }
    super::print(&text)
}
