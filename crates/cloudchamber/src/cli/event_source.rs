//! Where the events to be judged come from: tables, or a model that is sampled for the purpose.

use std::path::{Path, PathBuf};

use collider::zjets::Event;
use tables::TableReader;

use super::evaluate_events::read;
use crate::events::EventModel;
use crate::events::generate::{EventOptions, generate};
use crate::events::page::Cost;
use crate::model_domain::ModelDomain;
use crate::progress::Progress;
use crate::{Error, home, interrupt};

/// A table or a directory of tables, or a model.
pub enum Source {
    /// Events that there are.
    Tables(PathBuf),
    /// Events that are to be made.
    Model(PathBuf, Box<EventModel>),
}

/// Whether this means a model: a run directory, a weight file, or the name of a bundled model.
pub fn is_model(path: &Path) -> bool {
    let is_name = || !path.exists() && path.components().count() == 1 && path.extension().is_none();
    path.join(home::RUN_MODEL).is_file() || path.extension().is_some_and(|e| e == "safetensors") || is_name()
}

/// The weight file that a path or a name means, if it means a model of this domain.
///
/// # Errors
/// An unknown name, a file that is no model file.
pub fn model_of(path: &Path, domain: ModelDomain) -> Result<Option<PathBuf>, Error> {
    if !is_model(path) {
        return Ok(None);
    }
    let file = home::model_file(&path.display().to_string())?;
    Ok((ModelDomain::of(&file)? == domain).then_some(file))
}

impl Source {
    /// What a path or a model's name means.
    ///
    /// # Errors
    /// A model that is damaged or makes jets, a path that does not exist.
    pub fn open(path: &Path, argument: &str) -> Result<Source, Error> {
        if is_model(path) {
            let file = home::model_file(&path.display().to_string())?;
            if ModelDomain::of(&file)? != ModelDomain::Events {
                return Err(Error::argument(argument, path.display(), "a model of events; this one makes jets"));
            }
            return Ok(Source::Model(path.to_path_buf(), Box::new(EventModel::load(&file)?)));
        }
        if !path.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::Io { action: "read", path: path.to_path_buf(), source });
        }
        Ok(Source::Tables(path.to_path_buf()))
    }

    /// The events of the tables, or `n` of a seed by the model, and what they cost.
    pub fn events(&self, n: u64, seed: u64, quiet: bool) -> Result<(Vec<Event>, Cost), Error> {
        let (path, model) = match self {
            Source::Tables(path) => return Ok((read(path)?, Cost::default())),
            Source::Model(path, model) => (path, model),
        };
        let options = EventOptions { n, first: 0, seed, jets: None, sampler: None, steps: None, draws: None };
        let mut progress = Progress::new(path.display().to_string(), "events", quiet);
        let mut events = Vec::new();
        let mut keep = |some: &[Event]| {
            interrupt::check()?;
            events.extend_from_slice(some);
            Ok(())
        };
        let stats = generate(model, &options, &mut keep, &mut |done, total| progress.update(done, total, ""))?;
        progress.finish(&format!("{}: {}", path.display(), super::sample::cost(stats.events, "events", stats.seconds)));
        Ok((events, Cost::of(model, &stats)))
    }

    /// What there is to say of them in a protocol.
    pub fn protocol(&self, n: u64, seed: u64) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut say = |name: &str, value: String| pairs.push((name.to_string(), value));
        match self {
            Source::Tables(path) => {
                say("generated events", path.display().to_string());
                // Nothing for a directory.
                pairs.extend(TableReader::open(path).map_or(Vec::new(), |reader| reader.attributes().to_vec()));
            }
            Source::Model(path, _) => {
                say("generated events", format!("{n} by {}", path.display()));
                say("seed", seed.to_string());
            }
        }
        pairs
    }
}
