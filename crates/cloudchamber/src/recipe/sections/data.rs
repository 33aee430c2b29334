//! `[data]`: which jets to learn from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use collider::JetClass;
use serde::{Deserialize, Serialize};

/// `[data]`: which jets to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSection {
    /// Kind of records; "jets" is the only domain so far.
    pub domain: Domain,
    /// Directory with any of g.hdf5, q.hdf5, t.hdf5, w.hdf5, z.hdf5, as an alternative to `files`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
    /// One JetNet file per class: `files = { g = "g.hdf5", t = "t150.hdf5" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<JetClass, PathBuf>,
    /// Particle slots per jet; jets with more keep their hardest ones.
    pub particles: usize,
    /// Part of the rows kept aside for the validation loss, 0 to 0.5; the last rows of each file.
    pub validation: f64,
    /// Most rows read per class; all of them if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// How often an epoch visits each jet of a class, once if absent: `repeat = { w = 2, z = 2 }` for small files.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub repeat: BTreeMap<JetClass, usize>,
}

/// Kind of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// Jets as particle clouds in JetNet's layout.
    Jets,
}

impl Default for DataSection {
    fn default() -> Self {
        DataSection {
            domain: Domain::Jets,
            dir: None,
            files: BTreeMap::new(),
            particles: 30,
            validation: 0.05,
            limit: None,
            repeat: BTreeMap::new(),
        }
    }
}
