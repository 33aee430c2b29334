//! The training of an autoencoder, the first stage of a latent generator's.

use std::path::Path;

use burn::tensor::Device;

use super::coder::Coder;
use super::reconstruction::Reconstruction;
use super::section::AutoencoderSection;
use super::stage::AutoencoderStage;
use crate::Error;
use crate::molecules::data::MoleculeRows;
use crate::molecules::recipe::MoleculeRecipe;
use crate::recipe::TrainSection;
use crate::train::trainer::{Plan, Trainer};
use crate::train::{Rows, Stage, single};
use crate::ui::TrainUi;

/// Name of the stage, and of its directory in the run's.
const NAME: &str = "autoencoder";
/// First of the streams of the seed's random numbers.
const STREAM: u64 = 0x210;
/// Most molecules whose reconstruction is looked at.
const JUDGED: usize = 2000;

/// What the stage hands on.
pub struct Trained {
    /// The autoencoder.
    pub coder: Coder,
    /// Its parameters, in the order of [`nets::values`].
    pub parameters: Vec<f32>,
    /// How well molecules that were kept aside survive it.
    pub reconstruction: Option<Reconstruction>,
    /// Training record.
    pub record: serde_json::Value,
}

/// The options of this stage: those of the recipe but for the steps. A frozen encoder's weights do not decay either.
pub fn options(recipe: &MoleculeRecipe, section: &AutoencoderSection) -> TrainSection {
    let options = TrainSection { steps: section.steps, ..recipe.train.options() };
    if section.learns() { options } else { TrainSection { weight_decay: 0.0, ..options } }
}

/// Trains the autoencoder in the run directory `run`, from its last checkpoint if `resume`, and looks at its reconstructions.
///
/// # Errors
/// [`Error::Diverged`], [`Error::Interrupted`] after a checkpoint was written.
pub fn train(
    recipe: &MoleculeRecipe,
    section: &AutoencoderSection,
    rows: &MoleculeRows,
    (run, resume): (&Path, bool),
    device: &Device,
    ui: &mut dyn TrainUi,
) -> Result<Trained, Error> {
    let encoding = &rows.encoding;
    let stage = AutoencoderStage::new(recipe, section, encoding);
    let options = options(recipe, section);
    let plan = Plan { steps: options.steps, batch: options.batch, stream: STREAM };
    let mut trainer = Trainer::new(&stage, &options, plan, device);
    ui.say(&format!("{} molecules, {} parameters of the autoencoder", rows.training(), trainer.model().len()));
    let place = (&*run.join(NAME), resume);
    let (done, first) = single::to_the_end(&mut trainer, NAME, rows, place, ui, &mut |_| Ok(()))?;
    let parameters = done.progress.model().to_vec();
    let device = Device::flex();
    let mut kernel = stage.kernel(&stage.network(&device)).expect("the autoencoder has a kernel");
    kernel.load(&parameters);
    let coder = Coder::fit(kernel, encoding, section, rows.of_training());
    let reconstruction = Reconstruction::of(&coder, encoding, &rows.held_out(JUDGED));
    if let Some(found) = &reconstruction {
        ui.say(&found.text());
        // The line of a stage that had ended before is there already.
        if first < options.steps {
            ui.step(options.steps, options.steps, &found.scalars())?;
        }
    }
    let record = serde_json::json!({
        "steps": done.progress.step, "validation_loss": done.progress.validation, "seconds": done.seconds,
    });
    Ok(Trained { coder, parameters, reconstruction, record })
}
