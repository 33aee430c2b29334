//! Training a generator of molecules.

use std::path::Path;

use burn::tensor::Device;

use super::autoencoder;
use super::data::MoleculeRows;
use super::model::{AutoencoderMeta, MoleculeModel, PREFIX};
use super::recipe::MoleculeRecipe;
use super::stage::MoleculeStage;
use crate::Error;
use crate::home::RUN_MODEL;
use crate::recipe::FileRecipe;
use crate::train::trainer::{Plan, Trainer};
use crate::train::{Rows, init, single};
use crate::ui::TrainUi;

/// First of the streams of the seed's random numbers.
const STREAM: u64 = 0x200;

/// Trains by `recipe` in the run directory `run`, from its last checkpoint if `resume`; the model is written at every checkpoint.
///
/// # Errors
/// Data that cannot be read or contradict the recipe, [`Error::Diverged`], [`Error::Interrupted`] after a checkpoint was written.
pub fn train(
    recipe: &MoleculeRecipe,
    run: &Path,
    resume: bool,
    device: &Device,
    ui: &mut dyn TrainUi,
) -> Result<(), Error> {
    let mut rows = MoleculeRows::read(recipe, ui)?;
    let (mut layout, mut trained) = (rows.encoding.layout(), None);
    if let Some(section) = &recipe.autoencoder {
        let first = autoencoder::train::train(recipe, section, &rows, (run, resume), device, ui)?;
        rows = rows.encoded(&first.coder);
        layout = first.coder.latents.layout();
        trained = Some(first);
    }
    let stage = MoleculeStage::new(recipe, &rows.encoding, layout)?;
    let options = recipe.train.options();
    let plan = Plan { steps: options.steps, batch: options.batch, stream: STREAM };
    let mut trainer = Trainer::new(&stage, &options, plan, device);
    ui.say(&format!("{} molecules, {} parameters", rows.training(), trainer.model().len()));
    if let Some(model) = recipe.train.begins_as().filter(|_| single::begins((run, resume))) {
        init::start(&mut trainer, (recipe.base(), model, PREFIX), ui)?;
    }
    single::to_the_end(&mut trainer, "molecules", &rows, (run, resume), ui, &mut |state| {
        let mut record = single::record(state, "molecules", rows.training());
        if let Some(first) = &trained {
            record["autoencoder"] = first.record.clone();
        }
        let mut model = MoleculeModel::new(recipe, rows.encoding.clone(), state.progress.model().to_vec(), record)?;
        if let Some(first) = &trained {
            let (latents, reconstruction) = (first.coder.latents.clone(), first.reconstruction.clone());
            model = model.with_autoencoder(AutoencoderMeta { latents, reconstruction }, first.parameters.clone());
        }
        model.save(&run.join(RUN_MODEL))
    })?;
    Ok(())
}
