//! The command line: one file per verb, and what they share.

pub mod bench;
pub mod compare;
pub mod completions;
pub mod convert;
pub mod demo;
pub mod evaluate;
mod evaluate_conformers;
mod evaluate_events;
mod evaluate_molecules;
mod event_source;
pub mod input;
pub mod lab;
mod likelihood;
pub mod models;
pub mod report;
pub mod sample;
mod sample_conformers;
mod sample_events;
mod sample_molecules;
pub mod simulate;
pub mod train;
pub mod values;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{Error, interrupt};

const ABOUT: &str = "Trains diffusion and flow models of collider jets and events, samples them fast and judges them honestly.

A model generates a jet in two stages: first its transverse momentum, mass and multiplicity for a given class, then the cloud of its \
particles. Files are in JetNet's HDF5 layout. Every random number is keyed by seed and event number: event 123456 of seed 42 is the same \
jet whatever the batch size, the number of threads or the machine.";

const EXAMPLES: &str = "Examples:
  chamber demo                                      ten thousand jets of each class, judged against Pythia, in about a minute
  chamber sample jets -n 100000 --class t -o t.h5   a hundred thousand top jets from the bundled model
  chamber evaluate t.h5 --real test/t.hdf5          all metrics beside their floors
  chamber report t.h5 --real test/t.hdf5 -o t.html  the same with plots, on one page
  chamber simulate pythia8 jets-t -n 50000 -o t.h5  top jets of Pythia 8, to train with
  chamber train recipes/jets/jets.toml --out run    a model of your own
  chamber sample zjets -n 100000 -o events.parquet  whole events: Z plus one to three jets
  chamber sample runs/qm9 -n 1000 -o molecules.sdf  molecules in space, by a model of your own
  chamber convert events.hepmc3.gz events.parquet   event records and tables

Exit status: 0 success, 1 failure, 2 a mistake in the arguments or the recipe, 130 interrupted.
Environment: CHAMBER_HOME names the directory with models/, data/ and cards/, if they are not above the program; CHAMBER_PYTHON a Python with Pythia.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "chamber", version, about = "Diffusion and flow models of collider jets and events", long_about = ABOUT, after_help = EXAMPLES)]
#[command(max_term_width = 120, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// Print results and errors only, no progress.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs. Their first lines would hide the long texts of their arguments, which are therefore named again.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Sample the bundled model, judge it against Pythia, write a report
    #[command(long_about = demo::ABOUT)]
    Demo(demo::Args),
    /// Generate jets, events or molecules with a trained model
    #[command(long_about = sample::ABOUT)]
    Sample(sample::Args),
    /// Make events with Pythia 8, find jets, write a training file
    Simulate(simulate::Args),
    /// Train a model by a recipe
    #[command(long_about = train::ABOUT)]
    Train(train::Args),
    /// Compare generated with real jets, events or molecules: all metrics, each beside its floor
    #[command(long_about = evaluate::ABOUT)]
    Evaluate(evaluate::Args),
    /// Tell how probable a model holds events that it has not seen
    #[command(long_about = likelihood::ABOUT)]
    Likelihood(likelihood::Args),
    /// Write one self-contained HTML page with plots, metrics and event displays
    #[command(long_about = report::ABOUT)]
    Report(report::Args),
    /// Compare several generators of events on one page: quality and cost
    #[command(long_about = compare::ABOUT)]
    Compare(compare::Args),
    /// Train and compare methods on a distribution in the plane
    #[command(long_about = lab::ABOUT)]
    Lab(lab::Args),
    /// Measure jets and events per second, beside the machine's limits and Pythia
    #[command(long_about = bench::ABOUT)]
    Bench(bench::Args),
    /// Convert between event records (LHE, HepMC) and tables (ROOT, Parquet, HDF5, NumPy, CSV)
    #[command(long_about = convert::ABOUT)]
    Convert(convert::Args),
    /// List the bundled models
    Models(models::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
}

/// Parses the arguments, does what they say, prints an error as one message; the exit status is that of the process.
pub fn main() -> ExitCode {
    interrupt::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // A closed pipe while printing help is no failure; clap's own status is 2 for mistakes and 0 for help.
            let _ = e.print();
            return ExitCode::from(e.exit_code() as u8);
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            if !matches!(e, Error::BrokenPipe) {
                let _ = writeln!(std::io::stderr(), "error: {e}");
            }
            ExitCode::from(e.status())
        }
    }
}

fn run(cli: Cli) -> Result<(), Error> {
    match cli.verb {
        Verb::Demo(args) => demo::run(&args, cli.quiet),
        Verb::Sample(args) => sample::run(&args, cli.quiet),
        Verb::Simulate(args) => simulate::run(&args, cli.quiet),
        Verb::Train(args) => train::run(&args, cli.quiet),
        Verb::Evaluate(args) => evaluate::run(&args, cli.quiet),
        Verb::Report(args) => report::run(&args, cli.quiet),
        Verb::Likelihood(args) => likelihood::run(&args, cli.quiet),
        Verb::Compare(args) => compare::run(&args, cli.quiet),
        Verb::Lab(args) => lab::run(&args, cli.quiet),
        Verb::Bench(args) => bench::run(&args),
        Verb::Convert(args) => convert::run(&args, cli.quiet),
        Verb::Models(args) => models::run(&args),
        Verb::Completions(args) => completions::run(&args),
    }
}

/// Prints to standard output; a closed pipe becomes [`Error::BrokenPipe`] instead of a panic.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|source| match source.kind() {
        std::io::ErrorKind::BrokenPipe => Error::BrokenPipe,
        _ => Error::Io { action: "write", path: "standard output".into(), source },
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
