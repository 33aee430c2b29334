//! Encoded events in memory: what each network of the chain learns from.

use collider::zjets::{Event, EventEncoding, PairWeights, STAGES};

use crate::Error;
use crate::events::recipe::Edge;
use crate::train::Rows;

/// An event as one network of the chain sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// What it is to make.
    pub codes: Vec<f32>,
    /// What it is told.
    pub condition: Vec<f32>,
    /// How much it counts; 1 on average.
    pub weight: f32,
}

/// The events of one stage: those for training, then those for validation.
pub struct EventRows {
    rows: Vec<EventRow>,
    training: usize,
}

impl EventRows {
    /// Encodes the events that have enough jets.
    pub fn new(
        encoding: &EventEncoding,
        stage: usize,
        edge: Edge,
        training: &[Event],
        validation: &[Event],
    ) -> EventRows {
        let Some(what) = STAGES.get(stage) else { return EventRows { rows: Vec::new(), training: 0 } };
        let row = |event: &Event| {
            let codes = encoding.encode(event);
            let mut condition = Vec::with_capacity(encoding.conditions(stage));
            encoding.push_condition(&mut condition, stage, &encoding.topology(event), &codes);
            let codes = codes[what.before..what.before + what.features].iter().map(|&c| c as f32).collect();
            let softened = if edge == Edge::Weights { PairWeights::training(event, stage) } else { 1.0 };
            EventRow { codes, condition, weight: (event.weight * softened) as f32 }
        };
        let of = |events: &[Event]| -> Vec<EventRow> {
            let mut rows: Vec<EventRow> = events.iter().filter(|e| e.jets.len() >= what.jets).map(row).collect();
            let mean = rows.iter().map(|row| row.weight).sum::<f32>() / rows.len().max(1) as f32;
            rows.iter_mut().for_each(|row| row.weight /= mean);
            rows
        };
        let mut rows = of(training);
        let training = rows.len();
        rows.extend(of(validation));
        EventRows { rows, training }
    }
}

impl Rows<EventRow> for EventRows {
    fn training(&self) -> usize {
        self.training
    }

    fn validation(&self) -> usize {
        self.rows.len() - self.training
    }

    fn rows(&self, numbers: &[usize]) -> Result<Vec<EventRow>, Error> {
        Ok(numbers.iter().map(|&number| self.rows[number].clone()).collect())
    }
}
