//! How fast models of events generate, and Pythia makes the same events.

use serde::Serialize;

use super::{Simulation, median};
use crate::events::EventModel;
use crate::events::generate::{EventOptions, TILE, generate};
use crate::simulate::{Card, Options, simulate};
use crate::{Error, interrupt};

/// The card of the events that models of events learn.
const CARD: &str = "zjets";
/// Selected events for which Pythia is timed.
const EVENTS: u64 = 500;

/// The speed of one model of events.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventSpeed {
    /// Name of the model.
    pub model: String,
    /// Evaluations per event and network.
    pub evaluations: usize,
    /// Events per second, the median of the repetitions.
    pub events_per_second: f64,
    /// Largest and least of the repetitions, as parts of the median.
    pub spread: [f64; 2],
}

/// Samples events of all numbers of jets, `repeats` times: at least `events`, as many whole tiles for every thread. Writing files is not part
/// of it.
///
/// # Errors
/// What sampling says; [`Error::Interrupted`].
pub fn event_speed(model: &EventModel, steps: Option<usize>, events: u64, repeats: usize) -> Result<EventSpeed, Error> {
    let n = events.next_multiple_of((TILE * rayon::current_num_threads()) as u64);
    let options = EventOptions { n, first: 0, seed: 1, jets: None, sampler: None, steps, draws: None };
    let (mut rates, mut evaluations) = (Vec::new(), 0);
    for _ in 0..repeats.max(1) {
        let stats = generate(model, &options, &mut |_| interrupt::check(), &mut |_, _| {})?;
        evaluations = stats.evaluations;
        rates.push(stats.events as f64 / stats.seconds);
    }
    let (events_per_second, spread) = median(rates);
    Ok(EventSpeed { model: model.meta.name.clone(), evaluations, events_per_second, spread })
}

/// Pythia's processor time for an event of the card `zjets` that passes its selection, on one thread, without jet finding; none if
/// `python` has no Pythia.
///
/// # Errors
/// As [`simulate`].
pub fn pythia_events(python: &str) -> Result<Option<Simulation>, Error> {
    let folder = tempfile::tempdir().map_err(Error::io("create a directory in", &std::env::temp_dir()))?;
    let options =
        Options { n: EVENTS, seed: 1, jobs: 1, python: python.to_string(), out: folder.path().join("events.parquet") };
    match simulate(&Card::load(CARD, &[])?, &options, &mut |_, _| {}) {
        Err(Error::Python { .. } | Error::NoPythia { .. }) => Ok(None),
        other => {
            let done = other?;
            let seconds_per_event = done.statistics.pythia_seconds / done.selected.max(1) as f64;
            Ok(Some(Simulation { version: done.version, seconds_per_event }))
        }
    }
}
