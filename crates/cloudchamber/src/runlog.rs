//! The log of a run: `log.jsonl`, one JSON object per line with "step" and the scalars, and the same scalars in a TensorBoard event file.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::tensorboard::EventFile;
use crate::{Error, atomic};

/// Both logs of one run directory.
#[derive(Debug)]
pub struct RunLog {
    lines: File,
    path: PathBuf,
    events: EventFile,
}

impl RunLog {
    /// Name of the JSON-lines log in the run directory.
    pub const LINES: &str = "log.jsonl";
    /// Name of the event file; TensorBoard reads files with "tfevents" in their name.
    pub const EVENTS: &str = "events.out.tfevents.0.chamber";

    /// Opens the logs of the run directory `run`: afresh, or going on after step `resume` (later entries of a killed run are removed).
    pub fn open(run: &Path, resume: Option<u64>) -> Result<RunLog, Error> {
        let path = run.join(Self::LINES);
        let old = match resume {
            Some(_) if path.exists() => std::fs::read_to_string(&path).map_err(Error::io("read", &path))?,
            _ => String::new(),
        };
        let step = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?.get("step")?.as_u64();
        let kept: String =
            old.lines().filter(|l| step(l).is_some_and(|s| Some(s) <= resume)).map(|l| format!("{l}\n")).collect();
        atomic::write(&path, kept.as_bytes())?;
        let lines = File::options().append(true).open(&path).map_err(Error::io("write", &path))?;
        Ok(RunLog { lines, path, events: EventFile::open(&run.join(Self::EVENTS), resume)? })
    }

    /// Adds the scalars of one step to both logs. JSON has no NaN: such a value is written as null.
    pub fn write(&mut self, step: u64, scalars: &[(&str, f64)]) -> Result<(), Error> {
        let mut object = serde_json::Map::from_iter([("step".to_string(), step.into())]);
        object.extend(scalars.iter().map(|&(name, value)| (name.to_string(), value.into())));
        writeln!(self.lines, "{}", serde_json::Value::Object(object)).map_err(Error::io("write", &self.path))?;
        self.events.write(step, scalars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_log_has_every_step_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = RunLog::open(dir.path(), None).unwrap();
        for step in 1..=3 {
            log.write(step, &[("loss", 1.0 / step as f64)]).unwrap();
        }
        drop(log);
        let path = dir.path().join(RunLog::LINES);
        let torn = std::fs::read_to_string(&path).unwrap() + "{\"step\": 4, \"lo";
        std::fs::write(&path, torn).unwrap();
        RunLog::open(dir.path(), Some(2)).unwrap().write(3, &[("loss", f64::NAN)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let steps: Vec<u64> = text
            .lines()
            .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["step"].as_u64().unwrap())
            .collect();
        assert_eq!(steps, [1, 2, 3]);
        assert!(text.contains("null"));
    }
}
