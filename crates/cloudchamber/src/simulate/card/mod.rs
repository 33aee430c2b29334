//! Cards: one TOML file that says what Pythia makes and what is written of it. `cards/` has one for every data set of the project.
//!
//! Every key of `[select]` has a default but `write` (and the `class` of jets). A misspelt key is refused with the nearest one.

mod check;
mod sections;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use sections::*;

use crate::Error;
use crate::recipe::overrides;

/// A card with its overrides and defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What is made, for people.
    #[serde(default)]
    pub title: String,
    /// What Pythia is told.
    pub pythia: PythiaSection,
    /// What is written.
    pub select: Select,
    /// The file it was read from.
    #[serde(skip)]
    pub source: PathBuf,
}

/// `[pythia]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythiaSection {
    /// Commands as in Pythia's own cards, in this order.
    pub commands: Vec<String>,
    /// Events that share a random seed. The events change with it.
    #[serde(default = "block")]
    pub block: u32,
}

fn block() -> u32 {
    250
}

impl Card {
    /// A card by its file or by the name of a bundled one, with `key=value` overrides.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the nearest name, [`Error::Io`], and those of [`Card::parse`].
    pub fn load(card: &str, settings: &[String]) -> Result<Card, Error> {
        let bundled = super::cards();
        let path = match bundled.iter().find(|(name, _)| name == card) {
            Some((_, path)) if !Path::new(card).is_file() => path.clone(),
            _ => PathBuf::from(card),
        };
        if !path.exists() && path.components().count() == 1 && path.extension().is_none() {
            let names = bundled.iter().map(|(name, _)| name.as_str());
            return Err(Error::unknown("card", card, "CARD (a file, or the name of a bundled card)", names));
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        Card::parse(&text, &path, settings)
    }

    /// A card from its text; `source` is named in messages.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::Unknown`] and [`Error::Value`], with the key.
    pub fn parse(text: &str, source: &Path, settings: &[String]) -> Result<Card, Error> {
        let (mut card, _): (Card, _) = overrides::resolve(text, source, settings)?;
        card.source = source.to_path_buf();
        card.check_commands()?;
        card.check_selection()?;
        Ok(card)
    }

    /// The card with overrides and defaults, as TOML.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self)
            .map_err(|e| Error::Syntax { place: self.source.display().to_string(), message: e.to_string() })
    }

    fn value(&self, key: &str, found: impl ToString, expected: &str) -> Error {
        Error::Value { file: self.source.clone(), key: key.into(), found: found.to_string(), expected: expected.into() }
    }
}
