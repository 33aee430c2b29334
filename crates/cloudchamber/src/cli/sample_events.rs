//! `chamber sample` with a generator of events.

use super::sample::Args;
use crate::device::DeviceName;
use crate::events::EventModel;
use crate::events::files::EventWriter;
use crate::events::generate::{EventOptions, generate};
use crate::progress::Progress;
use crate::{Error, interrupt};

/// Bytes of an event of 1.3 jets on average, as the momenta of its muons and jets.
const BYTES: usize = 50;

/// Generates events into the file and says how fast.
pub fn run(args: &Args, model: &EventModel, quiet: bool) -> Result<(), Error> {
    let refuse = |argument: &str, given: bool, expected: &str| {
        if given { Err(Error::argument(argument, "a value", format!("no such option: {expected}"))) } else { Ok(()) }
    };
    refuse("--class", args.class.is_some(), "this model makes whole events; --jets chooses their number of jets")?;
    refuse("--guidance", args.guidance.is_some(), "this model was not trained for guidance")?;
    refuse("--device", args.device != DeviceName::Cpu, "generators of events run on the CPU")?;
    refuse("--draws", args.draws.is_some() && model.recipe.bayes.is_none(), "this model's network is not Bayesian")?;
    if model.recipe.network.has_likelihood() {
        let expected = "this model draws from its density, without steps";
        refuse("--sampler", args.sampler.is_some(), expected)?;
        refuse("--steps", args.steps.is_some(), expected)?;
    }
    let known = model.meta.encoding.stages();
    if let Some(jets) = args.jets.filter(|&jets| usize::from(jets) > known) {
        return Err(Error::argument("--jets", jets, format!("1 to {known}, as in the model's training data")));
    }
    let options = EventOptions {
        n: args.n,
        first: args.first,
        seed: args.seed,
        jets: args.jets.map(usize::from),
        sampler: args.sampler.as_deref().map(str::parse).transpose()?,
        steps: args.steps.map(|steps| steps as usize),
        draws: args.draws,
    };
    let mut attributes = vec![
        ("generator", format!("chamber {}", env!("CARGO_PKG_VERSION"))),
        ("model", model.meta.name.clone()),
        ("seed", options.seed.to_string()),
        ("first", options.first.to_string()),
    ];
    attributes.extend(options.jets.map(|jets| ("jets", jets.to_string())));
    attributes.extend(args.sampler.clone().map(|sampler| ("sampler", sampler)));
    attributes.extend(options.draws.map(|draws| ("draws", draws.to_string())));
    attributes.extend(options.steps.map(|steps| ("steps", steps.to_string())));
    let attributes: Vec<(String, String)> = attributes.into_iter().map(|(k, v)| (k.to_string(), v)).collect();
    super::sample::check_room(&args.out, options.n, BYTES)?;
    let mut writer = EventWriter::create(&args.out, &attributes)?;
    let mut progress = Progress::new("events", "events", quiet);
    let mut write = |events: &[_]| {
        interrupt::check()?;
        writer.write(events)
    };
    let stats = generate(model, &options, &mut write, &mut |done, total| progress.update(done, total, ""))?;
    interrupt::check()?;
    writer.finish()?;
    let cost = super::sample::cost(stats.events, "events", stats.seconds);
    progress.finish(&format!("{}: {cost}", progress.label()));
    let again = match stats {
        s if s.failed > 0 => {
            format!(", {} made again because they broke the cuts, {} of them in vain (weight 0)", s.rejected, s.failed)
        }
        s if s.rejected > 0 => format!(", {} made again because they broke the cuts", s.rejected),
        _ => String::new(),
    };
    super::print(&format!(
        "{}: {cost}, {} network evaluations per event and network{again}\n",
        args.out.display(),
        stats.evaluations
    ))
}
