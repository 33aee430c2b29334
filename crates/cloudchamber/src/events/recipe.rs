//! Recipes of event generators.

use std::path::{Path, PathBuf};

use collider::zjets::{Coordinates, Cuts, STAGES, Scaling};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::recipe::{ObjectiveSection, PathSection, Recipe, SampleSection, TrainSection, overrides};

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
    /// How data turns into noise.
    pub path: PathSection,
    /// What the networks learn.
    #[serde(default)]
    pub objective: ObjectiveSection,
    /// How long and how fast they learn.
    #[serde(default)]
    pub train: EventTrain,
    /// How they are sampled.
    #[serde(default)]
    pub sample: SampleSection,
    /// The file this recipe was read from.
    #[serde(skip)]
    pub source: PathBuf,
}

/// The domain of event generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventDomain {
    /// Z -> mu mu plus one to three jets.
    Zjets,
}

/// `[data]`: which events to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventData {
    /// "zjets".
    pub domain: EventDomain,
    /// Tables of events, in any format; relative paths start at the recipe's directory.
    pub files: Vec<PathBuf>,
    /// Which numbers describe an event: "boson" or "published".
    #[serde(default)]
    pub coordinates: Coordinates,
    /// How they are scaled: "normal", "standard" or "whiten".
    #[serde(default)]
    pub scaling: Scaling,
    /// How the networks learn that jets keep their distance.
    #[serde(default)]
    pub edge: Edge,
    /// What every event fulfils.
    #[serde(default)]
    pub cuts: Cuts,
    /// Part of the events kept aside for the validation loss, 0 to 0.5: the last rows of each file.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Most events read of each file; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

fn validation() -> f64 {
    0.05
}

/// How the networks learn that jets keep their distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// Events in which two jets are too close are generated again. With the coordinates "boson" only the first and the third can be.
    #[default]
    Reject,
    /// The published weights in training, their inverse on generated events, which are then weighted.
    Weights,
}

/// `[network]`: the residual perceptrons of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventNetwork {
    /// Features in the hidden layers.
    pub width: usize,
    /// Residual blocks.
    pub layers: usize,
}

impl Default for EventNetwork {
    fn default() -> Self {
        EventNetwork { width: 256, layers: 6 }
    }
}

/// `[train]`: how long and how fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventTrain {
    /// Optimiser steps for each network of the chain.
    pub steps: [u64; 3],
    /// Events per step.
    pub batch: usize,
    /// Peak learning rate of AdamW; reached after `warmup` steps, then a cosine to zero.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises linearly from zero.
    pub warmup: u64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Largest gradient norm; larger gradients are scaled down to it.
    pub clip: f64,
    /// Decay per step of the exponential moving average of the weights, which is the model.
    pub ema: f64,
    /// Pieces of a batch whose gradients are computed in parallel.
    pub shards: usize,
    /// Seed of the initial weights, the order of the data, the times and the noise.
    pub seed: u64,
    /// Steps between two validation losses.
    pub validate_every: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
}

impl Default for EventTrain {
    fn default() -> Self {
        EventTrain {
            steps: [40_000, 20_000, 10_000],
            batch: 1024,
            learning_rate: 1e-3,
            warmup: 500,
            weight_decay: 1e-4,
            clip: 1.0,
            ema: 0.999,
            shards: 2,
            seed: 1,
            validate_every: 1000,
            checkpoint_every: 1000,
        }
    }
}

impl EventTrain {
    /// The options of the training loop for one stage.
    pub fn options(&self, stage: usize) -> TrainSection {
        TrainSection {
            steps: self.steps[stage],
            batch: self.batch,
            learning_rate: self.learning_rate,
            warmup: self.warmup,
            weight_decay: self.weight_decay,
            clip: self.clip,
            ema: self.ema,
            shards: self.shards,
            seed: self.seed,
            validate_every: self.validate_every,
            checkpoint_every: self.checkpoint_every,
            ..TrainSection::default()
        }
    }
}

/// Whether a recipe's text, with these settings, is one of an event generator.
pub fn is_event_recipe(text: &str, settings: &[String]) -> bool {
    let set = settings.iter().any(|s| s.replace(' ', "") == "data.domain=zjets");
    let named = || text.parse::<toml::Table>().ok()?.get("data")?.get("domain")?.as_str().map(|d| d == "zjets");
    set || named().unwrap_or(false)
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
        let (mut recipe, _): (EventRecipe, _) = overrides::resolve(text, source, settings)?;
        recipe.source = source.to_path_buf();
        if recipe.name.is_empty() {
            recipe.name = source.file_stem().map_or_else(|| "model".into(), |stem| stem.to_string_lossy().into_owned());
        }
        recipe.check()?;
        Ok(recipe)
    }

    fn check(&self) -> Result<(), Error> {
        let data = &self.data;
        if data.files.is_empty() {
            return Err(self.value("data.files", "nothing", "tables of events: files = [\"zjets.parquet\", ...]"));
        }
        if !(data.validation > 0.0 && data.validation <= 0.5) {
            return Err(self.value("data.validation", data.validation, "more than 0, at most 0.5"));
        }
        let Cuts { jet_pt, separation } = data.cuts;
        if !(jet_pt >= 0.0 && jet_pt.is_finite()) {
            return Err(self.value("data.cuts.jet_pt", jet_pt, "a transverse momentum in GeV, from 0 on"));
        }
        // Further than a fifth of pi, and the period of the azimuth is no longer free (`Hole`).
        if !(separation > 0.0 && separation < 0.6) {
            return Err(self.value("data.cuts.separation", separation, "more than 0, less than 0.6"));
        }
        if data.edge == Edge::Weights && data.coordinates == Coordinates::Boson {
            return Err(Error::Contradiction {
                file: self.source.clone(),
                first: "data.edge = \"weights\"".into(),
                second: "data.coordinates = \"boson\"".into(),
                why: "those coordinates have no edge that weights could soften".into(),
                remedy: "use edge = \"reject\", or coordinates = \"published\"".into(),
            });
        }
        for (key, value) in [("network.width", self.network.width), ("network.layers", self.network.layers)] {
            if !(1..=4096).contains(&value) {
                return Err(self.value(key, value, "1 to 4096"));
            }
        }
        if !self.network.width.is_multiple_of(2) {
            return Err(self.value("network.width", self.network.width, "an even number"));
        }
        // What these recipes share with those of jets is checked there.
        (0..STAGES.len()).try_for_each(|stage| {
            let shared = Recipe {
                path: self.path.clone(),
                objective: self.objective.clone(),
                train: TrainSection { jet_steps: u64::MAX, jet_batch: self.train.batch, ..self.train.options(stage) },
                sample: self.sample.clone(),
                source: self.source.clone(),
                ..Recipe::default()
            };
            shared.check()
        })
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
        toml::to_string(&copy)
            .map_err(|e| Error::Syntax { place: self.source.display().to_string(), message: e.to_string() })
    }

    fn value(&self, key: &str, found: impl ToString, expected: &str) -> Error {
        Error::Value { file: self.source.clone(), key: key.into(), found: found.to_string(), expected: expected.into() }
    }
}
