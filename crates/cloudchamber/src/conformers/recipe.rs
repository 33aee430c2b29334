//! Recipes of generators of conformers.

use std::path::{Path, PathBuf};

use diffusion::AnyPath;
use matter::Link;
use nets::{CloudShape, DistanceScoreConfig, EgnnConfig, Spline};
use serde::{Deserialize, Serialize};

use super::description::{FEATURES, PAIR_KINDS};
use super::{ATOM_KINDS, FAR};
use crate::Error;
use crate::molecules::recipe::MoleculeTrain;
use crate::recipe::{FileRecipe, ObjectiveSection, PathSection, SampleSection};

/// A resolved recipe of a generator of conformers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConformerRecipe {
    /// Name of the model; the file's name without its ending if absent.
    #[serde(default)]
    pub name: String,
    /// Which conformers to learn from.
    pub data: ConformerData,
    /// The network.
    #[serde(default)]
    pub network: ConformerNetwork,
    /// How positions turn into noise.
    #[serde(default = "edm")]
    pub path: PathSection,
    /// What the network learns.
    #[serde(default)]
    pub objective: ObjectiveSection,
    /// Noise on distances instead of positions: the published objective and sampling, and a network of distances. `path`, `objective` and `sample` have no meaning then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distances: Option<DistanceSection>,
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

fn edm() -> PathSection {
    PathSection::Edm { sigma_min: 0.02, sigma_max: 10.0 }
}

/// The domain of generators of conformers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConformerDomain {
    /// Positions of the atoms of given molecules.
    Conformers,
}

/// `[data]`: which conformers to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConformerData {
    /// "conformers".
    pub domain: ConformerDomain,
    /// Files of molecules with their bonds and conformers; relative paths start at the recipe's directory.
    pub files: Vec<PathBuf>,
    /// Molecules whose number is divisible by this are not learnt from: they are for validation and for judging.
    #[serde(default = "held_out")]
    pub held_out: u64,
    /// Most molecules used of each file, the first; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

fn held_out() -> u64 {
    10
}

/// `[network]`: the equivariant network ([`nets::Egnn`]), or for noise on distances that of distances ([`nets::DistanceScore`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConformerNetwork {
    /// Width of the vectors of atoms and pairs.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Number of splines of the distance for each kind of pair, or of Gaussians.
    pub knots: usize,
    /// Centre of the last one, in units of the network's input, which has unit spread.
    pub reach: f64,
    /// Width of the embedding of the noise level; the network of distances has none.
    pub global: usize,
    /// What sums over the pairs of an atom are divided by in the equivariant network.
    pub neighbours: f64,
}

impl Default for ConformerNetwork {
    fn default() -> Self {
        ConformerNetwork { width: 64, layers: 4, knots: 32, reach: 6.0, global: 16, neighbours: 10.0 }
    }
}

impl ConformerNetwork {
    /// The equivariant network.
    pub fn of_positions(&self) -> EgnnConfig {
        let ConformerNetwork { width, layers, knots, reach, global, neighbours } = *self;
        let shape = CloudShape { features: FEATURES, conditions: 0 };
        let spline = Some(Spline { knots, reach });
        EgnnConfig { shape, width, layers, global, neighbours, spline, kinds: PAIR_KINDS, shared: true }
    }

    /// The network of distances.
    pub fn of_distances(&self) -> DistanceScoreConfig {
        let ConformerNetwork { width, layers, knots, reach, .. } = *self;
        DistanceScoreConfig { atoms: ATOM_KINDS, links: FAR + 1, width, layers, knots, reach }
    }
}

/// `[distances]`: noise on distances, and annealed Langevin dynamics on positions (ConfGF, arXiv:2105.03902).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DistanceSection {
    /// Most noise, in Angstrom.
    pub sigma_max: f64,
    /// Least noise, in Angstrom.
    pub sigma_min: f64,
    /// Number of levels, of constant ratio.
    pub levels: usize,
    /// Langevin steps at each level.
    pub steps: usize,
    /// Size of a step in units of the squared noise: twice the published 2.4e-6 over the squared least noise.
    pub step: f64,
    /// Steps without noise at the least noise in the end.
    pub still: usize,
}

impl Default for DistanceSection {
    fn default() -> Self {
        DistanceSection { sigma_max: 10.0, sigma_min: 0.01, levels: 50, steps: 100, step: 0.048, still: 0 }
    }
}

// Kinds of pairs: those of links, and one for all that are farther apart.
const _: () = assert!(FAR == Link::KINDS);

impl FileRecipe for ConformerRecipe {
    const FILES: &'static str = "existing files of conformers";

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
        if self.data.files.is_empty() {
            return Err(self.value("data.files", "nothing", "files of conformers: files = [\"conformers.parquet\"]"));
        }
        let network = &self.network;
        let whole = [
            ("data.held_out", self.data.held_out as usize, 2..=1_000_000),
            ("network.width", network.width, 1..=4096),
            ("network.layers", network.layers, 1..=200),
            ("network.knots", network.knots, 2..=1000),
            ("network.global", network.global, 1..=4096),
        ];
        for (key, value, range) in whole {
            if !range.contains(&value) {
                return Err(self.value(key, value, &format!("{} to {}", range.start(), range.end())));
            }
        }
        let noise = self.distances.clone().unwrap_or_default();
        let positive = [
            ("network.reach", network.reach),
            ("network.neighbours", network.neighbours),
            ("distances.sigma_min", noise.sigma_min),
            ("distances.sigma_max", noise.sigma_max),
            ("distances.step", noise.step),
        ];
        for (key, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(self.value(key, value, "more than 0"));
            }
        }
        if noise.sigma_max <= noise.sigma_min || noise.levels < 2 {
            let found = format!("{} levels from {} to {}", noise.levels, noise.sigma_max, noise.sigma_min);
            return Err(self.value("distances", found, "at least two levels, decreasing"));
        }
        if self.sample.guidance != 1.0 {
            return Err(self.value("sample.guidance", self.sample.guidance, "1: the molecule is always told"));
        }
        self.check_shared(&self.path, &self.objective, self.train.options(), &self.sample)
    }
}

impl ConformerRecipe {
    /// How positions turn into noise.
    pub fn path(&self) -> Result<AnyPath, Error> {
        self.path.build()
    }
}
