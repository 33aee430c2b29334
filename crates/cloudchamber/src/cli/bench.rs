//! `chamber bench`: jets, events and molecules per second of the models, beside the machine's limits and a simulation.

use std::fmt::Write;

use crate::bench::{
    EventSpeed, FULL_CHAIN, MatterSpeed, Roofline, Simulation, Speed, conformer_speed, event_speed, measure,
    molecule_speed, pythia, pythia_events, speed,
};
use kernels::Precision;

use super::values;
use crate::conformers::ConformerModel;
use crate::device::{limit_threads, processor};
use crate::events::EventModel;
use crate::model::Model;
use crate::model_domain::ModelDomain;
use crate::molecules::MoleculeModel;
use crate::progress::significant;
use crate::{Error, home, interrupt};

pub(super) const ABOUT: &str = "Measures how fast this machine generates jets, events and molecules with the bundled models, or with those given.

Printed are the machine and its limits (matrix products in single precision and memory bandwidth, both measured), and for each model and number \
of steps: jets per second, the time of a jet, the speed of the network's matrix products and its part of the limit, the factor against \
Pythia's time per jet (if Python finds the module pythia8mc or pythia8; an event has two jets) and against the 10 s of a jet in a full chain with a detector, \
both on as many threads. With bf16 the limit is still that of single precision. For models of events: events per second, and the factor against Pythia's time for an event that passes the selection. \
For models of molecules and conformers: how many a second. \
Measure on a quiet machine.";

const EXAMPLES: &str = "Examples:
  chamber bench                          the bundled models, with their own numbers of steps
  chamber bench jets --steps 5,11,40     one model, several numbers of steps
  chamber bench --threads 1 --json";

