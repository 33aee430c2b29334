//! The model file of a generator of molecules: weights, encoding, recipe, training record.

use std::path::Path;

use burn::tensor::Device;
use nets::Egnn;
use serde::{Deserialize, Serialize};

use super::encoding::MoleculeEncoding;
use super::recipe::{MoleculeDomain, MoleculeRecipe};
use super::stage::network;
use crate::Error;
use crate::tensors::{self, named, take};

/// Version of the file's layout.
const FORMAT: u32 = 1;
/// Name of the network in the file.
const PREFIX: &str = "network";

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoleculeMeta {
    /// Version of the file's layout.
    pub format: u32,
    /// Kind of records.
    pub domain: MoleculeDomain,
    /// Name of the model.
    pub name: String,
    /// The recipe it was trained by, with bare names of its data files.
    pub recipe_toml: String,
    /// Training record: steps, losses, time, hardware.
    pub trained: serde_json::Value,
    /// Between molecules and codes.
    pub encoding: MoleculeEncoding,
}

/// A trained generator on the host.
#[derive(Clone, Debug)]
pub struct MoleculeModel {
    /// What it says of itself.
    pub meta: MoleculeMeta,
    /// Its recipe.
    pub recipe: MoleculeRecipe,
    /// Parameters of the network, in the order of [`nets::values`].
    pub network: Vec<f32>,
}

impl MoleculeModel {
    /// A model of a recipe with the given parameters.
    pub fn new(
        recipe: &MoleculeRecipe,
        encoding: MoleculeEncoding,
        network: Vec<f32>,
        trained: serde_json::Value,
    ) -> Result<MoleculeModel, Error> {
        let meta = MoleculeMeta {
            format: FORMAT,
            domain: recipe.data.domain,
            name: recipe.name.clone(),
            recipe_toml: recipe.to_portable_toml()?,
            trained,
            encoding,
        };
        Ok(MoleculeModel { meta, recipe: recipe.clone(), network })
    }

    /// Whether a model file is one of a generator of molecules, by its description.
    pub fn is_at(path: &Path) -> Result<bool, Error> {
        let described = tensors::describe(path, "a model file")?;
        Ok(described.get("domain").and_then(serde_json::Value::as_str) == Some("molecules"))
    }

    /// Reads a model file; one that is damaged, of a newer format, or whose weights do not fit its recipe is refused.
    pub fn load(path: &Path) -> Result<MoleculeModel, Error> {
        let wrong = |found: String| Error::Content {
            path: path.into(),
            found,
            expected: "a model file of `chamber train`, trained on molecules".into(),
        };
        let (mut arrays, meta) = tensors::read(path, "a model file")?;
        let meta: MoleculeMeta =
            serde_json::from_value(meta).map_err(|e| wrong(format!("damaged description ({e})")))?;
        if meta.format != FORMAT {
            return Err(wrong(format!("format {}; this chamber reads format {FORMAT}", meta.format)));
        }
        if !meta.encoding.is_valid() {
            return Err(wrong("an encoding with unusable numbers".into()));
        }
        let recipe = MoleculeRecipe::parse(&meta.recipe_toml, path, &[])?;
        let net = network(&recipe, &meta.encoding, &Device::flex());
        let network = take(&mut arrays, PREFIX, &net).map_err(wrong)?;
        Ok(MoleculeModel { meta, recipe, network })
    }

    /// Writes the model file, atomically.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let arrays = named(PREFIX, &self.fresh(), &self.network);
        let meta = serde_json::to_value(&self.meta).expect("a description is plain data");
        tensors::write(path, &arrays, &meta)
    }

    /// The network with its parameters.
    pub fn net(&self) -> Egnn {
        nets::load(self.fresh(), &self.network)
    }

    fn fresh(&self) -> Egnn {
        network(&self.recipe, &self.meta.encoding, &Device::flex())
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.network.len()
    }
}
