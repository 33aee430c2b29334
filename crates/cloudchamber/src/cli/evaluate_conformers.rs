//! `chamber evaluate` and `chamber report` for conformers: coverage and matching.

use std::fmt::Write;
use std::time::Instant;

use matter::Symmetries;
use serde::Serialize;

use super::evaluate::{Args, Inputs};
use super::event_source::model_of;
use super::report;
use crate::conformers::distinct::Drawn;
use crate::conformers::generate::{ConformerGenerator, ConformerOptions};
use crate::conformers::judge::{DELTA, Line, Scores, distances};
use crate::conformers::page::{ConformerPage, OfMolecule, strip};
use crate::conformers::train::is_held_out;
use crate::conformers::{ConformerModel, Ensemble};
use crate::model_domain::ModelDomain;
use crate::progress::{Progress, significant};
use crate::{Error, atomic, interrupt};

/// Molecules of a first look.
const QUICK: usize = 30;
/// Moments of a strip.
const MOMENTS: usize = 8;

/// Molecules with conformers, generated and their own.
struct Judged {
    all: Vec<OfMolecule>,
    scores: Scores,
    /// Conformers drawn, all of which are judged unless they were to be distinct.
    draws: u64,
    /// The generator and the seconds it took, if there was one.
    cost: Option<(ConformerGenerator, f64)>,
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Printed {
    generated: String,
    molecules: usize,
    left_out: usize,
    delta: f64,
    references: usize,
    conformers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    distinct: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draws: Option<u64>,
    scores: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluations: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<f64>,
}

/// The generator of conformers that GENERATED means, if it means one; of a damaged file others say what is wrong.
///
/// # Errors
/// Those of a name that means nothing; [`Error::Argument`] for --distinct of anything else.
pub fn model_at(inputs: &Inputs) -> Result<Option<ConformerModel>, Error> {
    let model = match model_of(&inputs.generated, ModelDomain::Conformers) {
        Err(Error::Content { .. }) => None,
        found => found?.map(|file| ConformerModel::load(&file)).transpose()?,
    };
    match inputs.distinct {
        Some(apart) if model.is_none() => {
            Err(Error::argument("--distinct", apart, "no such option: GENERATED is no generator of conformers"))
        }
        _ => Ok(model),
    }
}

/// Judges the conformers of a file, or of a model, and prints the scores.
///
/// # Errors
/// Those of reading, sampling and judging.
pub fn run(args: &Args, model: Option<&ConformerModel>, quiet: bool) -> Result<(), Error> {
    let judged = judged(&args.inputs, model, 1, quiet)?;
    let printed = judged.printed(&args.inputs)?;
    if args.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&printed).unwrap_or_default()));
    }
    super::print(&text(&printed))
}

/// The same on a page with pictures.
///
/// # Errors
/// Those of reading, sampling and judging.
pub fn report(args: &report::Args, model: Option<&ConformerModel>, quiet: bool) -> Result<(), Error> {
    let judged = judged(&args.inputs, model, args.seed, quiet)?;
    let printed = judged.printed(&args.inputs)?;
    let mut protocol = vec![];
    let mut say = |name: &str, value: String| protocol.push((name.to_string(), value));
    let mut picture = String::new();
    match (model, &judged.cost) {
        (Some(model), Some((generator, seconds))) => {
            say("model", format!("{}, {} parameters", model.meta.name, model.network.len()));
            say("seed", args.seed.to_string());
            say("sampler", generator.way());
            say("network evaluations", format!("{} per conformer", generator.evaluations()));
            say("cost", super::sample::cost(judged.draws, "conformers", *seconds));
            if let Some(apart) = printed.distinct {
                say("distinct", format!("{} drawn for {} that differ by {apart} A", judged.draws, printed.conformers));
            }
            if let Some(one) = judged.all.first() {
                let frames = generator.trajectory(&one.molecule, 0, 0, MOMENTS)?;
                // Langevin dynamics show their end alone.
                picture = if frames.len() > 1 { strip(&one.molecule, frames) } else { String::new() };
            }
        }
        _ => say("generated", printed.generated.clone()),
    }
    say("real", args.inputs.real.display().to_string());
    say("conformers", format!("{} generated, {} references", printed.conformers, printed.references));
    say("not judged", format!("{} molecules: without conformers, or of too many symmetries", printed.left_out));
    let page = ConformerPage {
        title: format!("Generated conformers: {}", printed.generated),
        protocol,
        strip: picture,
        footer: format!("chamber {}, {}", env!("CARGO_PKG_VERSION"), report::today()),
    };
    atomic::write(&args.out, page.html(&judged.all, &judged.scores).as_bytes())?;
    super::print(&format!("{}\n", args.out.display()))
}

