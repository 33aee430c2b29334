//! How fast this machine generates, beside what it could do at most and beside a simulation.

mod events;
mod matter;
mod roofline;
mod simulation;

use collider::JetClass;
use collider::model::TILE;
use collider::networks::Networks;
use kernels::Precision;
use serde::Serialize;

pub use events::{EventSpeed, event_speed, pythia_events};
pub use matter::{MatterSpeed, conformer_speed, molecule_speed};
pub use roofline::{Roofline, measure};
pub use simulation::{Simulation, pythia};

use crate::model::Model;
use crate::sample::{SampleOptions, sample};
use crate::{Error, interrupt};

/// Time of one jet in a full chain with a detector simulation, in seconds on one thread: the figure that generators are usually
/// compared with.
pub const FULL_CHAIN: f64 = 10.0;

/// The speed of one model at one number of steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Speed {
    /// Name of the model.
    pub model: String,
    /// Numbers in the cloud network's products, `single` or `bf16`.
    pub precision: &'static str,
    /// Steps of the sampler.
    pub steps: usize,
    /// Evaluations of the cloud network per jet.
    pub evaluations: usize,
    /// Jets per second, the median of the repetitions.
    pub jets_per_second: f64,
    /// Largest and least of the repetitions, as parts of the median.
    pub spread: [f64; 2],
    /// Operations of the cloud network's matrix products, 1e9 per second.
    pub gflops: f64,
}

/// The median of some rates, and the least and the largest as parts of it.
fn median(mut rates: Vec<f64>) -> (f64, [f64; 2]) {
    rates.sort_by(f64::total_cmp);
    let median = rates[rates.len() / 2];
    (median, [rates[0] / median, rates[rates.len() - 1] / median])
}

/// Samples top jets, or jets of the model's first class, `repeats` times: at least `jets`, as many whole tiles for every thread. Writing
/// files is not part of it.
///
/// # Errors
/// What sampling says; [`Error::Interrupted`].
pub fn speed(
    model: &Model,
    steps: Option<usize>,
    precision: Precision,
    jets: u64,
    repeats: usize,
) -> Result<Speed, Error> {
    let classes = &model.meta.classes;
    let class = classes.iter().find(|c| **c == JetClass::T).or(classes.first()).copied();
    let share = (TILE * rayon::current_num_threads()) as u64;
    let n = jets.next_multiple_of(share);
    let options = SampleOptions { n, class, steps, precision, ..SampleOptions::for_model(model) };
    let (mut counts, mut evaluations, mut rates) = (Vec::new(), 0, Vec::new());
    for _ in 0..repeats.max(1) {
        counts.clear();
        let mut keep = |jets: &collider::Jets, _: &[JetClass]| {
            counts.extend(jets.count.iter().map(|&n| usize::from(n)));
            interrupt::check()
        };
        let stats = sample(model, &options, &mut keep, &mut |_, _| {})?;
        evaluations = stats.evaluations;
        rates.push(stats.jets as f64 / stats.seconds);
    }
    let (jets_per_second, spread) = median(rates);
    let operations = match &model.generator(&options.device)?.networks {
        Networks::Kernels { cloud, .. } => cloud.operations(&counts) as f64 / counts.len().max(1) as f64,
        Networks::Tensors { .. } => f64::NAN,
    };
    Ok(Speed {
        model: model.meta.name.clone(),
        precision: if precision == Precision::Bf16 { "bf16" } else { "single" },
        steps: steps.unwrap_or(model.recipe.sample.steps),
        evaluations,
        jets_per_second,
        spread,
        gflops: 1e-9 * operations * evaluations as f64 * jets_per_second,
    })
}
