//! The time of an event in Pythia 8, where Python finds it.

use serde::{Deserialize, Serialize};

use crate::simulate::driver::{Driver, Order, block};
use crate::{Error, interrupt};

/// Hard process, showers, multiparton interactions and hadronisation of top pairs at a transverse momentum of 1 TeV, as the bundled
/// sample was made (data/jets/README.md), without jet finding and detector.
const COMMANDS: [&str; 7] = [
    "Beams:eCM = 13000.",
    "Top:gg2ttbar = on",
    "Top:qqbar2ttbar = on",
    "PhaseSpace:pTHatMin = 990.",
    "PhaseSpace:pTHatMax = 1010.",
    "24:onMode = off",
    "24:onIfAny = 1 2 3 4 5",
];
/// Events that are timed.
const EVENTS: u32 = 200;

/// Pythia's time per event, on one thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Simulation {
    /// Pythia's version.
    pub version: String,
    /// Seconds of processor time per event.
    pub seconds_per_event: f64,
}

/// Makes 200 events with the Python module `pythia8mc` or `pythia8` of `python`; none if it has neither, or cannot be started.
///
/// # Errors
/// [`Error::Pythia`] with Pythia's last words where it fails.
pub fn pythia(python: &str) -> Result<Option<Simulation>, Error> {
    let commands = COMMANDS.map(String::from).to_vec();
    let order = Order { commands, seed: 1, record: "event", vertices: false };
    let mut driver = match Driver::start(python, &order, |_| {}) {
        Err(Error::Python { .. } | Error::NoPythia { .. }) => return Ok(None),
        other => other?,
    };
    let (events, report) = block(&mut driver, 1, EVENTS)?;
    interrupt::check()?;
    let seconds_per_event = report.pythia_seconds / events.len().max(1) as f64;
    Ok(Some(Simulation { version: driver.version.clone(), seconds_per_event }))
}
