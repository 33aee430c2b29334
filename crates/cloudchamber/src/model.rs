//! The model file: weights of both networks, the encoding, the recipe and the training record in one safetensors file.

use std::path::Path;

use burn::tensor::Device;
use collider::JetClass;
use collider::encode::{Encoding, QUANTITIES};
use collider::model::JetModel;
use collider::networks::Networks;
use nets::{AnyCloudNet, CloudShape, EpicConfig, ParticleTransformerConfig, ResidualMlp, ResidualMlpConfig};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::recipe::{NetworkKind, Recipe};
use crate::tensors::{self, named, take};

/// Version of the file's layout; raised when a reader of the old one would go wrong.
const FORMAT: u32 = 1;

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelMeta {
    /// Version of the file's layout.
    pub format: u32,
    /// Name of the model.
    pub name: String,
    /// The recipe it was trained by, with bare names of its data files.
    pub recipe_toml: String,
    /// The classes it generates.
    pub classes: Vec<JetClass>,
    /// Particle slots per jet.
    pub particles: usize,
    /// Training record: steps, losses, time, hardware.
    pub trained: serde_json::Value,
    /// Encoding between jets and tensors.
    pub encoding: Encoding,
}

/// A trained model on the host.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it says of itself.
    pub meta: ModelMeta,
    /// Its recipe.
    pub recipe: Recipe,
    /// Parameters of the jet-level network, in the order of [`nets::values`].
    pub table: Vec<f32>,
    /// Parameters of the cloud network, in the order of [`nets::values`].
    pub cloud: Vec<f32>,
}

/// The jet-level network of a recipe, freshly initialised.
pub fn table_network(recipe: &Recipe, encoding: &Encoding, device: &Device) -> ResidualMlp {
    let config = ResidualMlpConfig {
        features: QUANTITIES.len(),
        conditions: encoding.classes.len(),
        width: recipe.jet_network.width,
        layers: recipe.jet_network.layers,
    };
    config.init(device)
}

/// The cloud network of a recipe, freshly initialised.
pub fn cloud_network(recipe: &Recipe, encoding: &Encoding, device: &Device) -> AnyCloudNet {
    let network = &recipe.network;
    let conditions = encoding.cloud_conditions() + usize::from(network.step_length);
    let shape = CloudShape { features: 3, conditions };
    let (width, layers, global) = (network.width, network.layers, network.latent);
    match network.kind {
        NetworkKind::Epic => AnyCloudNet::epic(&EpicConfig { shape, width, global, layers }, device),
        NetworkKind::Transformer => AnyCloudNet::transformer(
            &ParticleTransformerConfig { shape, width, heads: network.heads, layers, global },
            device,
        ),
    }
}

impl Model {
    /// Reads a model file; one that is damaged, of a newer format, or whose weights do not fit its recipe is refused.
    pub fn load(path: &Path) -> Result<Model, Error> {
        let wrong = |found: String| Error::Content {
            path: path.into(),
            found,
            expected: "a model file of `chamber train`".into(),
        };
        let (mut arrays, meta) = tensors::read(path, "a model file")?;
        let format = meta.get("format").and_then(serde_json::Value::as_u64);
        if format != Some(u64::from(FORMAT)) {
            let found = format
                .map_or("no format version".into(), |f| format!("format {f}; this chamber reads format {FORMAT}"));
            return Err(wrong(found));
        }
        let meta: ModelMeta = serde_json::from_value(meta).map_err(|e| wrong(format!("damaged description ({e})")))?;
        if !meta.encoding.is_valid() {
            return Err(wrong("an encoding with unusable numbers".into()));
        }
        let recipe = Recipe::parse(&meta.recipe_toml, path, &[])?;
        let device = Device::flex();
        let table = take(&mut arrays, "table", &table_network(&recipe, &meta.encoding, &device)).map_err(wrong)?;
        let cloud = take(&mut arrays, "cloud", &cloud_network(&recipe, &meta.encoding, &device)).map_err(wrong)?;
        Ok(Model { meta, recipe, table, cloud })
    }

    /// Writes the model file, atomically.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let device = Device::flex();
        let mut arrays = named("table", &table_network(&self.recipe, &self.meta.encoding, &device), &self.table);
        arrays.extend(named("cloud", &cloud_network(&self.recipe, &self.meta.encoding, &device), &self.cloud));
        let meta = serde_json::to_value(&self.meta).expect("a description is plain data");
        tensors::write(path, &arrays, &meta)
    }

    /// A model of a recipe with the given parameters.
    pub fn new(
        recipe: &Recipe,
        encoding: Encoding,
        table: Vec<f32>,
        cloud: Vec<f32>,
        trained: serde_json::Value,
    ) -> Result<Model, Error> {
        let meta = ModelMeta {
            format: FORMAT,
            name: recipe.name.clone(),
            recipe_toml: recipe.to_portable_toml()?,
            classes: encoding.classes.clone(),
            particles: encoding.capacity,
            trained,
            encoding,
        };
        Ok(Model { meta, recipe: recipe.clone(), table, cloud })
    }

    /// The generator with its networks on a device.
    pub fn generator(&self, device: &Device) -> Result<JetModel, Error> {
        let encoding = self.meta.encoding.clone();
        let table = nets::load(table_network(&self.recipe, &encoding, device), &self.table);
        let cloud = nets::load(cloud_network(&self.recipe, &encoding, device), &self.cloud);
        Ok(JetModel {
            networks: Networks::new(table, cloud, device),
            path: self.recipe.path.build()?,
            target: self.recipe.objective.target(),
            step_length: self.recipe.network.step_length,
            device: device.clone(),
            encoding,
        })
    }

    /// Number of parameters of both networks.
    pub fn parameters(&self) -> usize {
        self.table.len() + self.cloud.len()
    }
}
