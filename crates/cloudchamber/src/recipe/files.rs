//! What recipes whose data are a list of files have in common: all but those of jets.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ObjectiveSection, PathSection, Recipe, SampleSection, TrainSection, name_of, overrides};
use crate::{Error, home};

/// A resolved recipe whose `data.files` is a list.
pub trait FileRecipe: Clone + Serialize + DeserializeOwned {
    /// What its files are to be, as messages say it.
    const FILES: &'static str;

    /// Name of the model.
    fn name(&self) -> &str;

    /// The file it was read from.
    fn source(&self) -> &Path;

    /// Its files, as they are listed.
    fn listed(&self) -> &[PathBuf];

    /// Name of the model, source and files.
    fn head(&mut self) -> (&mut String, &mut PathBuf, &mut Vec<PathBuf>);

    /// The model whose weights training starts from, if the recipe names one.
    fn initial(&mut self) -> Option<&mut String> {
        None
    }

    /// Checks every value; `given` are the names of the sections that the text has in so many words.
    ///
    /// # Errors
    /// The first mistake.
    fn check(&self, given: &[String]) -> Result<(), Error>;

    /// All of it as TOML.
    ///
    /// # Errors
    /// As [`toml::to_string`].
    fn text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Reads a recipe, applies `key=value` overrides in order, and checks every key and value, and that the files exist.
    ///
    /// # Errors
    /// A file that cannot be read, keys and values that cannot be.
    fn load(path: &Path, settings: &[String]) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let recipe = Self::parse(&text, path, settings)?;
        match recipe.files().into_iter().find(|file| !file.is_file()) {
            Some(file) => Err(recipe.value("data.files", file.display(), Self::FILES)),
            None => Ok(recipe),
        }
    }

    /// As [`FileRecipe::load`] from a text; the files need not exist.
    ///
    /// # Errors
    /// Keys and values that cannot be.
    fn parse(text: &str, source: &Path, settings: &[String]) -> Result<Self, Error> {
        let (mut recipe, given): (Self, _) = overrides::resolve(text, source, settings)?;
        let (name, from, _) = recipe.head();
        *from = source.to_path_buf();
        if name.is_empty() {
            *name = name_of(source);
        }
        recipe.check(&given)?;
        Ok(recipe)
    }

    /// The directory it was read from.
    fn base(&self) -> &Path {
        self.source().parent().unwrap_or(Path::new(""))
    }

    /// The files, with paths that can be opened.
    fn files(&self) -> Vec<PathBuf> {
        self.listed().iter().map(|file| self.base().join(file)).collect()
    }

    /// The recipe with absolute paths, as it is written into the run directory.
    ///
    /// # Errors
    /// As [`FileRecipe::text`].
    fn to_toml(&self) -> Result<String, Error> {
        let absolute = |file: PathBuf| std::path::absolute(&file).unwrap_or(file);
        self.with_paths(self.files().into_iter().map(absolute).collect(), |model| {
            home::absolute_model(self.base(), model)
        })
    }

    /// The recipe with bare names of its files, as it is stored inside a model.
    ///
    /// # Errors
    /// As [`FileRecipe::text`].
    fn to_portable_toml(&self) -> Result<String, Error> {
        let bare = |file: &PathBuf| PathBuf::from(file.file_name().unwrap_or(file.as_os_str()));
        self.with_paths(self.listed().iter().map(bare).collect(), home::bare_model)
    }

    /// The recipe as TOML with other files and another name of its initial model.
    ///
    /// # Errors
    /// As [`FileRecipe::text`].
    fn with_paths(&self, files: Vec<PathBuf>, model: impl Fn(&str) -> String) -> Result<String, Error> {
        let mut copy = self.clone();
        *copy.head().2 = files;
        if let Some(initial) = copy.initial().filter(|initial| !initial.is_empty()) {
            *initial = model(initial);
        }
        copy.text().map_err(|e| Error::Syntax { place: self.source().display().to_string(), message: e.to_string() })
    }

    /// Checks what these recipes share with those of jets, where it is checked.
    ///
    /// # Errors
    /// The first mistake.
    fn check_shared(
        &self,
        path: &PathSection,
        objective: &ObjectiveSection,
        train: TrainSection,
        sample: &SampleSection,
    ) -> Result<(), Error> {
        let shared = Recipe {
            path: path.clone(),
            objective: objective.clone(),
            train: TrainSection { jet_steps: u64::MAX, jet_batch: train.batch, ..train },
            sample: sample.clone(),
            source: self.source().to_path_buf(),
            ..Recipe::default()
        };
        shared.check()
    }

    /// A wrong value of a key.
    fn value(&self, key: &str, found: impl ToString, expected: &str) -> Error {
        let (file, found) = (self.source().to_path_buf(), found.to_string());
        Error::Value { file, key: key.into(), found, expected: expected.into() }
    }
}

/// For tests: each of these settings of a recipe's text is refused with a message that says this.
#[cfg(test)]
pub(crate) fn assert_refused<R: FileRecipe>(text: &str, cases: &[(&str, &str)]) {
    for (setting, key) in cases {
        let refused = R::parse(text, Path::new("r.toml"), &[(*setting).to_string()]);
        let error = refused.err().unwrap_or_else(|| panic!("{setting} is accepted"));
        assert!(error.to_string().contains(key), "{setting}: {error}");
    }
}
