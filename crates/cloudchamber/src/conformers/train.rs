//! Training a generator of conformers.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::data::{Conformer, Ensemble};
use super::distances::DistanceStage;
use super::model::{ConformerModel, PREFIX};
use super::positions::PositionStage;
use super::recipe::ConformerRecipe;
use crate::Error;
use crate::home::RUN_MODEL;
use crate::recipe::FileRecipe;
use crate::train::trainer::{Plan, Trainer};
use crate::train::{Rows, Stage, init, single};
use crate::ui::TrainUi;

/// Stream of the seed's random numbers.
const STREAM: u64 = 0x300;
/// Reasons for leaving molecules out that are told.
const TOLD: usize = 5;

/// Conformers of the molecules to learn from, then those of the molecules held out.
pub struct ConformerRows {
    rows: Vec<Conformer>,
    training: usize,
    /// Root mean square of the coordinates about the centres of the training conformers, in Angstrom.
    pub spread: f64,
}

/// Whether the molecule at this place of its file is held out.
pub fn is_held_out(recipe: &ConformerRecipe, molecule: &Ensemble, place: usize) -> bool {
    molecule.index.unwrap_or(place as u64).is_multiple_of(recipe.data.held_out)
}

impl ConformerRows {
    /// The conformers of a recipe's files; molecules that are left out are told to `ui`.
    ///
    /// # Errors
    /// Those of reading; [`Error::Content`] if there are none to learn from, or none held out.
    pub fn read(recipe: &ConformerRecipe, ui: &mut dyn TrainUi) -> Result<ConformerRows, Error> {
        let (mut learned, mut held) = (vec![], vec![]);
        for file in recipe.files() {
            let (molecules, skipped) = Ensemble::read_any(&file)?;
            if !skipped.is_empty() {
                ui.say(&format!("{}: molecules left out: {}", file.display(), skipped.len()));
                skipped.iter().take(TOLD).for_each(|why| ui.say(&format!("  {why}")));
            }
            let limit = recipe.data.limit.unwrap_or(usize::MAX);
            for (place, molecule) in molecules.into_iter().take(limit).enumerate() {
                let side = if is_held_out(recipe, &molecule, place) { &mut held } else { &mut learned };
                let molecule = Arc::new(molecule);
                let all = 0..molecule.conformers.len();
                side.extend(all.map(|number| Conformer { molecule: molecule.clone(), number }));
            }
        }
        for (side, what) in [(&learned, "conformers to learn from"), (&held, "conformers of molecules held out")] {
            if side.is_empty() {
                return Err(Error::Content {
                    path: recipe.source.clone(),
                    found: format!("no {what}"),
                    expected: format!(
                        "both, molecules with numbers divisible by data.held_out = {} and others",
                        recipe.data.held_out
                    ),
                });
            }
        }
        let squares = learned.iter().flat_map(Conformer::centred).flatten().map(|v| v * v);
        let (count, sum) = squares.fold((0.0, 0.0), |(n, sum), v| (n + 1.0, sum + v));
        let training = learned.len();
        learned.append(&mut held);
        Ok(ConformerRows { rows: learned, training, spread: f64::sqrt(sum / count) })
    }
}

impl Rows<Conformer> for ConformerRows {
    fn training(&self) -> usize {
        self.training
    }

    fn validation(&self) -> usize {
        self.rows.len() - self.training
    }

    fn rows(&self, numbers: &[usize]) -> Result<Vec<Conformer>, Error> {
        Ok(numbers.iter().map(|&n| self.rows[n].clone()).collect())
    }
}

/// Trains by `recipe` in the run directory `run`, from its last checkpoint if `resume`; the model is written at every checkpoint.
///
/// # Errors
/// Data that cannot be read or contradict the recipe, [`Error::Diverged`], [`Error::Interrupted`] after a checkpoint was written.
pub fn train(
    recipe: &ConformerRecipe,
    run: &Path,
    resume: bool,
    device: &Device,
    ui: &mut dyn TrainUi,
) -> Result<(), Error> {
    let rows = ConformerRows::read(recipe, ui)?;
    match &recipe.distances {
        None => run_stage(&PositionStage::new(recipe, rows.spread)?, recipe, &rows, (run, resume), device, ui),
        Some(noise) => {
            run_stage(&DistanceStage::new(recipe, noise, rows.spread)?, recipe, &rows, (run, resume), device, ui)
        }
    }
}

fn run_stage<S: Stage<Row = Conformer>>(
    stage: &S,
    recipe: &ConformerRecipe,
    rows: &ConformerRows,
    (run, resume): (&Path, bool),
    device: &Device,
    ui: &mut dyn TrainUi,
) -> Result<(), Error> {
    let options = recipe.train.options();
    let plan = Plan { steps: options.steps, batch: options.batch, stream: STREAM };
    let mut trainer = Trainer::new(stage, &options, plan, device);
    ui.say(&format!("{} conformers, {} parameters", rows.training(), trainer.model().len()));
    if let Some(model) = recipe.train.begins_as().filter(|_| single::begins((run, resume))) {
        init::start(&mut trainer, (recipe.base(), model, PREFIX), ui)?;
    }
    single::to_the_end(&mut trainer, "conformers", rows, (run, resume), ui, &mut |state| {
        let trained = single::record(state, "conformers", rows.training());
        ConformerModel::new(recipe, rows.spread, state.progress.model().to_vec(), trained)?.save(&run.join(RUN_MODEL))
    })?;
    Ok(())
}
