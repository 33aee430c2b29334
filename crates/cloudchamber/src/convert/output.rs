//! Under which name an output appears: its own when it is complete, another when the input broke off.

use std::path::{Path, PathBuf};

use super::kind;
use crate::Error;

/// What was kept of an input that breaks off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Where and how it breaks off.
    pub message: String,
    /// The file with what was complete.
    pub kept: PathBuf,
    /// Events or rows in it.
    pub count: u64,
    /// "events" or "rows".
    pub unit: &'static str,
}

/// How a conversion ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With all of the input.
    Complete,
    /// With what was complete before the input broke off.
    Broken(Broken),
}

/// Gives a file its name: `to`, or that of a part if the input broke off.
pub(super) fn finish(
    to: &Path,
    broken: Option<Error>,
    force: bool,
    count: u64,
    unit: &'static str,
    finish_as: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<Outcome, Error> {
    match broken {
        None => finish_as(to).map(|()| Outcome::Complete),
        Some(error) => {
            let kept = partial(to, force);
            finish_as(&kept)?;
            Ok(Outcome::Broken(Broken { message: error.to_string(), kept, count, unit }))
        }
    }
}

/// Whether what came before an error is worth keeping: the input is at fault, not the user's wish to stop.
pub(super) fn is_breach(error: &Error) -> bool {
    !matches!(error, Error::Interrupted | Error::BrokenPipe)
}

/// `events.hepmc3.gz` becomes `events.partial.hepmc3.gz`, or `events.partial2.hepmc3.gz` if that is taken and not to be replaced.
fn partial(to: &Path, force: bool) -> PathBuf {
    let name = to.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let ending = ending(to);
    let stem = &name[..name.len() - ending.len()];
    let mut path = to.with_file_name(format!("{stem}.partial{ending}"));
    let mut number = 1;
    while path.exists() && !force {
        number += 1;
        path = to.with_file_name(format!("{stem}.partial{number}{ending}"));
    }
    path
}

/// The whole ending of an output, with its dot: `.hepmc3.gz`.
fn ending(to: &Path) -> String {
    let name = to.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let length = match kind::table_ending(to) {
        Some(ending) => ending.len() + 1,
        None => {
            let lower = name.to_ascii_lowercase();
            let inner = [".gz", ".zst", ".zstd"].iter().find_map(|e| lower.strip_suffix(e)).unwrap_or(&lower);
            name.len() - inner.rfind('.').unwrap_or(inner.len())
        }
    };
    name.get(name.len() - length..).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_before_its_whole_ending_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let part = |name: &str| partial(&folder.path().join(name), false).file_name().unwrap().to_owned();
        for (name, expected) in [
            ("a.hepmc3", "a.partial.hepmc3"),
            ("a.b.lhe.gz", "a.b.partial.lhe.gz"),
            ("a.csv.gz", "a.partial.csv.gz"),
            ("a.HEPMC2.ZST", "a.partial.HEPMC2.ZST"),
            ("a.root", "a.partial.root"),
        ] {
            assert_eq!(part(name), *expected);
        }
        std::fs::write(folder.path().join("a.partial.root"), "old").unwrap();
        assert_eq!(part("a.root"), *"a.partial2.root");
    }
}
