//! Where a run stands: written atomically, so that a run killed at any moment finds the last complete one.

use std::path::Path;

use collider::encode::Encoding;
use serde::{Deserialize, Serialize};

use super::adamw::AdamW;
use crate::Error;
use crate::tensors::{self, Array};

/// Name of the checkpoint in the run directory.
pub const FILE: &str = "checkpoint.safetensors";

/// Progress of the stage that is being trained.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: u64,
    /// Present parameters.
    pub parameters: Vec<f32>,
    /// Their exponential moving average.
    pub average: Vec<f32>,
    /// The average when the validation loss was least; empty in a training without patience.
    pub best_average: Vec<f32>,
    /// Optimiser state.
    pub optimiser: AdamW,
    /// Last validation loss.
    pub validation: Option<f64>,
    /// Least validation loss so far.
    pub best: Option<f64>,
    /// Validations since then.
    pub since_best: u64,
}

impl Progress {
    /// The parameters of the model: the average, where there is patience the best one.
    pub fn model(&self) -> &[f32] {
        if self.best_average.is_empty() { &self.average } else { &self.best_average }
    }
}

/// All that is needed to go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Progress of the present stage.
    pub progress: Progress,
    /// Training time so far.
    pub seconds: f64,
    /// The jet-level network, once it is trained: the present stage is then the second.
    pub table: Option<Vec<f32>>,
    /// The calibrated encoding, from the second stage on.
    pub encoding: Option<Encoding>,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    step: u64,
    validation: Option<f64>,
    best: Option<f64>,
    since_best: u64,
    seconds: f64,
    encoding: Option<Encoding>,
}

impl Checkpoint {
    /// Writes the checkpoint, replacing the last one.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let p = &self.progress;
        let mut arrays = vec![
            named("parameters", &p.parameters),
            named("average", &p.average),
            named("mean", &p.optimiser.mean),
            named("square", &p.optimiser.square),
        ];
        if !p.best_average.is_empty() {
            arrays.push(named("best_average", &p.best_average));
        }
        arrays.extend(self.table.as_ref().map(|table| named("table", table)));
        let meta = Meta {
            step: p.step,
            validation: p.validation,
            best: p.best,
            since_best: p.since_best,
            seconds: self.seconds,
            encoding: self.encoding.clone(),
        };
        tensors::write(path, &arrays, &serde_json::to_value(meta).expect("a checkpoint's description is plain data"))
    }

    /// Reads a checkpoint.
    pub fn load(path: &Path) -> Result<Checkpoint, Error> {
        let wrong = |found: String| Error::Content {
            path: path.into(),
            found,
            expected: "a checkpoint of this chamber".into(),
        };
        let (mut arrays, meta) = tensors::read(path, "a checkpoint")?;
        let meta: Meta = serde_json::from_value(meta).map_err(|e| wrong(format!("damaged description ({e})")))?;
        let mut take = |name: &str| arrays.remove(name).map(|a| a.data);
        let mut need = |name: &str| take(name).ok_or_else(|| wrong(format!("no array \"{name}\"")));
        let progress = Progress {
            step: meta.step,
            parameters: need("parameters")?,
            average: need("average")?,
            best_average: Vec::new(),
            optimiser: AdamW { mean: need("mean")?, square: need("square")? },
            validation: meta.validation,
            best: meta.best,
            since_best: meta.since_best,
        };
        let progress = Progress { best_average: take("best_average").unwrap_or_default(), ..progress };
        Ok(Checkpoint { progress, seconds: meta.seconds, table: take("table"), encoding: meta.encoding })
    }
}

fn named(name: &str, data: &[f32]) -> (String, Array) {
    (name.to_string(), Array { shape: vec![data.len()], data: data.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_survives_the_round_trip() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let progress = Progress {
            step: 12,
            parameters: vec![1.0, 2.0],
            average: vec![1.5, 2.5],
            best_average: vec![1.25, 2.25],
            optimiser: AdamW { mean: vec![0.1, 0.2], square: vec![0.3, 0.4] },
            validation: Some(0.7),
            best: Some(0.6),
            since_best: 2,
        };
        for table in [None, Some(vec![4.0])] {
            let checkpoint = Checkpoint { progress: progress.clone(), seconds: 3.5, table, encoding: None };
            checkpoint.save(&path).unwrap();
            assert_eq!(Checkpoint::load(&path).unwrap(), checkpoint);
        }
    }
}
