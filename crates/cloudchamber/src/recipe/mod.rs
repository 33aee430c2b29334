//! Recipes: one TOML file that names data, network, path, objective, training and sampling.
//!
//! Every key has a default (see [`sections`]) but `data.dir` or `data.files`. Keys are checked: a misspelt one is refused with the nearest
//! existing one. Relative paths in `[data]` are relative to the recipe file; those given with `--set` to the current directory.

mod build;
mod check;
mod files;
mod inherit;
pub(crate) mod overrides;
pub mod sections;

use std::path::{Path, PathBuf};

use collider::JetClass;
use serde::{Deserialize, Serialize};

pub use files::FileRecipe;
#[cfg(test)]
pub(crate) use files::assert_refused;
pub use sections::*;

use crate::Error;

/// A resolved recipe: the file, its overrides and the defaults together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Name of the model, shown by `chamber models`; the file's name without its ending if absent.
    pub name: String,
    /// Which jets to learn from.
    pub data: DataSection,
    /// The network of the particle cloud.
    pub network: NetworkSection,
    /// The network of the jet-level model.
    pub jet_network: JetNetworkSection,
    /// How data turns into noise.
    pub path: PathSection,
    /// What the networks learn.
    pub objective: ObjectiveSection,
    /// How long and how fast they learn.
    pub train: TrainSection,
    /// How they are sampled.
    pub sample: SampleSection,
    /// From which network a few-step one is distilled; trained from scratch if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distil: Option<DistilSection>,
    /// The file this recipe was read from; messages name it, and relative paths start from its directory.
    #[serde(skip)]
    pub source: PathBuf,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            name: String::new(),
            data: DataSection::default(),
            network: NetworkSection::default(),
            jet_network: JetNetworkSection::default(),
            path: PathSection::Linear {},
            objective: ObjectiveSection::default(),
            train: TrainSection::default(),
            sample: SampleSection::default(),
            distil: None,
            source: PathBuf::new(),
        }
    }
}

impl Recipe {
    /// Reads a recipe, applies `key=value` overrides in order, and checks every key and value.
    ///
    /// Errors name the file and the dotted key, with the nearest existing key or name where one is unknown.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Recipe, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let (mut recipe, given) = Recipe::resolve(&text, path, overrides)?;
        recipe.inherit(&given)?;
        recipe.check_paths()?;
        Ok(recipe)
    }

    /// As [`Recipe::load`] for the resolved recipe of a run, which has all that its teacher gave it already.
    pub fn of_run(path: &Path) -> Result<Recipe, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let recipe = Recipe::parse(&text, path, &[])?;
        recipe.check_paths()?;
        Ok(recipe)
    }

    /// As [`Recipe::load`] from a text; `source` is the name used in messages and for relative paths. Neither data files nor a teacher
    /// need exist.
    pub fn parse(text: &str, source: &Path, overrides: &[String]) -> Result<Recipe, Error> {
        Recipe::resolve(text, source, overrides).map(|(recipe, _)| recipe)
    }

    /// The recipe, and the names of the sections it has in so many words.
    fn resolve(text: &str, source: &Path, overrides: &[String]) -> Result<(Recipe, Vec<String>), Error> {
        let (mut recipe, given): (Recipe, _) = overrides::resolve(text, source, overrides)?;
        recipe.source = source.to_path_buf();
        if recipe.name.is_empty() {
            recipe.name = name_of(source);
        }
        recipe.network.step_length |= recipe.tells_the_length();
        recipe.check()?;
        Ok((recipe, given))
    }

    /// Classes and their files, in the order of [`JetClass::ALL`], with absolute or cwd-relative paths that can be opened.
    ///
    /// Errors: no data named, both `dir` and `files` given, or a `dir` without any class file.
    pub fn data_files(&self) -> Result<Vec<(JetClass, PathBuf)>, Error> {
        let base = self.source.parent().unwrap_or(Path::new(""));
        match (&self.data.dir, self.data.files.is_empty()) {
            (None, false) => Ok(self.data.files.iter().map(|(&class, path)| (class, base.join(path))).collect()),
            (Some(dir), true) => {
                let dir = base.join(dir);
                if !dir.is_dir() {
                    return Err(self.value(
                        "data.dir",
                        dir.display(),
                        "an existing directory (relative to the recipe file)",
                    ));
                }
                let found: Vec<_> = JetClass::ALL
                    .iter()
                    .map(|&c| (c, dir.join(format!("{c}.hdf5"))))
                    .filter(|(_, p)| p.exists())
                    .collect();
                if found.is_empty() {
                    return Err(self.value(
                        "data.dir",
                        dir.display(),
                        "a directory with g.hdf5, q.hdf5, t.hdf5, w.hdf5 or z.hdf5",
                    ));
                }
                Ok(found)
            }
            (Some(_), false) => Err(Error::Contradiction {
                file: self.source.clone(),
                first: "data.dir".into(),
                second: "data.files".into(),
                why: "both say where the jets are".into(),
                remedy: "keep one of the two".into(),
            }),
            (None, true) => {
                Err(self.value("data.files", "nothing", "data.dir = \"...\" or data.files = { g = \"g.hdf5\", ... }"))
            }
        }
    }

    /// The resolved recipe with absolute data paths, as it is written into the run directory: reading it back gives the same recipe.
    pub fn to_toml(&self) -> Result<String, Error> {
        let mut copy = self.clone();
        let base = self.source.parent().unwrap_or(Path::new(""));
        let absolute = |p: &Path| std::path::absolute(base.join(p)).unwrap_or_else(|_| p.to_path_buf());
        copy.data.dir = self.data.dir.as_deref().map(absolute);
        copy.data.files = self.data.files.iter().map(|(&class, p)| (class, absolute(p))).collect();
        copy.distil = self.distil.as_ref().map(|distil| distil.resolved(&self.source));
        copy.text()
    }

    /// The resolved recipe with the bare names of the data files and directories, as it is stored inside a model that is passed on.
    pub fn to_portable_toml(&self) -> Result<String, Error> {
        let mut copy = self.clone();
        let bare = |p: &Path| PathBuf::from(p.file_name().unwrap_or(p.as_os_str()));
        copy.data.dir = self.data.dir.as_deref().map(bare);
        copy.data.files = self.data.files.iter().map(|(&class, p)| (class, bare(p))).collect();
        copy.distil = self.distil.as_ref().map(DistilSection::portable);
        copy.text()
    }

    fn text(&self) -> Result<String, Error> {
        toml::to_string(self)
            .map_err(|e| Error::Syntax { place: self.source.display().to_string(), message: e.to_string() })
    }

    fn value(&self, key: &str, found: impl ToString, expected: &str) -> Error {
        Error::Value { file: self.source.clone(), key: key.into(), found: found.to_string(), expected: expected.into() }
    }
}

/// The name of a model whose recipe, in this file, does not say it.
fn name_of(source: &Path) -> String {
    source.file_stem().map_or_else(|| "model".into(), |stem| stem.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
