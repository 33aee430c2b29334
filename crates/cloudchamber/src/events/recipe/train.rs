//! `[train]`: how long and how fast.

use serde::{Deserialize, Serialize};

use crate::recipe::TrainSection;

/// `[train]`: how long and how fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventTrain {
    /// Optimiser steps for each network of the chain.
    pub steps: [u64; 3],
    /// Events per step.
    pub batch: usize,
    /// Peak learning rate of AdamW; reached after `warmup` steps, then a cosine to zero.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises linearly from zero.
    pub warmup: u64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Largest gradient norm; larger gradients are scaled down to it.
    pub clip: f64,
    /// Decay per step of the exponential moving average of the weights, which is the model.
    pub ema: f64,
    /// Pieces of a batch whose gradients are computed in parallel.
    pub shards: usize,
    /// Seed of the initial weights, the order of the data, the times and the noise.
    pub seed: u64,
    /// Steps between two validation losses.
    pub validate_every: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// Validations without improvement after which a network's training stops, and its best average is the model; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u64>,
}

impl Default for EventTrain {
    fn default() -> Self {
        EventTrain {
            steps: [40_000, 20_000, 10_000],
            batch: 1024,
            learning_rate: 1e-3,
            warmup: 500,
            weight_decay: 1e-4,
            clip: 1.0,
            ema: 0.999,
            shards: 2,
            seed: 1,
            validate_every: 1000,
            checkpoint_every: 1000,
            patience: None,
        }
    }
}

impl EventTrain {
    /// The options of the training loop for one stage.
    pub fn options(&self, stage: usize) -> TrainSection {
        TrainSection {
            steps: self.steps[stage],
            batch: self.batch,
            learning_rate: self.learning_rate,
            warmup: self.warmup,
            weight_decay: self.weight_decay,
            clip: self.clip,
            ema: self.ema,
            shards: self.shards,
            seed: self.seed,
            validate_every: self.validate_every,
            checkpoint_every: self.checkpoint_every,
            patience: self.patience,
            ..TrainSection::default()
        }
    }
}
