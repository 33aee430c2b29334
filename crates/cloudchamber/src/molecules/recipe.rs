//! Recipes of generators of molecules.

use std::path::{Path, PathBuf};

use diffusion::AnyPath;
use nets::{CloudShape, EgnnConfig, Spline};
use serde::{Deserialize, Serialize};

use super::autoencoder::AutoencoderSection;
use crate::Error;
use crate::recipe::{FileRecipe, ObjectiveSection, PathSection, SampleSection, TrainSection};

/// A resolved recipe of a generator of molecules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoleculeRecipe {
    /// Name of the model; the file's name without its ending if absent.
    #[serde(default)]
    pub name: String,
    /// Which molecules to learn from.
    pub data: MoleculeData,
    /// How molecules become numbers.
    #[serde(default)]
    pub encoding: EncodingSection,
    /// Whose latents diffusion acts on; it acts on the molecules' own numbers if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoencoder: Option<AutoencoderSection>,
    /// The network.
    #[serde(default)]
    pub network: MoleculeNetwork,
    /// How data turns into noise.
    pub path: PathSection,
    /// What the network learns.
    #[serde(default)]
    pub objective: ObjectiveSection,
    /// How long and how fast it learns.
    #[serde(default)]
    pub train: MoleculeTrain,
    /// How it is sampled.
    #[serde(default)]
    pub sample: SampleSection,
    /// The file this recipe was read from.
    #[serde(skip)]
    pub source: PathBuf,
}

/// The domain of generators of molecules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MoleculeDomain {
    /// Molecules as atoms in space.
    Molecules,
}

/// `[data]`: which molecules to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoleculeData {
    /// "molecules".
    pub domain: MoleculeDomain,
    /// Files of molecules; relative paths start at the recipe's directory.
    pub files: Vec<PathBuf>,
    /// Part of the molecules kept aside for the validation loss, 0 to 0.5, evenly from all over each file.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Properties of molecules, such as "gap", that the network is told: columns of a table, fields of an SDF or XYZ record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// Most molecules used of each file, evenly from all over it; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

fn validation() -> f64 {
    0.02
}

/// `[encoding]`: how molecules become numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncodingSection {
    /// Angstrom per unit of a position.
    pub positions: f64,
    /// What one-hot elements are divided by: small codes are decided late, when the positions are known.
    pub elements: f64,
    /// What nuclear charges are divided by; 0 leaves them out.
    pub charges: f64,
    /// Weight of a squared error of elements and charges in the loss; that of a position has 1.
    pub weight: f64,
}

impl Default for EncodingSection {
    fn default() -> Self {
        EncodingSection { positions: 1.0, elements: 4.0, charges: 10.0, weight: 1.0 }
    }
}

/// `[network]`: the E(n)-equivariant network ([`nets::Egnn`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MoleculeNetwork {
    /// Width of an atom's vector and of a message.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Width of the embedding of the noise level and the conditions.
    pub global: usize,
    /// What sums over neighbours are divided by.
    pub neighbours: f64,
    /// Knots of the splines of the distance in the pairs' first layers; 0 for the published network, which has none.
    pub knots: usize,
    /// Distance of the last knot, in units of the network's input, which has unit spread.
    pub reach: f64,
    /// Whether movements are linear in the messages, instead of perceptrons of their own as in the published network.
    pub shared: bool,
}

impl Default for MoleculeNetwork {
    fn default() -> Self {
        MoleculeNetwork { width: 128, layers: 6, global: 64, neighbours: 8.0, knots: 0, reach: 5.0, shared: false }
    }
}

/// `[train]`: how long and how fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MoleculeTrain {
    /// Optimiser steps.
    pub steps: u64,
    /// Molecules per step.
    pub batch: usize,
    /// Peak learning rate of AdamW, reached after `warmup` steps.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises linearly from zero.
    pub warmup: u64,
    /// Part of the steps at the end over which the learning rate falls linearly to zero; a cosine from the peak on if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<f64>,
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
    /// A model whose weights training starts from wherever the networks agree: beside the recipe, in the current directory, or bundled;
    /// none if absent or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
}

