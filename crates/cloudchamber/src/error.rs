//! What can go wrong, said so that a person can act on it: what was expected, what was found, where, and what to do.
//!
//! A mistake in what was asked for (an argument, a recipe) ends the program with status 2, a failure while doing it with status 1.

use std::io;
use std::path::{Path, PathBuf};

use crate::suggest;

/// Every way in which a command can fail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument of the command line has a value that cannot be used.
    #[error("{argument}: expected {expected}, found {found}")]
    Argument {
        /// The argument as typed, `-n` or `--real`.
        argument: String,
        /// The value given.
        found: String,
        /// What would be accepted.
        expected: String,
    },
    /// A name (of a class, sampler, model, section, key, ...) that does not exist.
    #[error("{place}: unknown {kind} '{found}'{}\n  known: {known}", did_you_mean(.suggestion))]
    Unknown {
        /// Kind of thing: "class", "sampler", "key", ...
        kind: &'static str,
        /// The name given.
        found: String,
        /// Argument, or file and section, in which it stands.
        place: String,
        /// Nearest existing name.
        suggestion: Option<String>,
        /// All existing names, separated by commas.
        known: String,
    },
    /// A recipe that is not TOML.
    #[error("{place}: not valid TOML\n{message}")]
    Syntax {
        /// File, or the `--set` argument.
        place: String,
        /// The parser's message, with line and column.
        message: String,
    },
    /// A recipe key with a value of the wrong type or out of range.
    #[error("{file}: key '{key}': {found}\n  expected: {expected}", file = .file.display())]
    Value {
        /// The recipe.
        file: PathBuf,
        /// Dotted key.
        key: String,
        /// What stands there.
        found: String,
        /// What would be accepted.
        expected: String,
    },
    /// Two parts of a recipe, or a recipe and its data, that exclude each other.
    #[error("{file}: '{first}' contradicts '{second}': {why}\n  help: {remedy}", file = .file.display())]
    Contradiction {
        /// The recipe.
        file: PathBuf,
        /// One dotted key, with its value.
        first: String,
        /// The other, or the data it contradicts.
        second: String,
        /// Why both cannot hold.
        why: String,
        /// What to change.
        remedy: String,
    },
    /// A file that the operating system refuses.
    #[error("cannot {action} {path}: {source}{}", io_help(.source, .path), path = .path.display())]
    Io {
        /// "read", "write", "create", ...
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// An output that exists already and was not to be overwritten.
    #[error("{path} exists already\n  help: choose another name, or --force to replace it", path = .path.display())]
    Exists {
        /// The file or directory.
        path: PathBuf,
    },
    /// The disk has too little room for what was asked.
    #[error("{path}: {number} records need about {needed_mb} MB, the disk has {free_mb} MB free\n  help: ask for fewer (-n), or write to another disk (-o)", path = .path.display())]
    NoRoom {
        /// The output file.
        path: PathBuf,
        /// Jets or events asked for.
        number: u64,
        /// Estimated size, MB.
        needed_mb: u64,
        /// Free space, MB.
        free_mb: u64,
    },
    /// A file that can be read but does not hold what it should.
    #[error("{path}: {found}\n  expected: {expected}", path = .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What it should hold, and what to do.
        expected: String,
    },
    /// A sample too small to be judged.
    #[error(
        "class {class}: only {found} {what} jets, the metrics need at least {needed}\n  help: sample more jets, or use a larger file"
    )]
    TooFewJets {
        /// The class.
        class: collider::JetClass,
        /// "real", "generated" or "floor".
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Training left the finite numbers.
    #[error(
        "training diverged at step {step}: {quantity} is {value}\n  help: lower train.learning_rate or train.clip, lengthen train.warmup, and go on from the last checkpoint with --resume"
    )]
    Diverged {
        /// Optimiser step, from 1.
        step: u64,
        /// Loss, gradient norm, ...
        quantity: String,
        /// Its value.
        value: f64,
    },
    /// A device that this program was not built for.
    #[error(
        "--device {device}: this build of chamber has no {device} support\n  help: rebuild with `cargo build --release --features {device}`, or use --device cpu"
    )]
    NoDevice {
        /// "cuda" or "wgpu".
        device: &'static str,
    },
    /// A Python that cannot be started.
    #[error(
        "cannot start Python, {python}: {source}\n  help: name one that has Pythia with --python or the environment variable CHAMBER_PYTHON"
    )]
    Python {
        /// The program.
        python: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A Python without Pythia.
    #[error(
        "{python} has neither the module pythia8mc nor pythia8\n  help: python3 -m venv pythia && pythia/bin/pip install pythia8mc, then --python pythia/bin/python (or CHAMBER_PYTHON)"
    )]
    NoPythia {
        /// The program.
        python: String,
    },
    /// Pythia refuses a card, or fails, or its process dies.
    #[error("{what}{said}")]
    Pythia {
        /// What happened.
        what: String,
        /// Its last words, each line behind a line break.
        said: String,
        /// Whether the card is to blame.
        card: bool,
    },
    /// An event that no selection can use.
    #[error("event {event} of block {block}: {problem}")]
    SimulatedEvent {
        /// Number of the block.
        block: u64,
        /// Number of the event in it.
        event: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A selection that lets nothing through.
    #[error(
        "none of {events} events was selected\n  help: loosen [select], or check that [pythia] makes what it looks for"
    )]
    NothingSelected {
        /// Events made.
        events: u64,
    },
    /// A simulation cut short whose rows were kept.
    #[error("{source}\n  kept: {path} with {rows} of {asked}", path = .path.display())]
    Partial {
        /// What cut it short.
        source: Box<Error>,
        /// The file.
        path: PathBuf,
        /// Jets or events in it.
        rows: u64,
        /// Jets or events asked for.
        asked: u64,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The reader of standard output has gone (`chamber ... | head`): not a failure.
    #[error("standard output was closed")]
    BrokenPipe,
    /// An error of the jet files, encoders or observables.
    #[error(transparent)]
    Collider(#[from] collider::Error),
    /// An error of tables and their files.
    #[error(transparent)]
    Tables(#[from] tables::Error),
    /// An error of files of molecules.
    #[error(transparent)]
    Matter(#[from] matter::files::Error),
    /// An error of event files.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// An error of jet finding.
    #[error(transparent)]
    Clustering(#[from] clustering::Error),
    /// An error of the diffusion core (paths, grids, samplers).
    #[error(transparent)]
    Diffusion(#[from] diffusion::Error),
    /// An error of the two-sample tests.
    #[error(transparent)]
    Metrics(#[from] metrics::Error),
    /// An input that breaks off; what came before is kept.
    #[error("{message}\n  kept: {count} {unit}, all that were complete before it, in {}", kept.display())]
    Broken {
        /// Where and how it breaks off.
        message: String,
        /// The file with what was complete.
        kept: PathBuf,
        /// How much it holds.
        count: u64,
        /// "events" or "rows".
        unit: &'static str,
    },
}

impl Error {
    /// An [`Error::Unknown`] with the nearest of the `known` names.
    pub fn unknown<'a>(
        kind: &'static str,
        found: &str,
        place: impl Into<String>,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        Error::Unknown {
            kind,
            found: found.to_string(),
            place: place.into(),
            suggestion: suggest::nearest(found, known.iter().copied()).map(String::from),
            known: known.join(", "),
        }
    }

    /// An [`Error::Argument`].
    pub fn argument(argument: &str, found: impl ToString, expected: impl ToString) -> Self {
        Error::Argument { argument: argument.to_string(), found: found.to_string(), expected: expected.to_string() }
    }

    /// Text at this place that is no sampler, or one whose noise cannot be that.
    pub fn sampler(text: &str, place: &str) -> Self {
        let names = diffusion::Sampler::NAMES;
        let name = text.split(':').next().unwrap_or_default();
        if !names.contains(&name) {
            return Error::unknown("sampler", name, place, names);
        }
        let noisy = diffusion::Sampler::NOISY.join(", ");
        let expected = format!("a number, at least 0, behind one of {noisy}, for ddim at most 1: dpmpp2m-sde:2");
        Error::argument(place, format!("{text:?}"), expected)
    }

    /// A closure for `map_err` that says what was done to which file.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Error::Io { action, path: path.to_path_buf(), source }
    }

    /// Exit status: 0 for a closed pipe, 2 for a mistake in what was asked, 130 for an interrupt, else 1.
    pub fn status(&self) -> u8 {
        match self {
            Error::BrokenPipe => 0,
            Error::Argument { .. }
            | Error::Unknown { .. }
            | Error::Syntax { .. }
            | Error::Value { .. }
            | Error::Contradiction { .. }
            | Error::Exists { .. }
            | Error::NoDevice { .. }
            | Error::Pythia { card: true, .. }
            | Error::Collider(collider::Error::UnknownClass { .. } | collider::Error::UnknownEnding { .. })
            | Error::Records(records::Error::UnknownEnding { .. })
            | Error::Matter(matter::files::Error::UnknownEnding { .. })
            // A column that the format of the output cannot hold was asked for.
            | Error::Tables(tables::Error::UnknownEnding { .. } | tables::Error::Column { .. }) => 2,
            Error::Interrupted => crate::interrupt::STATUS,
            Error::Partial { source, .. } => source.status(),
            _ => 1,
        }
    }
}

fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |name| format!(", did you mean '{name}'?"))
}

fn io_help(source: &io::Error, path: &Path) -> String {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match source.kind() {
        io::ErrorKind::NotFound if directory.exists() => "\n  help: check the spelling of the file's name".into(),
        io::ErrorKind::NotFound => format!("\n  help: the directory {} does not exist", directory.display()),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("\n  help: check the permissions of {}, or choose another place", directory.display())
        }
        io::ErrorKind::NotADirectory => format!("\n  help: {} is a file, not a directory", directory.display()),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "\n  help: make room on the disk, or write to another one".into()
        }
        _ => String::new(),
    }
}
