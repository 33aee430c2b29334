//! What a generator costs.

use serde::Serialize;

use crate::events::EventModel;
use crate::events::generate::EventStats;
use crate::events::likelihood::Likelihood;

/// Figures of cost; none where nobody said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    /// Mean log densities of true events, for each number of jets.
    pub likelihood: Vec<Likelihood>,
}

impl Cost {
    /// Of a model, and of sampling it.
    pub fn of(model: &EventModel, stats: &EventStats) -> Cost {
        let trained = &model.meta.trained;
        let stages = trained["stages"].as_array();
        Cost {
            training_seconds: trained["seconds"].as_f64(),
            steps: stages.and_then(|s| s.iter().map(|stage| stage["steps"].as_u64()).sum()),
            parameters: Some(model.parameters()),
            evaluations: Some(stats.evaluations as f64),
            events_per_second: Some(stats.events as f64 / stats.seconds),
            likelihood: Vec::new(),
        }
    }
}
