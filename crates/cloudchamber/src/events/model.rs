//! The model file of an event generator: weights of the chain's networks, encoding, recipe, training record.

use std::path::Path;

use burn::tensor::Device;
use collider::zjets::{EventEncoding, Topology};
use serde::{Deserialize, Serialize};

use super::network::Posterior;
use super::recipe::{EventDomain, EventRecipe};
use crate::Error;
use crate::recipe::FileRecipe;
use crate::tensors::{self, named, take};

/// Version of the file's layout.
const FORMAT: u32 = 2;

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventMeta {
    /// Version of the file's layout.
    pub format: u32,
    /// Kind of records.
    pub domain: EventDomain,
    /// Name of the model.
    pub name: String,
    /// The recipe it was trained by, with bare names of its data files.
    pub recipe_toml: String,
    /// Training record: steps, losses, time, hardware.
    pub trained: serde_json::Value,
    /// Between events and codes.
    pub encoding: EventEncoding,
}

/// A trained generator on the host.
#[derive(Clone, Debug)]
pub struct EventModel {
    /// What it says of itself.
    pub meta: EventMeta,
    /// Its recipe.
    pub recipe: EventRecipe,
    /// Parameters of the chain's networks, in the order of [`nets::values`]; means, then log variances, of Bayesian ones.
    pub networks: Vec<Vec<f32>>,
}

fn prefix(stage: usize) -> String {
    format!("jet{}", stage + 1)
}

/// The description of a file of format 1, which knew no radiated jets, as one of format 2.
fn upgraded(mut meta: serde_json::Value) -> serde_json::Value {
    let Some(encoding) = meta.get_mut("encoding").and_then(serde_json::Value::as_object_mut) else { return meta };
    let list = |key: &str| encoding.get(key).and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let kinds = list("multiplicity").into_iter().zip(1..);
    let kinds = kinds.map(|(share, jets)| serde_json::json!([Topology::plain(jets), share])).collect();
    let plain = |scale| serde_json::json!({ "plain": scale, "radiated": null });
    let scales = list("scales").into_iter().map(plain).collect();
    encoding.insert("topologies".into(), kinds);
    encoding.insert("scales".into(), scales);
    meta["format"] = FORMAT.into();
    meta
}

impl EventModel {
    /// A model of a recipe with the given parameters.
    pub fn new(
        recipe: &EventRecipe,
        encoding: EventEncoding,
        networks: Vec<Vec<f32>>,
        trained: serde_json::Value,
    ) -> Result<EventModel, Error> {
        let meta = EventMeta {
            format: FORMAT,
            domain: recipe.data.domain,
            name: recipe.name.clone(),
            recipe_toml: recipe.to_portable_toml()?,
            trained,
            encoding,
        };
        Ok(EventModel { meta, recipe: recipe.clone(), networks })
    }

    /// Reads a model file; one that is damaged, of a newer format, or whose weights do not fit its recipe is refused.
    pub fn load(path: &Path) -> Result<EventModel, Error> {
        let wrong = |found: String| Error::Content {
            path: path.into(),
            found,
            expected: "a model file of `chamber train`, trained on events".into(),
        };
        let (mut arrays, meta) = tensors::read(path, "a model file")?;
        let meta = match meta["format"].as_u64() {
            Some(1) => upgraded(meta),
            Some(format) if format != u64::from(FORMAT) => {
                return Err(wrong(format!("format {format}; this chamber reads formats 1 to {FORMAT}")));
            }
            _ => meta,
        };
        let meta: EventMeta = serde_json::from_value(meta).map_err(|e| wrong(format!("damaged description ({e})")))?;
        if !meta.encoding.is_valid() {
            return Err(wrong("an encoding with unusable numbers".into()));
        }
        let recipe = EventRecipe::parse(&meta.recipe_toml, path, &[])?;
        let networks = (0..meta.encoding.stages())
            .map(|stage| {
                let network = Posterior::new(&recipe, &meta.encoding, stage, &Device::flex());
                take(&mut arrays, &prefix(stage), &network).map_err(wrong)
            })
            .collect::<Result<_, _>>()?;
        Ok(EventModel { meta, recipe, networks })
    }

    /// Writes the model file, atomically.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let arrays = self.networks.iter().enumerate().flat_map(|(stage, flat)| {
            named(&prefix(stage), &Posterior::new(&self.recipe, &self.meta.encoding, stage, &Device::flex()), flat)
        });
        let meta = serde_json::to_value(&self.meta).expect("a description is plain data");
        tensors::write(path, &arrays.collect::<Vec<_>>(), &meta)
    }

    /// Number of parameters of all networks.
    pub fn parameters(&self) -> usize {
        self.networks.iter().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use collider::zjets::{Coordinates, Cuts, Scaling};

    use super::*;
    use crate::events::files;

    #[test]
    fn a_description_of_format_1_is_one_without_radiated_jets() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/zjets/zjets.parquet");
        let events = files::read(&data, None).unwrap();
        let encoding = EventEncoding::fit(&events, Coordinates::Boson, Scaling::Normal, Cuts::default()).unwrap();
        let mut old = serde_json::json!({ "format": 1, "encoding": encoding });
        let fields = old["encoding"].as_object_mut().unwrap();
        fields.remove("topologies");
        let shares: Vec<f64> = (1..=3).map(|jets| encoding.multiplicity(jets)).collect();
        fields.insert("multiplicity".into(), serde_json::json!(shares));
        fields["scales"].as_array_mut().unwrap().iter_mut().for_each(|scales| *scales = scales["plain"].take());
        let new: EventEncoding = serde_json::from_value(upgraded(old)["encoding"].take()).unwrap();
        assert!(new.is_valid());
        assert_eq!(new, encoding);
        // What is no description at all stays what it is, to be refused.
        let strange = serde_json::json!({ "format": 1, "encoding": 3 });
        assert_eq!(upgraded(strange.clone()), strange);
    }
}
