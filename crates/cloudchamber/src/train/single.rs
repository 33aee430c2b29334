//! A stage with a checkpoint of its own, begun or gone on with.

use std::path::Path;
use std::time::Instant;

use super::checkpoint::{self, Checkpoint};
use super::stages::Stage;
use super::trainer::{Outcome, Rows, Trainer};
use crate::Error;
use crate::ui::TrainUi;

/// Whether a training in `folder` begins: it is not to go on, or has no checkpoint to go on from.
pub(crate) fn begins((folder, resume): (&Path, bool)) -> bool {
    !(resume && folder.join(checkpoint::FILE).exists())
}

/// Trains in `folder`, from its checkpoint if `resume` and there is one, to the last step; `keep` is called before every checkpoint is written.
/// Returns the last checkpoint, and the step that training began at.
///
/// # Errors
/// A checkpoint that does not fit, those of `keep`, [`Error::Diverged`], [`Error::Interrupted`] after a checkpoint was written.
pub(crate) fn to_the_end<S: Stage>(
    trainer: &mut Trainer<S>,
    name: &str,
    rows: &dyn Rows<S::Row>,
    (folder, resume): (&Path, bool),
    ui: &mut dyn TrainUi,
    keep: &mut dyn FnMut(&Checkpoint) -> Result<(), Error>,
) -> Result<(Checkpoint, u64), Error> {
    let file = folder.join(checkpoint::FILE);
    let state = if begins((folder, resume)) { Checkpoint::default() } else { Checkpoint::load(&file)? };
    trainer.restore(&state)?;
    let (started, before, first) = (Instant::now(), state.seconds, state.progress.step);
    let mut last = None;
    let outcome = trainer.run(name, rows, ui, &mut |progress| {
        let seconds = before + started.elapsed().as_secs_f64();
        let state = Checkpoint { progress, seconds, ..Checkpoint::default() };
        keep(&state)?;
        state.save(&file)?;
        last = Some(state);
        Ok(())
    })?;
    match (outcome, last) {
        (Outcome::Finished, Some(done)) => Ok((done, first)),
        _ => Err(Error::Interrupted),
    }
}

/// What a model of one such stage says of its training, and on how many records of which kind.
pub(crate) fn record(state: &Checkpoint, records: &str, count: usize) -> serde_json::Value {
    let mut record = serde_json::json!({
        "steps": state.progress.step, "validation_loss": state.progress.validation,
        "seconds": state.seconds, "threads": rayon::current_num_threads(),
        "hardware": crate::device::processor(), "version": env!("CARGO_PKG_VERSION"),
    });
    record[records] = count.into();
    record
}
