//! `[train]`: how long and how fast.

use serde::{Deserialize, Serialize};

/// `[train]`: how long and how fast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainSection {
    /// Optimiser steps of the cloud network.
    pub steps: u64,
    /// Optimiser steps of the jet-level network.
    pub jet_steps: u64,
    /// Jets per step of the cloud network.
    pub batch: usize,
    /// Jets per step of the jet-level network.
    pub jet_batch: usize,
    /// Peak learning rate of AdamW; reached after `warmup` steps, then a cosine to zero.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises linearly from zero.
    pub warmup: u64,
    /// Part of the steps at the end over which the learning rate falls linearly to zero, having stayed at its peak; that cosine if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<f64>,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Largest gradient norm; larger gradients are scaled down to it.
    pub clip: f64,
    /// Decay per step of the exponential moving average of the weights, 0 to 1; the average is the model.
    pub ema: f64,
    /// Pieces of a batch whose gradients are computed in parallel.
    pub shards: usize,
    /// Seed of the initial weights, the order of the data, the times and the noise.
    pub seed: u64,
    /// Steps between two validation losses.
    pub validate_every: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// Validations without improvement after which training stops, and the best average is the model; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u64>,
}

impl Default for TrainSection {
    fn default() -> Self {
        TrainSection {
            steps: 50_000,
            jet_steps: 20_000,
            batch: 256,
            jet_batch: 256,
            learning_rate: 1e-3,
            warmup: 1000,
            cooldown: None,
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
