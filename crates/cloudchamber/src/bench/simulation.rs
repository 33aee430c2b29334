//! The time of an event in Pythia 8, where Python finds it.

use std::process::Command;

use serde::{Deserialize, Serialize};

/// Hard process, showers, multiparton interactions and hadronisation of top pairs at a transverse momentum of 1 TeV, as the bundled
/// sample was made (data/jets/README.md), without jet finding and detector.
const SCRIPT: &str = r#"
import json, time
try:
    import pythia8mc as pythia8
except ImportError:
    import pythia8
pythia = pythia8.Pythia("", False)
for command in ["Print:quiet = on", "Beams:eCM = 13000.", "Random:setSeed = on", "Random:seed = 1",
                "Top:gg2ttbar = on", "Top:qqbar2ttbar = on", "PhaseSpace:pTHatMin = 990.", "PhaseSpace:pTHatMax = 1010.",
                "24:onMode = off", "24:onIfAny = 1 2 3 4 5"]:
    pythia.readString(command)
pythia.init()
events, start, done = 200, time.perf_counter(), 0
while done < events:
    done += bool(pythia.next())
seconds = (time.perf_counter() - start) / events
print(json.dumps({"version": str(pythia.parm("Pythia:versionNumber")), "seconds_per_event": seconds}))
"#;

/// Pythia's time per event, on one thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Simulation {
    /// Pythia's version.
    pub version: String,
    /// Seconds per event, which has two jets.
    pub seconds_per_event: f64,
}

/// Runs 200 events with the Python module `pythia8mc` or `pythia8` of `python`; none if it has neither.
pub fn pythia(python: &str) -> Option<Simulation> {
    let output = Command::new(python).args(["-c", SCRIPT]).output().ok().filter(|output| output.status.success())?;
    serde_json::from_slice(output.stdout.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty())?).ok()
}
