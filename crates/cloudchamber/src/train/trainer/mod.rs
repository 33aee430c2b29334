//! The training loop of one stage: batches in shards over threads, AdamW with warm-up and cosine, moving average, validation.
//!
//! A batch is cut into a fixed number of shards; each is differentiated by one thread and the gradients are added in order, so
//! the weights depend on the recipe alone, not on the number of threads.

use burn::tensor::Device;
use diffusion::{Ema, Rng};

use crate::Error;
use crate::recipe::TrainSection;
use crate::train::adamw::{AdamW, clip};
use crate::train::checkpoint::{Checkpoint, Progress};
use crate::train::engine::Engine;
use crate::train::stages::Stage;
use crate::ui::TrainUi;

/// Steps between two lines of the log.
const LOG_EVERY: u64 = 100;
/// Most validation rows used: their loss is known to a per cent then, and costs little.
const VALIDATION_ROWS: usize = 8192;
/// Rows of a validation shard.
const VALIDATION_BATCH: usize = 256;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All steps done, or stopped early by the recipe's patience.
    Finished,
    /// Stopped on request; a checkpoint is written.
    Interrupted,
}

/// Training rows and the validation rows after them.
pub trait Rows<R> {
    /// Number of training rows; they are rows `0 .. training()`.
    fn training(&self) -> usize;

    /// Number of validation rows, which follow.
    fn validation(&self) -> usize;

    /// Number of rows that an epoch visits.
    fn epoch(&self) -> usize {
        self.training()
    }

    /// Number of the row at place `place < epoch()` of an unshuffled epoch.
    fn visited(&self, place: usize) -> usize {
        place
    }

    /// Rows by number.
    fn rows(&self, numbers: &[usize]) -> Result<Vec<R>, Error>;
}

/// What differs between the stages of a recipe.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Optimiser steps.
    pub steps: u64,
    /// Jets per step.
    pub batch: usize,
    /// Stream of the seed's random numbers.
    pub stream: u64,
}

/// The state of one stage's training.
pub struct Trainer<'a, S: Stage> {
    stage: &'a S,
    options: &'a TrainSection,
    plan: Plan,
    device: Device,
    engine: Engine<S>,
    decays: Vec<f32>,
    progress: Progress,
}

