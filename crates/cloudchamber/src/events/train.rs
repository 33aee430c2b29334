//! Training an event generator: one network of the chain after the other, each with its own checkpoint.

use std::path::Path;

use burn::tensor::Device;
use collider::zjets::{Event, EventEncoding};

use super::files;
use super::model::EventModel;
use super::recipe::EventRecipe;
use super::rows::EventRows;
use super::stage::EventStage;
use crate::Error;
use crate::home::RUN_MODEL;
use crate::recipe::{FileRecipe, TrainSection};
use crate::train::single;
use crate::train::trainer::{Plan, Trainer};
use crate::ui::TrainUi;

/// First of the streams of the seed's random numbers; a stage uses sixteen.
const STREAM: u64 = 0x100;

/// Training and validation events of a recipe's files, the last rows of each for validation; the images of training events under the
/// recipe's symmetries are training events, too.
///
/// # Errors
/// Those of [`files::read`]; an event outside the cuts, with its file and row.
fn split(recipe: &EventRecipe) -> Result<(Vec<Event>, Vec<Event>), Error> {
    let (mut training, mut validation) = (Vec::new(), Vec::new());
    for file in recipe.files() {
        let events = files::read(&file, recipe.data.limit)?;
        for (row, event) in events.iter().enumerate() {
            recipe.data.cuts.check(event).map_err(|problem| Error::Content {
                path: file.clone(),
                found: format!("row {row}: {problem}"),
                expected: "events that fulfil data.cuts; remove it, or change the cuts".into(),
            })?;
        }
        let kept = ((events.len() as f64 * recipe.data.validation).ceil() as usize).min(events.len() - 1);
        let (first, last) = events.split_at(events.len() - kept);
        training.extend_from_slice(first);
        validation.extend_from_slice(last);
    }
    for symmetry in &recipe.data.symmetries {
        let images: Vec<Event> = training.iter().map(|event| symmetry.of(event)).collect();
        training.extend(images);
    }
    Ok((training, validation))
}

/// Trains by `recipe` in the run directory `run`, from its last checkpoints if `resume`.
///
/// # Errors
/// Data that cannot be read or contradict the recipe, [`Error::Diverged`], [`Error::Interrupted`] after a checkpoint was written.
pub fn train(
    recipe: &EventRecipe,
    run: &Path,
    resume: bool,
    device: &Device,
    ui: &mut dyn TrainUi,
) -> Result<(), Error> {
    let (training, validation) = split(recipe)?;
    let data = &recipe.data;
    let encoding = EventEncoding::fit(&training, data.coordinates, data.scaling, data.cuts)?;
    let (mut networks, mut stages, mut seconds) = (Vec::new(), Vec::new(), 0.0);
    for stage in 0..encoding.stages() {
        let name = format!("jet{}", stage + 1);
        let rows = EventRows::new(&encoding, stage, data.edge, &training, &validation);
        // A Bayesian network's prior holds its weights back.
        let decay = if recipe.bayes.is_some() { 0.0 } else { recipe.train.weight_decay };
        let options = TrainSection { weight_decay: decay, ..recipe.train.options(stage) };
        let plan = Plan { steps: options.steps, batch: options.batch, stream: STREAM + 16 * stage as u64 };
        // Images of an event under symmetries are no further evidence.
        let events = crate::train::Rows::training(&rows) >> data.symmetries.len();
        let problem = EventStage::new(recipe, &encoding, stage, events)?;
        let mut trainer = Trainer::new(&problem, &options, plan, device);
        let place = (&*run.join(&name), resume);
        let (done, _) = single::to_the_end(&mut trainer, &name, &rows, place, ui, &mut |_| Ok(()))?;
        seconds += done.seconds;
        stages.push(serde_json::json!({
            "steps": done.progress.step, "validation_loss": done.progress.validation, "seconds": done.seconds,
            "events": crate::train::Rows::training(&rows),
        }));
        networks.push(done.progress.model().to_vec());
    }
    let trained = serde_json::json!({
        "stages": stages, "seconds": seconds, "threads": rayon::current_num_threads(),
        "hardware": crate::device::processor(), "version": env!("CARGO_PKG_VERSION"),
    });
    EventModel::new(recipe, encoding, networks, trained)?.save(&run.join(RUN_MODEL))
}
