//! What training tells its surroundings, and what it asks them.

use std::path::{Path, PathBuf};

use crate::progress::{Progress, duration};
use crate::runlog::RunLog;
use crate::{Error, interrupt};

/// The ear of the training loop: a terminal, a test, a notebook.
pub trait TrainUi {
    /// A stage ("jets", "particles") begins, or goes on after `done` of `total` steps.
    fn stage(&mut self, name: &str, done: u64, total: u64) -> Result<(), Error>;
    /// `step` of `total` steps are done; `scalars` (loss, validation loss, learning rate, ...) may be empty.
    fn step(&mut self, step: u64, total: u64, scalars: &[(&str, f64)]) -> Result<(), Error>;
    /// A remark for people: number of parameters, early stop, ...
    fn say(&mut self, text: &str);
    /// Whether to write a checkpoint and stop.
    fn interrupted(&self) -> bool;
}

/// Progress on standard error, scalars in `RUN/<stage>/log.jsonl` and a TensorBoard event file beside it, Ctrl-C as the interrupt.
#[derive(Debug)]
pub struct RunUi {
    run: PathBuf,
    quiet: bool,
    progress: Option<Progress>,
    log: Option<RunLog>,
    remark: String,
}

impl RunUi {
    /// For the run directory `run`, which must exist.
    pub fn new(run: &Path, quiet: bool) -> RunUi {
        RunUi { run: run.to_path_buf(), quiet, progress: None, log: None, remark: String::new() }
    }
}

impl TrainUi for RunUi {
    fn stage(&mut self, name: &str, done: u64, total: u64) -> Result<(), Error> {
        let dir = self.run.join(name);
        std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        self.log = Some(RunLog::open(&dir, (done > 0).then_some(done))?);
        self.progress = (done < total).then(|| Progress::new(name, "steps", self.quiet).resuming_at(done));
        self.remark.clear();
        Ok(())
    }

    fn step(&mut self, step: u64, total: u64, scalars: &[(&str, f64)]) -> Result<(), Error> {
        if !scalars.is_empty() {
            if let Some(log) = &mut self.log {
                log.write(step, scalars)?;
            }
            let losses: Vec<String> =
                scalars.iter().filter(|(n, _)| n.contains("loss")).map(|(n, v)| format!("{n} {v:.4}")).collect();
            if !losses.is_empty() {
                self.remark = losses.join(", ");
            }
        }
        if let Some(progress) = &mut self.progress {
            progress.update(step, total, &self.remark);
            if step >= total {
                let text =
                    format!("{}: {total} steps in {}, {}", progress.label(), duration(progress.seconds()), self.remark);
                progress.finish(text.trim_end_matches([',', ' ']));
                self.progress = None;
            }
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if let Some(progress) = &mut self.progress {
            progress.clear();
        }
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    fn interrupted(&self) -> bool {
        interrupt::requested()
    }
}

/// An observer that nobody watches.
#[cfg(test)]
pub struct Silent;

#[cfg(test)]
impl TrainUi for Silent {
    fn stage(&mut self, _: &str, _: u64, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn step(&mut self, _: u64, _: u64, _: &[(&str, f64)]) -> Result<(), Error> {
        Ok(())
    }

    fn say(&mut self, _: &str) {}

    fn interrupted(&self) -> bool {
        false
    }
}
