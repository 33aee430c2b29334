//! Model files of generators of conformers: network, recipe, training record.

use std::path::Path;

use burn::tensor::Device;
use nets::{DistanceScore, Egnn};
use serde::{Deserialize, Serialize};

use super::recipe::{ConformerDomain, ConformerRecipe};
use crate::Error;
use crate::recipe::FileRecipe;
use crate::tensors::{self, named, take};

/// Version of the file's layout.
const FORMAT: u32 = 2;
/// Name of the network in the file.
pub const PREFIX: &str = "network";

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConformerMeta {
    /// Version of the file's layout.
    pub format: u32,
    /// Kind of records.
    pub domain: ConformerDomain,
    /// Name of the model.
    pub name: String,
    /// The recipe it was trained by, with bare names of its data files.
    pub recipe_toml: String,
    /// Training record: steps, losses, time, hardware.
    pub trained: serde_json::Value,
    /// Angstrom per unit of a position.
    pub spread: f64,
}

/// A trained generator on the host.
#[derive(Clone, Debug)]
pub struct ConformerModel {
    /// What it says of itself.
    pub meta: ConformerMeta,
    /// Its recipe.
    pub recipe: ConformerRecipe,
    /// Parameters of the network, in the order of [`nets::values`].
    pub network: Vec<f32>,
}

/// The network of a generator of conformers.
#[derive(Clone, Debug)]
pub enum ConformerNet {
    /// For noise on positions.
    Positions(Box<Egnn>),
    /// For noise on distances.
    Distances(Box<DistanceScore>),
}

impl ConformerModel {
    /// A model of a recipe with the given parameters.
    pub fn new(
        recipe: &ConformerRecipe,
        spread: f64,
        network: Vec<f32>,
        trained: serde_json::Value,
    ) -> Result<ConformerModel, Error> {
        let meta = ConformerMeta {
            format: FORMAT,
            domain: recipe.data.domain,
            name: recipe.name.clone(),
            recipe_toml: recipe.to_portable_toml()?,
            trained,
            spread,
        };
        Ok(ConformerModel { meta, recipe: recipe.clone(), network })
    }

    /// Reads a model file; one that is damaged, of a newer format, or whose weights do not fit its recipe is refused.
    pub fn load(path: &Path) -> Result<ConformerModel, Error> {
        let wrong = |found: String| Error::Content {
            path: path.into(),
            found,
            expected: "a model file of `chamber train`, trained on conformers".into(),
        };
        let (mut arrays, meta) = tensors::read(path, "a model file")?;
        let meta: ConformerMeta =
            serde_json::from_value(meta).map_err(|e| wrong(format!("damaged description ({e})")))?;
        if meta.format != FORMAT {
            return Err(wrong(format!("format {}; this chamber reads format {FORMAT}", meta.format)));
        }
        if !(meta.spread > 0.0 && meta.spread.is_finite()) {
            return Err(wrong(format!("a spread of {} Angstrom", meta.spread)));
        }
        let recipe = ConformerRecipe::parse(&meta.recipe_toml, path, &[])?;
        let network = match fresh(&recipe) {
            ConformerNet::Positions(net) => take(&mut arrays, PREFIX, &*net),
            ConformerNet::Distances(net) => take(&mut arrays, PREFIX, &*net),
        };
        let network = network.map_err(wrong)?;
        Ok(ConformerModel { meta, recipe, network })
    }

    /// Writes the model file, atomically.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let arrays = match fresh(&self.recipe) {
            ConformerNet::Positions(net) => named(PREFIX, &*net, &self.network),
            ConformerNet::Distances(net) => named(PREFIX, &*net, &self.network),
        };
        let meta = serde_json::to_value(&self.meta).expect("a description is plain data");
        tensors::write(path, &arrays, &meta)
    }

    /// The network with its parameters.
    pub fn net(&self) -> ConformerNet {
        match fresh(&self.recipe) {
            ConformerNet::Positions(net) => ConformerNet::Positions(Box::new(nets::load(*net, &self.network))),
            ConformerNet::Distances(net) => ConformerNet::Distances(Box::new(nets::load(*net, &self.network))),
        }
    }
}

/// The network of a recipe, freshly initialised.
fn fresh(recipe: &ConformerRecipe) -> ConformerNet {
    let device = Device::flex();
    match recipe.distances {
        None => ConformerNet::Positions(Box::new(recipe.network.of_positions().init(&device))),
        Some(_) => ConformerNet::Distances(Box::new(recipe.network.of_distances().init(&device))),
    }
}
