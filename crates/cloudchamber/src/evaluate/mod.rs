//! The judgement: every metric of the JetNet protocol between real and generated jets, each beside its floor.
//!
//! W1M, W1P, W1EFP, FPD, KPD, coverage and MMD as in the JetNet library (Kansal et al., arXiv:2106.11535, 2211.10295), and the AUC of a
//! classifier two-sample test (Lopez-Paz and Oquab, arXiv:1610.06545). The floor is the same metric between two disjoint real samples.

mod features;
mod figures;
mod observables;
mod protocol;
mod text;

use collider::{JetClass, Jets};
use serde::Serialize;

pub use features::Features;
pub use protocol::Protocol;
pub use text::table;

use crate::Error;

/// The samples of one class.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The class.
    pub class: JetClass,
    /// Real jets, the reference.
    pub real: Jets,
    /// Generated jets, to be judged.
    pub generated: Jets,
    /// Further real jets, for the floor; without them the floor is that of the two halves of `real`.
    pub floor: Option<Jets>,
}

/// A measured value with its error; an error that is not known is null.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Value {
    /// The value.
    pub value: f64,
    /// One standard deviation, or what the metric's protocol calls its error.
    pub error: f64,
}

impl From<metrics::Estimate> for Value {
    fn from(e: metrics::Estimate) -> Value {
        Value { value: e.value, error: e.error }
    }
}

/// What the best value of a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Best {
    /// Zero.
    Small,
    /// As large as possible.
    Large,
    /// One half: a classifier that guesses.
    Half,
}

/// One metric of one class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Name as papers write it: "W1M", "FPD", ...
    pub name: &'static str,
    /// Real against generated.
    pub value: Value,
    /// Real against real.
    pub floor: Value,
    /// Unit of the printed table: 1e-3 for "W1M [1e-3]".
    pub unit: f64,
    /// The ideal.
    pub best: Best,
    /// What it measures, in half a sentence.
    pub meaning: &'static str,
}

/// All metrics of one class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassResult {
    /// The class.
    pub class: JetClass,
    /// Number of real jets.
    pub real: usize,
    /// Number of generated jets.
    pub generated: usize,
    /// Numbers of jets of the two real samples of the floor.
    pub floor: [usize; 2],
    /// The metrics.
    pub figures: Vec<Figure>,
    /// Observables of every jet, for plots.
    #[serde(skip)]
    pub observables: Vec<Observable>,
}

/// One observable of every real and every generated jet.
#[derive(Clone, Debug, PartialEq)]
pub struct Observable {
    /// Name, in the notation of the report's labels.
    pub label: &'static str,
    /// Unit, or nothing.
    pub unit: &'static str,
    /// Whether it spans orders of magnitude.
    pub logarithmic: bool,
    /// Values of the real jets.
    pub real: Vec<f32>,
    /// Values of the generated jets.
    pub generated: Vec<f32>,
}

/// The whole judgement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// How it was done.
    pub protocol: Protocol,
    /// Class by class.
    pub classes: Vec<ClassResult>,
}

/// Judges one class; `say` is told what is being computed.
///
/// Errors: a sample that is too small (fewer than 40 jets), or jets of which a feature is not finite.
pub fn evaluate_class(samples: &Samples, protocol: &Protocol, say: &mut dyn FnMut(&str)) -> Result<ClassResult, Error> {
    let (real, generated) = (&samples.real, &samples.generated);
    for (what, jets) in
        [("real", real), ("generated", generated)].into_iter().chain(samples.floor.iter().map(|f| ("floor", f)))
    {
        if jets.len() < MIN_JETS {
            return Err(Error::TooFewJets { class: samples.class, what, found: jets.len(), needed: MIN_JETS });
        }
    }
    say("features");
    let real_features = Features::of(real)?;
    let generated_features = Features::of(generated)?;
    let (first, second);
    let floor_pair = match &samples.floor {
        Some(other) => {
            second = Features::of(other)?;
            (&real_features, &second)
        }
        None => {
            let (a, b) = metrics::halves(real.len(), HALVES_SEED);
            first = real_features.select(&a);
            second = real_features.select(&b);
            (&first, &second)
        }
    };
    let floors = figures::all(floor_pair.0, floor_pair.1, protocol, &mut |what| say(&format!("floor of {what}")))?;
    let values = figures::all(&real_features, &generated_features, protocol, say)?;
    let figures = values.into_iter().zip(floors).map(|(v, f)| figures::figure(v, f)).collect();
    let floor = [floor_pair.0.jets.len(), floor_pair.1.jets.len()];
    let observables = observables::all(&real_features, &generated_features);
    Ok(ClassResult { class: samples.class, real: real.len(), generated: generated.len(), floor, figures, observables })
}

/// Fewest jets that a metric can say anything about.
const MIN_JETS: usize = 40;
/// Seed of the random halves of the real sample.
const HALVES_SEED: u64 = 42;

#[cfg(test)]
mod tests;
