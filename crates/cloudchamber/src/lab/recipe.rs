//! Recipes of the laboratory: one TOML file per method, in `recipes/toys`.

use std::path::Path;

use diffusion::Coupling;
use serde::{Deserialize, Serialize};

use super::condition::{GuidanceSection, MeasurementSection};
use super::pairs::{ConditionKind, PairsSection};
use crate::Error;
use crate::recipe::{GridKind, ObjectiveSection, PathSection, SampleSection, overrides};

/// A method and how it is trained and sampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabRecipe {
    /// Name; the file's name without its ending if absent.
    pub name: String,
    /// What the method is called in the literature.
    pub title: String,
    /// What there is to see, in one sentence.
    pub about: String,
    /// Which procedure trains it.
    pub kind: Kind,
    /// Recipe of the model that is distilled, straightened or guided, by its name; trained first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teacher: Option<String>,
    /// How data turns into noise.
    pub path: PathSection,
    /// What the network learns.
    pub objective: ObjectiveSection,
    /// Which noise goes with which data.
    pub coupling: CouplingKind,
    /// What guided kinds are asked for.
    pub guidance: GuidanceSection,
    /// What posteriors are given.
    pub measurement: MeasurementSection,
    /// Where flows start and what they are told.
    pub pairs: PairsSection,
    /// The network.
    pub network: NetSection,
    /// How long and how fast it learns.
    pub train: FitSection,
    /// How it is sampled.
    pub sample: SampleSection,
    /// Numbers of network evaluations to compare.
    pub evaluations: Vec<usize>,
}

/// Procedures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Path x target x weight x times x coupling.
    Regression,
    /// A regression on the pairs of noise and data that the teacher makes.
    Reflow,
    /// Implicit score matching at one small noise level, sampled by Langevin dynamics.
    ImplicitScore,
    /// Sliced score matching, likewise.
    SlicedScore,
    /// Denoising score matching, likewise.
    DenoisingScore,
    /// Denoising score matching at many levels, sampled by annealed Langevin dynamics.
    Ncsn,
    /// Consistency training, from data alone.
    ConsistencyTraining,
    /// Consistency distillation of the teacher's flow.
    ConsistencyDistillation,
    /// Progressive distillation of the teacher.
    Progressive,
    /// MeanFlow.
    MeanFlow,
    /// A shortcut model.
    Shortcut,
    /// The teacher, guided by a classifier of noisy points.
    ClassifierGuidance,
    /// A model of classes, guided by itself without the class.
    ClassifierFree,
    /// The teacher, guided by a worse version of itself.
    Autoguidance,
    /// The teacher as the prior of a measurement.
    Posterior,
    /// Flow matching from another distribution, with a condition or without.
    DataToData,
    /// A stochastic interpolant.
    StochasticInterpolant,
    /// A regression whose network is the gradient of an energy.
    Energy,
    /// A regression whose network is a deep equilibrium.
    DeepEquilibrium,
    /// Riemannian flow matching on the torus of the target's window.
    TorusFlow,
    /// Score matching with wrapped normal noise on the same torus.
    TorusScore,
    /// Categorical diffusion of cells by masking.
    AbsorbingTokens,
    /// Categorical diffusion of cells by random replacement.
    UniformTokens,
}

/// Which noise goes with which data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CouplingKind {
    /// Each its own.
    Independent,
    /// The best pairing of a batch.
    Exact,
    /// A pairing drawn from the entropic plan of a batch.
    Sinkhorn,
    /// The best pairing of a batch that leaves conditions their part of the source.
    Conditional,
}

impl CouplingKind {
    /// The coupling.
    pub fn build(self) -> Coupling {
        match self {
            CouplingKind::Independent => Coupling::Independent,
            CouplingKind::Exact | CouplingKind::Conditional => Coupling::Exact,
            CouplingKind::Sinkhorn => Coupling::Sinkhorn { epsilon: 0.05 },
        }
    }
}

/// `[network]`: a multilayer perceptron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetSection {
    /// Features in the hidden layers.
    pub width: usize,
    /// Hidden layers.
    pub layers: usize,
}

/// `[train]`: how long and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FitSection {
    /// Optimiser steps.
    pub steps: u64,
    /// Points per step.
    pub batch: usize,
    /// First learning rate, from which a cosine leads to zero.
    pub learning_rate: f64,
    /// Decay per step of the moving average of the weights.
    pub ema: f64,
    /// Seed of the initial weights, the data, the times and the noise.
    pub seed: u64,
}

