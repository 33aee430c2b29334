//! Starting from the weights of a model that is trained already.

use std::path::Path;

use super::stages::Stage;
use super::trainer::Trainer;
use crate::ui::TrainUi;
use crate::{Error, home, tensors};

/// Lets `trainer` start from the model that a recipe in directory `base` names in `train.init`, where its network named `prefix` has arrays of
/// the same names and shapes, or of fewer inputs; the others stay as they were initialised.
///
/// # Errors
/// A model that is not found or damaged; [`Error::Content`] if no array fits.
pub(crate) fn start<S: Stage>(
    trainer: &mut Trainer<S>,
    (base, model, prefix): (&Path, &str, &str),
    ui: &mut dyn TrainUi,
) -> Result<(), Error> {
    let file = home::model_beside(base, model).map_err(|_| {
        let expected =
            "a model file or run directory, from the recipe's directory or the current one, or the name of a bundled model";
        Error::argument("train.init", model, expected)
    })?;
    let (arrays, _) = tensors::read(&file, "a model file")?;
    let (taken, all) = trainer.adopt(|name| {
        let array = arrays.get(&format!("{prefix}.{name}"))?;
        Some((&array.shape, &array.data))
    });
    if taken == 0 {
        let expected = "the weights of a network like that of the recipe, for train.init".into();
        return Err(Error::Content { path: file, found: "no array that fits".into(), expected });
    }
    ui.say(&format!("starts from {}: {taken} of {all} arrays of weights", file.display()));
    Ok(())
}
