//! `chamber evaluate` for conformers: coverage and matching.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use matter::{Coverage, CoverageSummary};
use serde::Serialize;

use super::evaluate::Args;
use super::event_source::model_of;
use crate::conformers::generate::{ConformerGenerator, ConformerOptions};
use crate::conformers::judge::{DELTA, Scores, judge};
use crate::conformers::train::is_held_out;
use crate::conformers::{ConformerModel, Ensemble};
use crate::model_domain::ModelDomain;
use crate::progress::Progress;
use crate::{Error, interrupt};

/// Molecules of a first look.
const QUICK: usize = 30;

/// One score: mean over the molecules with its standard error, and median.
#[derive(Debug, Serialize)]
struct Line {
    score: &'static str,
    mean: f64,
    error: f64,
    median: f64,
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Judged {
    generated: String,
    molecules: usize,
    left_out: usize,
    delta: f64,
    references: usize,
    conformers: usize,
    scores: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluations: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<f64>,
}

/// The generator of conformers that a path or a name means, if it means one; of a damaged file others say what is wrong.
pub fn model_at(path: &Path) -> Result<Option<ConformerModel>, Error> {
    match model_of(path, ModelDomain::Conformers) {
        Err(Error::Content { .. }) => Ok(None),
        found => found?.map(|file| ConformerModel::load(&file)).transpose(),
    }
}

/// Judges the conformers of a file, or of a model: twice as many of each molecule as there are references, of molecules that its training
/// held out.
pub fn run(args: &Args, model: Option<&ConformerModel>, quiet: bool) -> Result<(), Error> {
    let (real, skipped) = Ensemble::read_any(&args.inputs.real)?;
    if !skipped.is_empty() && !quiet {
        eprintln!("{}: {} molecules left out, the first: {}", args.inputs.real.display(), skipped.len(), skipped[0]);
    }
    let held = |(place, molecule): &(usize, Ensemble)| model.is_none_or(|m| is_held_out(&m.recipe, molecule, *place));
    let known = real.into_iter().enumerate().filter(|(_, m)| !m.conformers.is_empty()).filter(held);
    let most = if args.inputs.quick { QUICK } else { usize::MAX };
    let real: Vec<Ensemble> = known.map(|(_, molecule)| molecule).take(most).collect();
    if real.is_empty() {
        let found = format!("{}, without such molecules", args.inputs.real.display());
        return Err(Error::argument("--real", found, "conformers of molecules that the model's training held out"));
    }
    let judged = match model {
        Some(model) => of_model(args, model, &real, quiet)?,
        None => of_file(args, &real)?,
    };
    if args.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&judged).unwrap_or_default()));
    }
    super::print(&text(&judged))
}

fn of_model(args: &Args, model: &ConformerModel, real: &[Ensemble], quiet: bool) -> Result<Judged, Error> {
    let generator = ConformerGenerator::new(model, &ConformerOptions { seed: 1, ..ConformerOptions::default() })?;
    let mut progress = Progress::new("conformers", "molecules", quiet);
    let (mut scores, mut conformers, mut seconds) = (Scores::default(), 0, 0.0);
    for (which, molecule) in real.iter().enumerate() {
        interrupt::check()?;
        let started = Instant::now();
        let made = generator.conformers(molecule, which as u64, 0, 2 * molecule.conformers.len())?;
        seconds += started.elapsed().as_secs_f64();
        conformers += made.len();
        let made: Vec<Vec<[f64; 3]>> = made.into_iter().flatten().collect();
        scores.add(judge(molecule, &made, DELTA));
        progress.update(which as u64 + 1, real.len() as u64, "");
    }
    progress.finish("conformers: done");
    let mut judged = judged(args.inputs.generated.display().to_string(), real, conformers, &scores)?;
    judged.evaluations = Some(generator.evaluations());
    judged.per_second = Some(conformers as f64 / seconds);
    Ok(judged)
}

fn of_file(args: &Args, real: &[Ensemble]) -> Result<Judged, Error> {
    let (generated, _) = Ensemble::read_any(&args.inputs.generated)?;
    let (mut scores, mut conformers) = (Scores::default(), 0);
    for molecule in real {
        let same: Vec<Vec<[f64; 3]>> =
            generated.iter().filter(|g| g.graph == molecule.graph).flat_map(|g| g.conformers.iter().cloned()).collect();
        conformers += same.len();
        scores.add(judge(molecule, &same, DELTA));
    }
    judged(args.inputs.generated.display().to_string(), real, conformers, &scores)
}

fn judged(generated: String, real: &[Ensemble], conformers: usize, scores: &Scores) -> Result<Judged, Error> {
    let Some(CoverageSummary { mean, median, molecules }) = scores.summary() else {
        let expected = "conformers of the molecules of --real, their atoms in the same order";
        return Err(Error::argument("GENERATED", generated, expected));
    };
    let line = |score, scale: f64, of: fn(&Coverage) -> f64| Line {
        score,
        mean: scale * of(&mean),
        error: scale * scores.error(of),
        median: scale * of(&median),
    };
    Ok(Judged {
        generated,
        molecules,
        left_out: scores.left_out,
        delta: DELTA,
        references: real.iter().map(|m| m.conformers.len()).sum(),
        conformers,
        scores: vec![
            line("COV-R [%]", 100.0, |c| c.cov_r),
            line("MAT-R [A]", 1.0, |c| c.mat_r),
            line("COV-P [%]", 100.0, |c| c.cov_p),
            line("MAT-P [A]", 1.0, |c| c.mat_p),
        ],
        evaluations: None,
        per_second: None,
    })
}

fn text(judged: &Judged) -> String {
    let mut out = format!(
        "{}: {} conformers of {} molecules with {} references",
        judged.generated, judged.conformers, judged.molecules, judged.references
    );
    if let (Some(evaluations), Some(rate)) = (judged.evaluations, judged.per_second) {
        let rate = crate::progress::significant(rate);
        let _ = write!(out, ", {evaluations} network evaluations each, {rate} conformers/s");
    }
    if judged.left_out > 0 {
        let _ =
            write!(out, "; {} molecules not judged: without conformers, or of too many symmetries", judged.left_out);
    }
    let _ = write!(out, "\n\n{:<12} {:>18} {:>10}\n", "", "mean", "median");
    for line in &judged.scores {
        let mean = format!("{:.3} ± {:.3}", line.mean, line.error);
        let _ = writeln!(out, "{:<12} {mean:>18} {:>10.3}", line.score, line.median);
    }
    let _ = writeln!(
        out,
        "\nCOV: share within {} A, MAT: mean distance to the nearest; R of references, P of generated ones; root mean square distance of heavy\n\
         atoms over rotations and symmetries. Errors are standard errors over molecules.",
        judged.delta
    );
    out
}