impl<'a, S: Stage> Trainer<'a, S> {
    /// Before the first step; the initial weights follow from the seed.
    pub fn new(stage: &'a S, options: &'a TrainSection, plan: Plan, device: &Device) -> Trainer<'a, S> {
        device.seed(options.seed ^ plan.stream);
        let network = stage.network(device);
        let parameters = nets::values(&network);
        let decay = |info: nets::ParameterInfo| {
            let value = if info.shape.len() > 1 { options.weight_decay as f32 } else { 0.0 };
            std::iter::repeat_n(value, info.shape.iter().product())
        };
        let decays = nets::inventory(&network).into_iter().flat_map(decay).collect();
        let engine = Engine::new(stage, &network, options.shards, device);
        Trainer {
            stage,
            options,
            plan,
            device: device.clone(),
            engine,
            decays,
            progress: Progress {
                step: 0,
                optimiser: AdamW::new(parameters.len()),
                average: parameters.clone(),
                parameters,
                ..Progress::default()
            },
        }
    }

    /// Starts from these parameters instead of the initial ones.
    pub fn start_from(&mut self, parameters: &[f32]) {
        self.progress.parameters = parameters.to_vec();
        self.progress.average = parameters.to_vec();
    }

    /// Starts from the parameters of another network where it has them ([`nets::adopted`]); the number of these arrays, and of all.
    pub fn adopt<'b>(&mut self, other: impl Fn(&str) -> Option<(&'b [usize], &'b [f32])>) -> (usize, usize) {
        let inventory = nets::inventory(&self.stage.network(&self.device));
        let (parameters, taken) = nets::adopted(&self.progress.parameters, &inventory, other);
        self.start_from(&parameters);
        (taken, inventory.len())
    }

    /// Takes over the progress of a checkpoint, if it has any.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let (found, expected) = (checkpoint.progress.parameters.len(), self.progress.parameters.len());
        if found == 0 {
            return Ok(());
        }
        if found != expected {
            return Err(Error::Content {
                path: crate::train::checkpoint::FILE.into(),
                found: format!("{found} parameters"),
                expected: format!("{expected}, as the recipe's network has; the run's recipe.toml was changed"),
            });
        }
        self.progress = checkpoint.progress.clone();
        Ok(())
    }

    /// The model: [`Progress::model`].
    pub fn model(&self) -> &[f32] {
        self.progress.model()
    }

    /// Trains to the last step; `save` is called for every checkpoint and at the end.
    pub fn run(
        &mut self,
        name: &str,
        data: &dyn Rows<S::Row>,
        ui: &mut dyn TrainUi,
        save: &mut dyn FnMut(Progress) -> Result<(), Error>,
    ) -> Result<Outcome, Error> {
        ui.stage(name, self.progress.step, self.plan.steps)?;
        let mut order = (u64::MAX, Vec::new());
        let (mut summed, mut counted) = (0.0, 0.0);
        while self.progress.step < self.plan.steps && !self.exhausted() {
            if ui.interrupted() {
                save(self.progress.clone())?;
                return Ok(Outcome::Interrupted);
            }
            let (loss, norm, rate) = self.step(data, &mut order)?;
            let step = self.progress.step;
            (summed, counted) = (summed + loss, counted + 1.0);
            let mut scalars = Vec::new();
            if step.is_multiple_of(LOG_EVERY) || step == self.plan.steps {
                scalars.extend([("loss", summed / counted), ("gradient_norm", norm), ("learning_rate", rate)]);
                (summed, counted) = (0.0, 0.0);
            }
            if (step.is_multiple_of(self.options.validate_every) || step == self.plan.steps)
                && let Some(loss) = self.validate(data)?
            {
                scalars.push(("validation_loss", loss));
                self.remember(loss);
            }
            ui.step(step, self.plan.steps, &scalars)?;
            if self.exhausted() {
                ui.say(&format!(
                    "{name}: no improvement in {} validations, stopped at step {step}",
                    self.progress.since_best
                ));
            }
            if step.is_multiple_of(self.options.checkpoint_every) && step < self.plan.steps {
                save(self.progress.clone())?;
            }
        }
        save(self.progress.clone())?;
        Ok(Outcome::Finished)
    }

    /// Notes a validation loss; with patience the model is the best so far.
    fn remember(&mut self, loss: f64) {
        let progress = &mut self.progress;
        progress.validation = Some(loss);
        if progress.best.is_none_or(|best| loss < best) {
            progress.best = Some(loss);
            progress.since_best = 0;
            if self.options.patience.is_some() {
                progress.best_average.clone_from(&progress.average);
            }
        } else {
            progress.since_best += 1;
        }
    }

    /// Whether the recipe's patience has come to its end.
    fn exhausted(&self) -> bool {
        self.options.patience.is_some_and(|patience| self.progress.since_best >= patience)
    }

    /// One step; mean loss of the batch, norm of its gradient, learning rate.
    fn step(&mut self, data: &dyn Rows<S::Row>, order: &mut (u64, Vec<u32>)) -> Result<(f64, f64, f64), Error> {
        let step = self.progress.step + 1;
        let first = self.progress.step * self.plan.batch as u64;
        let visits = data.epoch() as u64;
        let numbers: Vec<usize> = (first..first + self.plan.batch as u64)
            .map(|sample| {
                let (epoch, place) = (sample / visits, sample % visits);
                if order.0 != epoch {
                    *order = (epoch, self.rng(2).at(epoch).permutation(data.epoch()));
                }
                data.visited(order.1[place as usize] as usize)
            })
            .collect();
        let rows = data.rows(&numbers)?;
        let share = rows.len().div_ceil(self.options.shards);
        let shards: Vec<&[S::Row]> = rows.chunks(share).collect();
        let rng = self.rng(1);
        let rng = |shard: usize| rng.clone().at(first + (shard * share) as u64);
        let results = self.engine.gradients(self.stage, &self.progress.parameters, &shards, &rng);
        let (mut loss, mut gradient) = (0.0, vec![0.0f32; self.progress.parameters.len()]);
        for result in results {
            let (value, part) = result?;
            loss += value;
            gradient.iter_mut().zip(part).for_each(|(sum, g)| *sum += g);
        }
        loss /= rows.len() as f64;
        let share = 1.0 / rows.len() as f32;
        gradient.iter_mut().for_each(|g| *g *= share);
        if let Some((value, penalty)) = self.stage.penalty(&self.progress.parameters) {
            loss += value;
            gradient.iter_mut().zip(penalty).for_each(|(sum, g)| *sum += g);
        }
        let norm = clip(&mut gradient, self.options.clip);
        for (quantity, value) in [("the loss", loss), ("the gradient's norm", norm)] {
            if !value.is_finite() {
                return Err(Error::Diverged { step, quantity: quantity.into(), value });
            }
        }
        let rate = self.rate(step);
        self.progress.optimiser.step(&mut self.progress.parameters, &gradient, &self.decays, rate, step);
        Ema { decay: self.options.ema }.update(
            &mut self.progress.average,
            &self.progress.parameters,
            self.progress.step,
        );
        self.progress.step = step;
        Ok((loss, norm, rate))
    }

    /// Linear warm-up, then a cosine to zero at the last step, or the peak until the cool-down.
    fn rate(&self, step: u64) -> f64 {
        let (warmup, total) = (self.options.warmup.max(1) as f64, self.plan.steps as f64);
        let step = step as f64;
        let factor = if step < warmup {
            step / warmup
        } else if let Some(part) = self.options.cooldown {
            ((total - step) / (part * total).max(1.0)).min(1.0)
        } else {
            0.5 * (1.0 + (std::f64::consts::PI * (step - warmup) / (total - warmup).max(1.0)).cos())
        };
        self.options.learning_rate * factor
    }

    /// Mean loss of the averaged weights on validation rows, always with the same times and noise; none without such rows.
    fn validate(&self, data: &dyn Rows<S::Row>) -> Result<Option<f64>, Error> {
        let rows = data.validation().min(VALIDATION_ROWS);
        if rows == 0 {
            return Ok(None);
        }
        // Evenly over the validation rows, which are ordered by class.
        let number = |i: usize| data.training() + i * data.validation() / rows;
        let averaged = nets::load(self.stage.network(&self.device), &self.progress.average);
        let kernel = if self.engine.is_kernel() { self.stage.kernel(&averaged) } else { None };
        let mut sum = 0.0;
        for start in (0..rows).step_by(VALIDATION_BATCH) {
            let numbers: Vec<usize> = (start..(start + VALIDATION_BATCH).min(rows)).map(number).collect();
            let batch = data.rows(&numbers)?;
            let mut rng = self.rng(3).at(start as u64);
            sum += match &kernel {
                Some(kernel) => self.stage.loss(kernel, &batch, &mut rng)?,
                None => {
                    let losses = self.stage.losses(&averaged, &batch, &mut rng, &self.device)?;
                    f64::from(losses.sum().into_scalar::<f32>())
                }
            };
        }
        let loss = sum / rows as f64;
        if !loss.is_finite() {
            return Err(Error::Diverged {
                step: self.progress.step,
                quantity: "the validation loss".into(),
                value: loss,
            });
        }
        Ok(Some(loss))
    }

    fn rng(&self, part: u64) -> Rng {
        Rng::new(self.options.seed).stream(self.plan.stream + part)
    }
}

#[cfg(test)]
mod tests;
