//! What a model file makes, by its description alone.

use std::path::Path;

use crate::{Error, tensors};

/// Kind of records that a model makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelDomain {
    /// Jets: [`crate::model::Model`].
    Jets,
    /// Events: [`crate::events::EventModel`].
    Events,
    /// Molecules: [`crate::molecules::MoleculeModel`].
    Molecules,
    /// Conformers: [`crate::conformers::ConformerModel`].
    Conformers,
}

impl ModelDomain {
    /// That of a model file; jets if it says nothing that is known, for their reader tells what is wrong with it.
    ///
    /// # Errors
    /// A file that cannot be read or is no model file.
    pub fn of(path: &Path) -> Result<ModelDomain, Error> {
        let described = tensors::describe(path, "a model file")?;
        Ok(match described.get("domain").and_then(serde_json::Value::as_str) {
            Some("zjets") => ModelDomain::Events,
            Some("molecules") => ModelDomain::Molecules,
            Some("conformers") => ModelDomain::Conformers,
            _ => ModelDomain::Jets,
        })
    }
}
