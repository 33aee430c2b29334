//! Recipes of event generators.

use std::path::{Path, PathBuf};

use collider::zjets::{Coordinates, Cuts, STAGES, Scaling};
use diffusion::AnyPath;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::recipe::{FileRecipe, ObjectiveSection, PathSection, Recipe, SampleSection};

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

impl FileRecipe for EventRecipe {
    const FILES: &'static str = "existing tables of events";

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
        let path = self.path.clone().unwrap_or_else(|| Recipe::default().path);
        (0..STAGES.len())
            .try_for_each(|stage| self.check_shared(&path, &self.objective, self.train.options(stage), &self.sample))
    }

    /// Networks with a likelihood have neither objective nor sampler.
    fn text(&self) -> Result<String, toml::ser::Error> {
        let mut table = toml::Table::try_from(self)?;
        if self.network.has_likelihood() {
            ["objective", "sample"].iter().for_each(|section| drop(table.remove(*section)));
        }
        toml::to_string(&table)
    }
}

impl EventRecipe {
    /// How data turns into noise.
    ///
    /// # Errors
    /// [`Error::Value`] where the recipe does not say it.
    pub fn path(&self) -> Result<AnyPath, Error> {
        let path = self.path.as_ref();
        path.ok_or_else(|| self.value("path.kind", "nothing", "a path, such as \"linear\" or \"edm\""))?.build()
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

    fn contradiction(&self, first: &str, second: &str, why: &str, remedy: &str) -> Error {
        Error::Contradiction {
            file: self.source.clone(),
            first: first.into(),
            second: second.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }
}