impl Default for LabRecipe {
    fn default() -> Self {
        LabRecipe {
            name: String::new(),
            title: String::new(),
            about: String::new(),
            kind: Kind::Regression,
            teacher: None,
            path: PathSection::Linear {},
            objective: ObjectiveSection::default(),
            coupling: CouplingKind::Independent,
            guidance: GuidanceSection::default(),
            measurement: MeasurementSection::default(),
            pairs: PairsSection::default(),
            network: NetSection::default(),
            train: FitSection::default(),
            sample: SampleSection::default(),
            evaluations: vec![1, 2, 4, 8, 16, 32, 64],
        }
    }
}

impl Default for NetSection {
    fn default() -> Self {
        NetSection { width: 96, layers: 3 }
    }
}

impl Default for FitSection {
    fn default() -> Self {
        FitSection { steps: 5000, batch: 256, learning_rate: 2e-3, ema: 0.998, seed: 1 }
    }
}

impl LabRecipe {
    /// Reads a recipe and checks it.
    ///
    /// # Errors
    /// Those of reading; unknown keys and impossible values, named with the file.
    pub fn load(path: &Path, settings: &[String]) -> Result<LabRecipe, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let (mut recipe, _): (LabRecipe, _) = overrides::resolve(&text, path, settings)?;
        if recipe.name.is_empty() {
            recipe.name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        }
        let value = |key: &str, found: String, expected: &str| {
            Err(Error::Value { file: path.to_path_buf(), key: key.into(), found, expected: expected.into() })
        };
        let (n, t) = (recipe.network, recipe.train);
        for (key, number) in [
            ("network.width", n.width as u64),
            ("network.layers", n.layers as u64),
            ("train.steps", t.steps),
            ("train.batch", t.batch as u64),
        ] {
            if !(1..=10_000_000).contains(&number) {
                return value(key, number.to_string(), "1 to 10000000");
            }
        }
        if !(t.learning_rate > 0.0 && t.learning_rate < 1.0) {
            return value("train.learning_rate", t.learning_rate.to_string(), "more than 0 and less than 1");
        }
        if !(0.0..1.0).contains(&t.ema) {
            return value("train.ema", t.ema.to_string(), "0 to less than 1");
        }
        let dropout = recipe.objective.label_dropout;
        if !(0.0..=1.0).contains(&dropout) {
            return value("objective.label_dropout", dropout.to_string(), "0 to 1");
        }
        if recipe.evaluations.is_empty() || recipe.evaluations.contains(&0) {
            return value("evaluations", format!("{:?}", recipe.evaluations), "numbers of at least 1");
        }
        if recipe.sample.grid == GridKind::Levels {
            return value("sample.grid", "levels".into(), "uniform_t, uniform_lambda or karras");
        }
        if let Some((key, found, expected)) = recipe.guidance.refused().or(recipe.measurement.refused()) {
            return value(key, found, expected);
        }
        let flow = matches!(recipe.kind, Kind::DataToData | Kind::StochasticInterpolant);
        if recipe.pairs.source.is_some() && !flow {
            return value("pairs.source", format!("{:?}", recipe.pairs.source), "nothing, or kind = \"data-to-data\"");
        }
        let told = recipe.kind == Kind::DataToData && recipe.pairs.condition != ConditionKind::None;
        if recipe.coupling == CouplingKind::Conditional && !told {
            let expected = "another, or kind = \"data-to-data\" with pairs.condition";
            return value("coupling", "conditional".into(), expected);
        }
        if recipe.pairs.condition != ConditionKind::None && !told {
            return value(
                "pairs.condition",
                format!("{:?}", recipe.pairs.condition),
                "\"none\", or kind = \"data-to-data\"",
            );
        }
        if recipe.pairs.weight.is_nan() || recipe.pairs.weight < 0.0 {
            return value("pairs.weight", recipe.pairs.weight.to_string(), "a number of at least 0");
        }
        let pupil = matches!(
            recipe.kind,
            Kind::Reflow
                | Kind::ConsistencyDistillation
                | Kind::Progressive
                | Kind::ClassifierGuidance
                | Kind::Autoguidance
                | Kind::Posterior
        );
        if pupil && recipe.teacher.is_none() {
            return value("teacher", "nothing".into(), "the name of the recipe that trains the model to start from");
        }
        recipe.sample.sampler()?;
        Ok(recipe)
    }
}