/// Arguments of `chamber bench`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT, after_help = EXAMPLES)]
pub struct Args {
    /// Models: names of bundled ones, .safetensors files or run directories [default: all bundled ones]
    #[arg(value_name = "MODEL|RUN")]
    pub models: Vec<String>,
    /// Numbers of steps [default: the model's]; models of few steps have only their own
    #[arg(long, value_name = "K,...", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub steps: Vec<u32>,
    /// Numbers in the products of jets' cloud networks [default: single, and bf16 where the processor has instructions for it]
    #[arg(long, value_name = "P,...", value_delimiter = ',', value_parser = values::precision())]
    pub precision: Vec<Precision>,
    /// Jets or events per measurement, at least: as many whole tiles (of 128, of 1024) for every thread; of molecules a twentieth of it
    #[arg(short, long = "number", value_name = "N", default_value_t = 5120, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub n: u64,
    /// Measurements of each, of which the median is printed
    #[arg(long, value_name = "R", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeats: u32,
    /// Python that may have Pythia
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub python: String,
    /// Threads; 0 for all cores
    #[arg(long, value_name = "T", default_value_t = 0)]
    pub threads: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures and prints.
pub fn run(args: &Args) -> Result<(), Error> {
    limit_threads(args.threads)?;
    let names = if args.models.is_empty() {
        home::models().into_iter().map(|(name, _)| name).collect()
    } else {
        args.models.clone()
    };
    if names.is_empty() {
        return Err(Error::argument(
            "MODEL",
            "nothing",
            format!("a model: none are bundled, set {} to the directory that has models/", home::VARIABLE),
        ));
    }
    let (mut models, mut of_events) = (Vec::new(), Vec::new());
    let (mut of_molecules, mut of_conformers) = (Vec::new(), Vec::new());
    for name in &names {
        let file = home::model_file(name)?;
        match ModelDomain::of(&file)? {
            ModelDomain::Events => of_events.push(EventModel::load(&file)?),
            ModelDomain::Molecules => of_molecules.push(MoleculeModel::load(&file)?),
            ModelDomain::Conformers => of_conformers.push(ConformerModel::load(&file)?),
            ModelDomain::Jets => models.push(Model::load(&file)?),
        }
    }
    let precisions = match &args.precision[..] {
        [] if kernels::bf16_unit().is_some() => vec![Precision::Single, Precision::Bf16],
        [] => vec![Precision::Single],
        asked => asked.to_vec(),
    };
    let roofline = measure();
    interrupt::check()?;
    let mut speeds = Vec::new();
    for model in &models {
        let fixed = args.steps.is_empty() || model.recipe.distil.is_some();
        let steps = if fixed { vec![None] } else { args.steps.iter().map(|k| Some(*k as usize)).collect() };
        for steps in steps {
            for precision in &precisions {
                speeds.push(speed(model, steps, *precision, args.n, args.repeats as usize)?);
            }
        }
    }
    let mut event_speeds = Vec::new();
    for model in &of_events {
        let fixed = args.steps.is_empty() || model.recipe.network.has_likelihood();
        let steps = if fixed { vec![None] } else { args.steps.iter().map(|k| Some(*k as usize)).collect() };
        for steps in steps {
            event_speeds.push(event_speed(model, steps, args.n, args.repeats as usize)?);
        }
    }
    // They take a hundred times longer than jets.
    let (few, repeats) = (args.n.div_ceil(20), args.repeats as usize);
    let steps: Vec<Option<usize>> = match &args.steps[..] {
        [] => vec![None],
        asked => asked.iter().map(|k| Some(*k as usize)).collect(),
    };
    let mut matter = Vec::new();
    for steps in steps {
        for model in &of_molecules {
            matter.push(molecule_speed(model, steps, few, repeats)?);
        }
        for model in &of_conformers {
            matter.push(conformer_speed(model, steps, few, repeats)?);
        }
    }
    let simulation = if speeds.is_empty() { None } else { pythia(&args.python)? };
    let event_simulation = if event_speeds.is_empty() { None } else { pythia_events(&args.python)? };
    if args.json {
        return super::print(&json(&roofline, (&speeds, simulation), (&event_speeds, event_simulation), &matter));
    }
    let mut text = limits(&roofline);
    if !speeds.is_empty() {
        text += &table(&roofline, &speeds, simulation);
    }
    if !event_speeds.is_empty() {
        text += &event_table(roofline.threads, &event_speeds, event_simulation);
    }
    if !matter.is_empty() {
        text += &matter_table(&matter);
    }
    super::print(&text)
}

fn matter_table(speeds: &[MatterSpeed]) -> String {
    let mut text = format!("\n{:<12} {:>11} {:>9} {:>9}  MAKES\n", "MODEL", "EVALUATIONS", "PER S", "MS EACH");
    for MatterSpeed { model, makes, evaluations, per_second, .. } in speeds {
        let [rate, time] = [*per_second, 1e3 / per_second].map(significant);
        let _ = writeln!(text, "{model:<12} {evaluations:>11} {rate:>9} {time:>9}  {makes}");
    }
    text
}

fn json(
    roofline: &Roofline,
    (speeds, simulation): (&[Speed], Option<Simulation>),
    (event_speeds, event_simulation): (&[EventSpeed], Option<Simulation>),
    matter: &[MatterSpeed],
) -> String {
    let all = serde_json::json!({
        "processor": processor(), "instruction_set": kernels::instruction_set(), "bf16_unit": kernels::bf16_unit(), "version": env!("CARGO_PKG_VERSION"),
        "roofline": roofline, "speeds": speeds, "pythia": simulation, "event_speeds": event_speeds, "pythia_events": event_simulation, "matter_speeds": matter, "full_chain_seconds": FULL_CHAIN,
    });
    format!("{all:#}\n")
}

fn limits(roofline: &Roofline) -> String {
    format!(
        "{}; kernels in {}{}\nmatrix products {:.0} GFLOP/s, memory {:.1} GB/s\n",
        processor(),
        kernels::instruction_set(),
        kernels::bf16_unit().map_or(String::new(), |unit| format!(", bf16 in {unit}")),
        roofline.gflops,
        roofline.gigabytes_per_second
    )
}

/// Pythia's time, as far as there is one.
fn simulated(simulation: Option<&Simulation>, event: &str) -> String {
    match simulation {
        Some(Simulation { version, seconds_per_event }) => {
            format!("\nPythia {version}: {} ms per {event}, on one thread\n", significant(1e3 * seconds_per_event))
        }
        None => "\nPythia: no module pythia8mc or pythia8 in Python; see --python\n".to_string(),
    }
}

fn event_table(threads: usize, speeds: &[EventSpeed], simulation: Option<Simulation>) -> String {
    let mut text = simulated(simulation.as_ref(), "selected event of Z plus jets");
    let _ = writeln!(
        text,
        "{:<12} {:>11} {:>9} {:>12} {:>9} {:>9}",
        "MODEL", "EVALUATIONS", "EVENTS/S", "MS PER EVENT", "x PYTHIA", "x 10 S"
    );
    for speed in speeds {
        let time = 1.0 / speed.events_per_second;
        // Of one thread, for so are the others.
        let alone = time * threads as f64;
        let pythia = simulation.as_ref().map_or("-".to_string(), |s| significant(s.seconds_per_event / alone));
        let _ = writeln!(
            text,
            "{:<12} {:>11} {:>9} {:>12} {:>9} {:>9}",
            speed.model,
            speed.evaluations,
            significant(speed.events_per_second),
            significant(1e3 * time),
            pythia,
            significant(FULL_CHAIN / alone)
        );
    }
    text
}

fn table(roofline: &Roofline, speeds: &[Speed], simulation: Option<Simulation>) -> String {
    let mut text = simulated(simulation.as_ref(), "event of two jets");
    let _ = writeln!(
        text,
        "{:<12} {:<7} {:>5} {:>11} {:>9} {:>10} {:>8} {:>8} {:>9} {:>9}",
        "MODEL", "NUMBERS", "STEPS", "EVALUATIONS", "JETS/S", "MS PER JET", "GFLOP/S", "OF LIMIT", "x PYTHIA", "x 10 S"
    );
    for speed in speeds {
        let time = 1.0 / speed.jets_per_second;
        // Of one thread, for so are the others.
        let alone = time * roofline.threads as f64;
        let pythia = simulation.as_ref().map_or("-".to_string(), |s| significant(0.5 * s.seconds_per_event / alone));
        let _ = writeln!(
            text,
            "{:<12} {:<7} {:>5} {:>11} {:>9} {:>10} {:>8.1} {:>7.0}% {:>9} {:>9}",
            speed.model,
            speed.precision,
            speed.steps,
            speed.evaluations,
            significant(speed.jets_per_second),
            significant(1e3 * time),
            speed.gflops,
            100.0 * speed.gflops / roofline.gflops,
            pythia,
            significant(FULL_CHAIN / alone)
        );
    }
    text
}