/// Conformers of a file, or of a model: twice as many of each molecule as there are references, of molecules that its training held out.
fn judged(inputs: &Inputs, model: Option<&ConformerModel>, seed: u64, quiet: bool) -> Result<Judged, Error> {
    let (real, skipped) = Ensemble::read_any(&inputs.real)?;
    if !skipped.is_empty() && !quiet {
        eprintln!("{}: molecules left out: {}, the first: {}", inputs.real.display(), skipped.len(), skipped[0]);
    }
    let held = |(place, molecule): &(usize, Ensemble)| model.is_none_or(|m| is_held_out(&m.recipe, molecule, *place));
    let known = real.into_iter().enumerate().filter(|(_, m)| !m.conformers.is_empty()).filter(held);
    let most = if inputs.quick { QUICK } else { usize::MAX };
    let real: Vec<Ensemble> = known.map(|(_, molecule)| molecule).take(most).collect();
    if real.is_empty() {
        let found = format!("{}, without such molecules", inputs.real.display());
        return Err(Error::argument("--real", found, "conformers of molecules that the model's training held out"));
    }
    let mut judged = Judged { all: vec![], scores: Scores::default(), draws: 0, cost: None };
    match model {
        Some(model) => {
            let generator = ConformerGenerator::new(model, &ConformerOptions { seed, ..ConformerOptions::default() })?;
            let mut progress = Progress::new("conformers", "molecules", quiet);
            let (count, mut seconds) = (real.len() as u64, 0.0);
            for (which, molecule) in (0..).zip(real) {
                interrupt::check()?;
                let started = Instant::now();
                let symmetries = inputs.distinct.and_then(|_| Symmetries::of(&molecule.graph).ok());
                let apart = symmetries.as_ref().zip(inputs.distinct);
                let n = 2 * molecule.conformers.len() as u64;
                let drawn = Drawn::of(&generator, (&molecule, which), (0, n), apart)?;
                seconds += started.elapsed().as_secs_f64();
                judged.draws += drawn.draws;
                judged.add(molecule, drawn.kept.into_iter().map(|(_, positions)| positions).collect());
                progress.update(which + 1, count, "");
            }
            progress.finish("conformers: done");
            judged.cost = Some((generator, seconds));
        }
        None => {
            let (generated, _) = Ensemble::read_any(&inputs.generated)?;
            for molecule in real {
                let same = generated.iter().filter(|g| g.graph == molecule.graph);
                let same = same.flat_map(|g| g.conformers.iter().cloned()).collect();
                judged.add(molecule, same);
            }
        }
    }
    Ok(judged)
}

impl Judged {
    fn add(&mut self, molecule: Ensemble, generated: Vec<Vec<[f64; 3]>>) {
        let distances = distances(&molecule, &generated);
        self.scores.add(distances.as_deref());
        self.all.push(OfMolecule { molecule, generated, distances });
    }

    fn printed(&self, inputs: &Inputs) -> Result<Printed, Error> {
        let generated = inputs.generated.display().to_string();
        let Some(scores) = self.scores.lines() else {
            let expected = "conformers of the molecules of --real, their atoms in the same order";
            return Err(Error::argument("GENERATED", generated, expected));
        };
        let conformers = self.all.iter().map(|one| one.generated.len()).sum();
        Ok(Printed {
            generated,
            molecules: self.scores.molecules(),
            left_out: self.scores.left_out,
            delta: DELTA,
            references: self.all.iter().map(|one| one.molecule.conformers.len()).sum(),
            conformers,
            distinct: inputs.distinct,
            draws: self.cost.as_ref().map(|_| self.draws),
            scores,
            evaluations: self.cost.as_ref().map(|(generator, _)| generator.evaluations()),
            per_second: self.cost.as_ref().map(|(_, seconds)| self.draws as f64 / seconds),
        })
    }
}

fn text(judged: &Printed) -> String {
    let mut out = format!(
        "{}: {} conformers of {} molecules with {} references",
        judged.generated, judged.conformers, judged.molecules, judged.references
    );
    if let (Some(evaluations), Some(rate)) = (judged.evaluations, judged.per_second) {
        let _ = write!(out, ", {evaluations} network evaluations each, {} conformers/s", significant(rate));
    }
    if let (Some(apart), Some(draws)) = (judged.distinct, judged.draws) {
        let _ = write!(out, ", {draws} drawn for them to differ by {apart} A");
    }
    if judged.left_out > 0 {
        let _ =
            write!(out, "; {} molecules not judged: without conformers, or of too many symmetries", judged.left_out);
    }
    let _ = write!(out, "\n\n{:<12} {:>18} {:>10}\n", "", "mean", "median");
    for line in &judged.scores {
        let _ = writeln!(out, "{:<12} {:>18} {:>10.3}", line.score, line.mean(), line.median);
    }
    let _ = writeln!(
        out,
        "\nCOV: share within {} A, MAT: mean distance to the nearest; R of references, P of generated ones; root mean square distance of heavy\n\
         atoms over rotations and symmetries. Errors are standard errors over molecules.",
        judged.delta
    );
    out
}
