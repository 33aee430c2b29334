//! Simulation: a card in, a file of jets, of a table or of events out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`card`] | what Pythia makes and what is written, checked key by key |
//! | [`driver`] | one Pythia in a child process; `driver.py` runs in it |
//! | [`protocol`] | what that process says |
//! | [`record`] | questions to an event: what is final, what left the hard process |
//! | [`select`] | what of an event is written |
//! | [`hepmc`] | events as graphs |
//! | [`farm`], [`seeds`] | blocks of events over several processes, the same for any number of them |
//! | [`statistics`] | counts, times, the cross section |
//! | [`rows`], [`output`] | selected rows and their file |
//!
//! Pythia 8 (arXiv:2203.11601) is the wheel `pythia8mc` of PyPI, in whatever Python is named; nothing of it is linked.

pub mod card;
pub mod driver;
pub mod farm;
pub mod hepmc;
pub mod output;
pub mod protocol;
pub mod record;
pub mod rows;
pub mod seeds;
pub mod select;
pub mod statistics;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use driver::Order;
use farm::{Block, Farm};
use output::{Kind, Output, partial_name};
use select::Selection;
use statistics::Statistics;

pub use card::Card;

use crate::Error;

/// Events without a selected one after which a selection is taken for empty.
const HOPELESS: u64 = 100_000;

/// How much to simulate, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Jets or events that are written.
    pub n: u64,
    /// Seed.
    pub seed: u64,
    /// Processes of Pythia at once.
    pub jobs: usize,
    /// Python.
    pub python: String,
    /// The file.
    pub out: PathBuf,
}

/// What a simulation did.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Jets or events written.
    pub written: u64,
    /// Jets or events selected in all blocks, of which the last ones may not have been needed.
    pub selected: u64,
    /// Blocks added up.
    pub statistics: Statistics,
    /// Pythia's version.
    pub version: String,
}

/// Simulates into a file that has exactly `n` rows. `progress` is told rows written, and asked nothing.
///
/// The rows are those of the events of blocks 0, 1, 2, ... of the seed, in this order, whatever the number of processes.
///
/// # Errors
/// Where something ends the simulation after the first rows, they are kept under the partial name of the file, and [`Error::Partial`] says so.
pub fn simulate(card: &Card, options: &Options, progress: &mut dyn FnMut(u64, u64)) -> Result<Summary, Error> {
    let kind = Kind::of(&options.out);
    let new_selection = || match kind {
        Kind::Selected => Selection::new(&card.select),
        Kind::Events | Kind::Process => Ok(Selection::Everything),
    };
    let order = Order {
        commands: commands(card, kind),
        seed: seeds::of_block(options.seed, 0),
        record: if kind == Kind::Process { "process" } else { "event" },
        vertices: kind == Kind::Events,
    };
    let selection = new_selection()?;
    let known = vec![
        ("generator".to_string(), format!("chamber {}", env!("CARGO_PKG_VERSION"))),
        ("seed".to_string(), options.seed.to_string()),
        ("card".to_string(), card.to_toml()?),
    ];
    let mut run = Run { options, selection, attributes: known, output: None, summary: Summary::default() };
    let jobs = usize::try_from(options.n).map_or(options.jobs, |n| options.jobs.min(n)).max(1);
    let farm = Farm {
        python: &options.python,
        order,
        seed: options.seed,
        block: card.pythia.block,
        jobs,
        selection: &new_selection,
    };
    let mut failure = None;
    let result = farm.run(&mut |block| run.add(block, &mut failure, progress));
    match result.err().or(failure) {
        None => run.finish(),
        Some(error) => Err(run.abandon(error)),
    }
}

fn commands(card: &Card, kind: Kind) -> Vec<String> {
    let mut commands = card.pythia.commands.clone();
    if kind == Kind::Process {
        // Nothing after the hard process is written.
        commands.push("PartonLevel:all = off".to_string());
    }
    commands
}

/// A run and its file.
struct Run<'a> {
    options: &'a Options,
    selection: Selection,
    attributes: Vec<(String, String)>,
    output: Option<Output>,
    summary: Summary,
}

impl Run<'_> {
    /// Adds a block; false once there are enough rows.
    fn add(
        &mut self,
        mut block: Block,
        failure: &mut Option<Error>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<bool, Error> {
        *failure = block.failure.take();
        if let Some(report) = &block.report {
            self.summary.statistics.add(report, block.seconds);
            if self.summary.statistics.events == 0 {
                let what = "Pythia made none of the events of a block".to_string();
                return Err(Error::Pythia { what, said: String::new(), card: false });
            }
        }
        let (have, n) = (self.summary.written, self.options.n);
        let take = usize::try_from(n - have).unwrap_or(usize::MAX).min(block.rows.len());
        self.summary.selected += block.rows.len() as u64;
        if self.summary.selected == 0 && self.summary.statistics.events >= HOPELESS {
            let events = self.summary.statistics.events;
            return Err(Error::NothingSelected { events });
        }
        if take > 0 {
            if self.output.is_none() {
                self.summary.version.clone_from(&block.version);
                self.attributes.insert(1, ("pythia_version".to_string(), block.version.clone()));
                let (path, statistics) = (&self.options.out, &self.summary.statistics);
                self.output = Some(Output::create(path, &self.selection, &self.attributes, statistics)?);
            }
            if let Some(output) = &mut self.output {
                output.write(block.rows, take, &self.summary.statistics)?;
            }
            self.summary.written += take as u64;
            progress(self.summary.written, n);
        }
        let enough = self.summary.written == n;
        if enough {
            // What went wrong behind the last row is of no interest.
            *failure = None;
        }
        Ok(!enough)
    }

    fn late(&self) -> Vec<(String, String)> {
        let statistics = &self.summary.statistics;
        let mut late = vec![
            ("events".to_string(), statistics.events.to_string()),
            ("selected".to_string(), self.summary.selected.to_string()),
        ];
        if let Some([value, error]) = statistics.cross_section() {
            late.push(("cross_section_pb".to_string(), format!("{value:.5e}")));
            late.push(("cross_section_error_pb".to_string(), format!("{error:.1e}")));
        }
        late
    }

    fn finish(mut self) -> Result<Summary, Error> {
        let (late, path) = (self.late(), &self.options.out);
        if let Some(output) = self.output.take() {
            output.finish(path, &self.attributes, &late)?;
            std::fs::rename(partial_name(path), path).map_err(Error::io("write", path))?;
        }
        Ok(self.summary)
    }

    /// Keeps what there is and says so.
    fn abandon(mut self, error: Error) -> Error {
        let mut late = self.late();
        late.push(("partial".to_string(), format!("{} of {}", self.summary.written, self.options.n)));
        let Some(output) = self.output.take() else { return error };
        // A full disk, say, keeps the partial file from being completed: then nothing remains, and the first reason counts.
        match output.finish(&self.options.out, &self.attributes, &late) {
            Ok(()) => Error::Partial {
                source: Box::new(error),
                path: partial_name(&self.options.out),
                rows: self.summary.written,
                asked: self.options.n,
            },
            Err(_) => error,
        }
    }
}

/// The bundled cards: (name, file), sorted by name.
pub fn cards() -> Vec<(String, PathBuf)> {
    crate::home::files("cards", "toml")
}
