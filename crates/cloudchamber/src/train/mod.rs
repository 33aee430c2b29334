//! Training: a recipe in, a run directory out.
//!
//! Two stages share one loop: "jets" (the jet-level network) and "particles" (the cloud network); each ends with a calibration. Every random number is keyed by
//! (seed, stage, number of the sample), so a run that is killed and resumed ends with the weights of one that was not.

pub mod adamw;
mod cache;
mod calibrate;
pub(crate) mod checkpoint;
pub(crate) mod clouds;
mod engine;
pub(crate) mod init;
mod rows;
pub(crate) mod single;
mod stages;
mod table;
mod teacher;
pub(crate) mod trainer;

use std::path::Path;
use std::time::Instant;

use burn::tensor::Device;
use collider::encode::Encoding;

use self::cache::Cache;
use self::checkpoint::Checkpoint;
pub(crate) use self::stages::Stage;
use self::stages::{CloudStage, TableStage};
pub(crate) use self::table::TableQuestion;
use self::teacher::Teacher;
pub(crate) use self::trainer::Rows;
use self::trainer::{Outcome, Plan, Trainer};
use crate::Error;
use crate::home::RUN_MODEL;
use crate::model::{Model, cloud_network};
use crate::recipe::Recipe;
use crate::ui::TrainUi;

/// Name of the teacher's copy in the run directory.
const TEACHER: &str = "teacher.safetensors";

/// Streams of the seed's random numbers.
mod stream {
    pub const CALIBRATION: u64 = 0x40;
    pub const SPREAD: u64 = 0x50;
    pub const JETS: u64 = 0x60;
    pub const PARTICLES: u64 = 0x70;
}

/// Trains by `recipe` in the run directory `run`, from its last checkpoint if `resume`.
///
/// # Errors
/// Data that cannot be read or contradict the recipe, [`Error::Diverged`], [`Error::Interrupted`] after a checkpoint was written.
pub fn train(recipe: &Recipe, run: &Path, resume: bool, device: &Device, ui: &mut dyn TrainUi) -> Result<(), Error> {
    let teacher = pinned(recipe, run)?;
    let cache = Cache::open_or_build(recipe, run, teacher.as_ref().map(|teacher| &teacher.meta.encoding), ui)?;
    let file = run.join(checkpoint::FILE);
    let mut state = if resume && file.exists() { Checkpoint::load(&file)? } else { Checkpoint::default() };
    let started = Instant::now();
    let before = state.seconds;

    if let (Some(teacher), None) = (&teacher, &state.table) {
        // The jet-level network and its calibration are the teacher's.
        state.table = Some(teacher.table.clone());
        state.encoding = Some(cache.encoding.clone());
    }
    if state.table.is_none() {
        let stage = TableStage { recipe, encoding: &cache.encoding };
        let plan = Plan { steps: recipe.train.jet_steps, batch: recipe.train.jet_batch, stream: stream::JETS };
        let mut trainer = Trainer::new(&stage, &recipe.train, plan, device);
        trainer.restore(&state)?;
        let saved = |progress: checkpoint::Progress| Checkpoint {
            progress,
            seconds: before + started.elapsed().as_secs_f64(),
            ..Checkpoint::default()
        };
        let outcome = trainer.run("jets", &cache, ui, &mut |progress| saved(progress).save(&file))?;
        if outcome == Outcome::Interrupted {
            return Err(Error::Interrupted);
        }
        state = Checkpoint { table: Some(trainer.model().to_vec()), ..saved(checkpoint::Progress::default()) };
    }
    let table = state.table.clone().expect("the first stage is done");
    let encoding = match state.encoding.take() {
        Some(encoding) => encoding,
        None => {
            let net = nets::load(crate::model::table_network(recipe, &cache.encoding, &Device::flex()), &table);
            calibrate::jet_levels(recipe, &cache.encoding, net)?
        }
    };

    let teaching = teacher.as_ref().map(|model| Teacher::new(model, recipe, device)).transpose()?;
    let stage = CloudStage::new(recipe, &cache.encoding, teaching)?;
    let plan = Plan { steps: recipe.train.steps, batch: recipe.train.batch, stream: stream::PARTICLES };
    let mut trainer = Trainer::new(&stage, &recipe.train, plan, device);
    if let Some(teacher) = &teacher {
        trainer.start_from(&start(teacher, recipe));
    }
    ui.say(&format!("parameters: {} jet-level, {} cloud", table.len(), trainer.model().len()));
    trainer.restore(&state)?;
    let finished = |progress: &checkpoint::Progress, encoding: &Encoding, seconds: f64| {
        let trained = serde_json::json!({
            "steps": progress.step, "jet_steps": if teacher.is_some() { 0 } else { recipe.train.jet_steps },
            "teacher": teacher.as_ref().map(|teacher| &teacher.meta.name), "jets": cache.training(),
            "validation_loss": progress.validation, "seconds": seconds, "threads": rayon::current_num_threads(),
            "hardware": crate::device::processor(), "version": env!("CARGO_PKG_VERSION"),
        });
        Model::new(recipe, encoding.clone(), table.clone(), progress.model().to_vec(), trained)
    };
    let mut last = None;
    let outcome = trainer.run("particles", &cache, ui, &mut |progress| {
        let seconds = before + started.elapsed().as_secs_f64();
        let model = finished(&progress, &encoding, seconds)?;
        model.save(&run.join(RUN_MODEL))?;
        last = Some(model);
        let all = Checkpoint { progress, seconds, table: Some(table.clone()), encoding: Some(encoding.clone()) };
        all.save(&file)
    })?;
    let mut model = match (outcome, last) {
        (Outcome::Finished, Some(model)) => model,
        _ => return Err(Error::Interrupted),
    };
    ui.say("calibrating the cloud network");
    model.meta.encoding.ranks = calibrate::ranks(&model, &cache, device)?;
    model.save(&run.join(RUN_MODEL))
}

/// The cloud parameters that a student begins with: its teacher's, blind to the length of the step where only the student is told it.
fn start(teacher: &Model, recipe: &Recipe) -> Vec<f32> {
    let inputs = |of: &Recipe| nets::inventory(&cloud_network(of, &teacher.meta.encoding, &Device::flex()));
    nets::widened(&teacher.cloud, &inputs(&teacher.recipe), &inputs(recipe))
        .expect("a student has its teacher's network")
}

/// The recipe's teacher, as it was when the run began: a copy in the run directory, for what is beside may change.
fn pinned(recipe: &Recipe, run: &Path) -> Result<Option<Model>, Error> {
    let file = run.join(TEACHER);
    if recipe.distil.is_some() && file.exists() {
        return Model::load(&file).map(Some);
    }
    let teacher = recipe.teacher()?;
    teacher.iter().try_for_each(|teacher| teacher.save(&file))?;
    Ok(teacher)
}
