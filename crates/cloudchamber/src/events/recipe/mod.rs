//! Recipes of event generators.

use std::path::{Path, PathBuf};

use collider::zjets::{Coordinates, Cuts, STAGES, Scaling};
use diffusion::AnyPath;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::recipe::{ObjectiveSection, PathSection, Recipe, SampleSection, TrainSection, overrides};

mod data;
mod network;
mod train;

pub use data::{Edge, EventData, EventDomain, Symmetry};
pub use network::{Angles, BayesSection, EventNetwork, EventNetworkKind, Order};
pub use train::EventTrain;

/// A resolved recipe of an event generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRecipe {
    /// Name of the model; the file's name without its ending if absent.
    #[serde(default)]
    pub name: String,
    /// Which events to learn from, and in which numbers.
    pub data: EventData,
    /// The networks.
    #[serde(default)]
    pub network: EventNetwork,
    /// How data turns into noise; networks with a likelihood have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathSection>,
    /// What the networks learn, if not the likelihood.
    #[serde(default)]
    pub objective: ObjectiveSection,
    /// Makes the networks Bayesian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bayes: Option<BayesSection>,
    /// How long and how fast they learn.
    #[serde(default)]
    pub train: EventTrain,
    /// How they are sampled, if not by their likelihood.
    #[serde(default)]
    pub sample: SampleSection,
    /// The file this recipe was read from.
    #[serde(skip)]
    pub source: PathBuf,
}

/// Whether a recipe's text, with these settings, is one of an event generator.
pub fn is_event_recipe(text: &str, settings: &[String]) -> bool {
    overrides::domain(text, settings).as_deref() == Some("zjets")
}