impl Default for MoleculeTrain {
    fn default() -> Self {
        MoleculeTrain {
            steps: 100_000,
            batch: 64,
            learning_rate: 5e-4,
            warmup: 500,
            cooldown: None,
            weight_decay: 1e-12,
            clip: 1.0,
            ema: 0.9995,
            shards: 2,
            seed: 1,
            validate_every: 1000,
            checkpoint_every: 500,
            init: None,
        }
    }
}

impl MoleculeTrain {
    /// The model whose weights training starts from, if there is one.
    pub fn begins_as(&self) -> Option<&str> {
        self.init.as_deref().filter(|model| !model.is_empty())
    }

    /// The options of the training loop.
    pub fn options(&self) -> TrainSection {
        TrainSection {
            steps: self.steps,
            batch: self.batch,
            learning_rate: self.learning_rate,
            warmup: self.warmup,
            cooldown: self.cooldown,
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

impl MoleculeNetwork {
    /// The network's configuration.
    pub fn config(&self, features: usize, conditions: usize) -> EgnnConfig {
        EgnnConfig {
            shape: CloudShape { features, conditions },
            width: self.width,
            layers: self.layers,
            global: self.global,
            neighbours: self.neighbours,
            spline: (self.knots > 0).then_some(Spline { knots: self.knots, reach: self.reach }),
            kinds: 1,
            shared: self.shared,
        }
    }
}

impl FileRecipe for MoleculeRecipe {
    const FILES: &'static str = "existing files of molecules";

    fn name(&self) -> &str {
        &self.name
    }

    fn source(&self) -> &Path {
        &self.source
    }

    fn listed(&self) -> &[PathBuf] {
        &self.data.files
    }

    fn head(&mut self) -> (&mut String, &mut PathBuf, &mut Vec<PathBuf>) {
        (&mut self.name, &mut self.source, &mut self.data.files)
    }

    fn initial(&mut self) -> Option<&mut String> {
        self.train.init.as_mut()
    }

    fn check(&self, _: &[String]) -> Result<(), Error> {
        let (data, encoding, network) = (&self.data, &self.encoding, &self.network);
        if data.files.is_empty() {
            return Err(self.value("data.files", "nothing", "files of molecules: files = [\"qm9_train.parquet\"]"));
        }
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let real: [(&str, f64, bool, &str); 7] = [
            (
                "data.validation",
                data.validation,
                data.validation > 0.0 && data.validation <= 0.5,
                "more than 0, at most 0.5",
            ),
            ("encoding.positions", encoding.positions, positive(encoding.positions), "more than 0"),
            ("encoding.elements", encoding.elements, positive(encoding.elements), "more than 0"),
            (
                "encoding.charges",
                encoding.charges,
                encoding.charges >= 0.0 && encoding.charges.is_finite(),
                "at least 0; 0 leaves charges out",
            ),
            ("encoding.weight", encoding.weight, positive(encoding.weight), "more than 0"),
            ("network.neighbours", network.neighbours, positive(network.neighbours), "more than 0"),
            ("network.reach", network.reach, positive(network.reach), "more than 0"),
        ];
        for (key, value, good, expected) in real {
            if !good {
                return Err(self.value(key, value, expected));
            }
        }
        let whole = [
            ("network.width", network.width, 1..=4096),
            ("network.layers", network.layers, 1..=200),
            ("network.global", network.global, 1..=4096),
            ("network.knots", network.knots, 0..=1000),
        ];
        for (key, value, range) in whole {
            if !range.contains(&value) || (key == "network.knots" && value == 1) {
                return Err(self.value(
                    key,
                    value,
                    &format!("{} to {}, not one knot alone", range.start(), range.end()),
                ));
            }
        }
        if let Some(autoencoder) = &self.autoencoder {
            if let Some((key, value, expected)) = autoencoder.mistake() {
                return Err(self.value(key, value, expected));
            }
            if autoencoder.steps <= self.train.warmup {
                return Err(self.value("autoencoder.steps", autoencoder.steps, "more than train.warmup"));
            }
        }
        self.check_shared(&self.path, &self.objective, self.train.options(), &self.sample)
    }
}

impl MoleculeRecipe {
    /// How data turns into noise.
    pub fn path(&self) -> Result<AnyPath, Error> {
        self.path.build()
    }
}
