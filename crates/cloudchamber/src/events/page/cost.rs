//! What a generator costs, as far as its model file and its table of events say it.

use std::path::Path;

use serde::Serialize;
use tables::TableReader;

use crate::Error;
use crate::events::EventModel;

/// Figures of cost; none where nobody said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Training time \[s\].
    pub training_seconds: Option<f64>,
    /// Optimiser steps of all networks.
    pub steps: Option<u64>,
    /// Parameters of all networks.
    pub parameters: Option<usize>,
    /// Network evaluations per event and network.
    pub evaluations: Option<f64>,
    /// Events generated per second.
    pub events_per_second: Option<f64>,
    /// Mean negative log-likelihood of events \[nats\].
    pub nats: Option<f64>,
}

impl Cost {
    /// From a model file, if there is one, and the attributes `evaluations` and `events_per_second` of a table.
    ///
    /// # Errors
    /// A model file that is none of events, a table that cannot be opened.
    pub fn of(model: Option<&Path>, table: Option<&Path>) -> Result<Cost, Error> {
        let mut cost = Cost::default();
        if let Some(path) = model {
            let model = EventModel::load(path)?;
            let trained = &model.meta.trained;
            let stages = trained["stages"].as_array();
            cost.training_seconds = trained["seconds"].as_f64();
            cost.steps = stages.and_then(|s| s.iter().map(|stage| stage["steps"].as_u64()).sum());
            cost.nats = trained["nats"].as_f64();
            cost.parameters = Some(model.parameters());
        }
        if let Some(path) = table {
            let reader = TableReader::open(path)?;
            let number = |key: &str| reader.attributes().iter().find(|(k, _)| k == key)?.1.parse().ok();
            cost.evaluations = number("evaluations");
            cost.events_per_second = number("events_per_second");
        }
        Ok(cost)
    }
}