impl EventRecipe {
    /// Reads a recipe, applies `key=value` overrides in order, and checks every key and value, and that the files exist.
    pub fn load(path: &Path, settings: &[String]) -> Result<EventRecipe, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let recipe = EventRecipe::parse(&text, path, settings)?;
        for file in recipe.files() {
            if !file.is_file() {
                return Err(recipe.value("data.files", file.display(), "existing tables of events"));
            }
        }
        Ok(recipe)
    }

    /// As [`EventRecipe::load`] from a text; the files need not exist.
    pub fn parse(text: &str, source: &Path, settings: &[String]) -> Result<EventRecipe, Error> {
        let (mut recipe, given): (EventRecipe, _) = overrides::resolve(text, source, settings)?;
        recipe.source = source.to_path_buf();
        if recipe.name.is_empty() {
            recipe.name = source.file_stem().map_or_else(|| "model".into(), |stem| stem.to_string_lossy().into_owned());
        }
        recipe.check(&given)?;
        Ok(recipe)
    }

    /// How data turns into noise.
    ///
    /// # Errors
    /// [`Error::Value`] where the recipe does not say it.
    pub fn path(&self) -> Result<AnyPath, Error> {
        let path = self.path.as_ref();
        path.ok_or_else(|| self.value("path.kind", "nothing", "a path, such as \"linear\" or \"edm\""))?.build()
    }

    fn check(&self, given: &[String]) -> Result<(), Error> {
        let data = &self.data;
        if data.files.is_empty() {
            return Err(self.value("data.files", "nothing", "tables of events: files = [\"zjets.parquet\", ...]"));
        }
        if !(data.validation > 0.0 && data.validation <= 0.5) {
            return Err(self.value("data.validation", data.validation, "more than 0, at most 0.5"));
        }
        let Cuts { jet_pt, jet_eta, separation } = data.cuts;
        if !(jet_pt >= 0.0 && jet_pt.is_finite()) {
            return Err(self.value("data.cuts.jet_pt", jet_pt, "a transverse momentum in GeV, from 0 on"));
        }
        if !(jet_eta > 0.0 && jet_eta.is_finite()) {
            return Err(self.value("data.cuts.jet_eta", jet_eta, "a pseudorapidity of more than 0"));
        }
        if !(separation > 0.0 && separation < 3.0) {
            return Err(self.value("data.cuts.separation", separation, "more than 0, less than 3"));
        }
        if data.edge == Edge::Weights && data.coordinates != Coordinates::Published {
            return Err(self.contradiction(
                "data.edge = \"weights\"",
                "data.coordinates other than \"published\"",
                "those coordinates have no edge that weights could soften",
                "use edge = \"reject\", or coordinates = \"published\"",
            ));
        }
        self.check_network(given)?;
        // What these recipes share with those of jets is checked there.
        (0..STAGES.len()).try_for_each(|stage| {
            let shared = Recipe {
                path: self.path.clone().unwrap_or_else(|| Recipe::default().path),
                objective: self.objective.clone(),
                train: TrainSection { jet_steps: u64::MAX, jet_batch: self.train.batch, ..self.train.options(stage) },
                sample: self.sample.clone(),
                source: self.source.clone(),
                ..Recipe::default()
            };
            shared.check()
        })
    }

    fn check_network(&self, given: &[String]) -> Result<(), Error> {
        let network = &self.network;
        let ranges = [
            ("network.width", network.width, 1..=4096),
            ("network.layers", network.layers, 1..=4096),
            ("network.hidden", network.hidden, 0..=100),
            ("network.bins", network.bins, 2..=900),
            ("network.heads", network.heads, 1..=256),
            ("network.components", network.components, 1..=1000),
        ];
        for (key, value, range) in ranges {
            if !range.contains(&value) {
                return Err(self.value(key, value, &format!("{} to {}", range.start(), range.end())));
            }
        }
        if let Some(bayes) = &self.bayes {
            if !(bayes.prior_precision > 0.0 && bayes.prior_precision.is_finite()) {
                return Err(self.value("bayes.prior_precision", bayes.prior_precision, "more than 0"));
            }
            if bayes.draws == 0 {
                return Err(self.value("bayes.draws", 0, "at least 1"));
            }
        }
        match network.kind {
            EventNetworkKind::Residual => {
                self.path()?;
                if !network.width.is_multiple_of(2) {
                    return Err(self.value("network.width", network.width, "an even number"));
                }
            }
            EventNetworkKind::Flow | EventNetworkKind::Gpt => {
                if let Some(section) = given.iter().find(|s| matches!(s.as_str(), "path" | "objective" | "sample")) {
                    return Err(self.contradiction(
                        &format!("network.kind = \"{}\"", self.kind()),
                        &format!("[{section}]"),
                        "a network with a likelihood has no noise: it is trained and sampled by its density",
                        &format!("remove [{section}], or use network.kind = \"residual\""),
                    ));
                }
            }
        }
        if network.kind == EventNetworkKind::Gpt {
            if !network.width.is_multiple_of(network.heads) {
                let expected = format!("a multiple of network.heads = {}", network.heads);
                return Err(self.value("network.width", network.width, &expected));
            }
            let periodic = self.data.scaling == Scaling::Normal && self.data.coordinates != Coordinates::Published;
            if network.angles == Angles::Vonmises && !periodic {
                return Err(self.contradiction(
                    "network.angles = \"vonmises\"",
                    "data.scaling or data.coordinates",
                    "azimuths are periodic only in the coordinates \"dressed\" or \"boson\" scaled by their quantiles",
                    "use scaling = \"normal\" and coordinates = \"dressed\", or angles = \"gaussian\"",
                ));
            }
        }
        Ok(())
    }

    /// The network's kind as a recipe has it.
    fn kind(&self) -> &'static str {
        match self.network.kind {
            EventNetworkKind::Residual => "residual",
            EventNetworkKind::Flow => "flow",
            EventNetworkKind::Gpt => "gpt",
        }
    }

    /// The tables, with paths that can be opened.
    pub fn files(&self) -> Vec<PathBuf> {
        let base = self.source.parent().unwrap_or(Path::new(""));
        self.data.files.iter().map(|file| base.join(file)).collect()
    }

    /// The recipe with absolute paths, as it is written into the run directory.
    pub fn to_toml(&self) -> Result<String, Error> {
        let absolute = |file: PathBuf| std::path::absolute(&file).unwrap_or(file);
        self.text(self.files().into_iter().map(absolute).collect())
    }

    /// The recipe with bare names of its files, as it is stored inside a model.
    pub fn to_portable_toml(&self) -> Result<String, Error> {
        let bare = |file: &PathBuf| PathBuf::from(file.file_name().unwrap_or(file.as_os_str()));
        self.text(self.data.files.iter().map(bare).collect())
    }

    fn text(&self, files: Vec<PathBuf>) -> Result<String, Error> {
        let mut copy = self.clone();
        copy.data.files = files;
        let wrong =
            |e: toml::ser::Error| Error::Syntax { place: self.source.display().to_string(), message: e.to_string() };
        let mut table = toml::Table::try_from(&copy).map_err(wrong)?;
        if self.network.has_likelihood() {
            ["objective", "sample"].iter().for_each(|section| drop(table.remove(*section)));
        }
        toml::to_string(&table).map_err(wrong)
    }

    fn contradiction(&self, first: &str, second: &str, why: &str, remedy: &str) -> Error {
        Error::Contradiction {
            file: self.source.clone(),
            first: first.into(),
            second: second.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    fn value(&self, key: &str, found: impl ToString, expected: &str) -> Error {
        Error::Value { file: self.source.clone(), key: key.into(), found: found.to_string(), expected: expected.into() }
    }
}
