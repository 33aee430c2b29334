//! The model file of a generator of molecules: weights, encoding, recipe, training record.

use std::path::Path;

use burn::tensor::Device;
use nets::Egnn;
use serde::{Deserialize, Serialize};

use super::autoencoder::batch::Shape;
use super::autoencoder::kernel::AutoencoderKernel;
use super::autoencoder::{Coder, Latents, Reconstruction};
use super::encoding::MoleculeEncoding;
use super::layout::Layout;
use super::recipe::{MoleculeDomain, MoleculeRecipe};
use super::stage::network;
use crate::Error;
use crate::recipe::FileRecipe;
use crate::tensors::{self, named, take};

/// Version of the file's layout.
const FORMAT: u32 = 1;
/// Name of the network in the file.
pub const PREFIX: &str = "network";
/// And of the autoencoder.
const AUTOENCODER: &str = "autoencoder";

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
    /// Between these and latents, if diffusion acts on latents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoencoder: Option<AutoencoderMeta>,
}

/// What a model says of its autoencoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutoencoderMeta {
    /// Latents as diffusion acts on them.
    pub latents: Latents,
    /// How well molecules that were kept aside survive it.
    pub reconstruction: Option<Reconstruction>,
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
    /// Parameters of the autoencoder, none without one.
    pub autoencoder: Vec<f32>,
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
            autoencoder: None,
        };
        Ok(MoleculeModel { meta, recipe: recipe.clone(), network, autoencoder: Vec::new() })
    }

    /// The model with its recipe's autoencoder.
    pub fn with_autoencoder(mut self, meta: AutoencoderMeta, parameters: Vec<f32>) -> MoleculeModel {
        self.meta.autoencoder = Some(meta);
        self.autoencoder = parameters;
        self
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
        let autoencoder = match (&recipe.autoencoder, &meta.autoencoder) {
            (None, None) => Vec::new(),
            (Some(section), Some(told)) if told.latents.is_valid(section.latent) => {
                let net = section.config(&recipe, &meta.encoding).init(&Device::flex());
                take(&mut arrays, AUTOENCODER, &net).map_err(wrong)?
            }
            _ => return Err(wrong("an autoencoder that is not that of its recipe".into())),
        };
        Ok(MoleculeModel { meta, recipe, network, autoencoder })
    }

    /// Writes the model file, atomically.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut arrays = named(PREFIX, &self.fresh(), &self.network);
        if let Some(section) = &self.recipe.autoencoder {
            let net = section.config(&self.recipe, &self.meta.encoding).init(&Device::flex());
            arrays.extend(named(AUTOENCODER, &net, &self.autoencoder));
        }
        let meta = serde_json::to_value(&self.meta).expect("a description is plain data");
        tensors::write(path, &arrays, &meta)
    }

    /// The network with its parameters.
    pub fn net(&self) -> Egnn {
        nets::load(self.fresh(), &self.network)
    }

    /// The autoencoder, if there is one.
    pub fn coder(&self) -> Option<Coder> {
        let (section, meta) = (self.recipe.autoencoder.as_ref()?, self.meta.autoencoder.as_ref()?);
        let encoding = &self.meta.encoding;
        let net = section.config(&self.recipe, encoding).init(&Device::flex());
        let kernel = AutoencoderKernel::new(&nets::load(net, &self.autoencoder), Shape::new(section, encoding));
        Some(Coder::new(kernel, encoding, meta.latents.clone()))
    }

    /// The columns that diffusion acts on.
    pub fn layout(&self) -> Layout {
        self.meta.autoencoder.as_ref().map_or_else(|| self.meta.encoding.layout(), |meta| meta.latents.layout())
    }

    fn fresh(&self) -> Egnn {
        network(&self.recipe, &self.meta.encoding, &Device::flex())
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.network.len() + self.autoencoder.len()
    }
}
