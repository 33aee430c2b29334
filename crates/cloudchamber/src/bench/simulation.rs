//! The time of an event in Pythia 8, where Python finds it.

use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::{Error, interrupt};

/// Hard process, showers, multiparton interactions and hadronisation of top pairs at a transverse momentum of 1 TeV, as the bundled
/// sample was made (data/jets/README.md), without jet finding and detector.
const SCRIPT: &str = r#"
import json, time
try:
    import pythia8mc as pythia8
except ImportError:
    try:
        import pythia8
    except ImportError:
        raise SystemExit(3)
pythia = pythia8.Pythia("", False)
for command in ["Print:quiet = on", "Beams:eCM = 13000.", "Random:setSeed = on", "Random:seed = 1",
                "Top:gg2ttbar = on", "Top:qqbar2ttbar = on", "PhaseSpace:pTHatMin = 990.", "PhaseSpace:pTHatMax = 1010.",
                "24:onMode = off", "24:onIfAny = 1 2 3 4 5"]:
    pythia.readString(command)
if not pythia.init():
    raise SystemExit("Pythia does not start with these settings")
start = time.perf_counter()
done = sum(bool(pythia.next()) for _ in range(200))
if not done:
    raise SystemExit("Pythia made no event in 200 attempts")
seconds = (time.perf_counter() - start) / done
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

/// The script's exit status where neither module is there.
const NO_MODULE: i32 = 3;

/// Makes 200 events with the Python module `pythia8mc` or `pythia8` of `python`; none if it has neither, or cannot be started.
///
/// # Errors
/// [`Error::Argument`] with Python's last words where Pythia fails.
pub fn pythia(python: &str) -> Result<Option<Simulation>, Error> {
    let Ok(output) = Command::new(python).args(["-c", SCRIPT]).output() else { return Ok(None) };
    interrupt::check()?;
    if output.status.code() == Some(NO_MODULE) {
        return Ok(None);
    }
    let last = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().lines().next_back().unwrap_or("").to_string();
    let told = last(&output.stdout);
    serde_json::from_str(&told).map(Some).map_err(|_| {
        let found = format!("{python}, which says \"{}\"", last(&output.stderr));
        Error::argument("--python", found, "a Python whose Pythia makes events")
    })
}
