//! Eight Gaussians to moons: what pairing does to one Euler step and to the exact flow, with conditions and without.
//!
//! Squared Wasserstein-2 distance of 2048 points carried from the source to as many of the target, mean and standard deviation over
//! training seeds, the protocol of Cheng & Schwing, arXiv:2503.10636, figure 1, in smaller. Every point of the target lends its condition to the point
//! that is carried, as there, and the target's classes are equally large.
//! `cargo run --example moons_table -- [SEEDS] [KEY=VALUE]...`, from the project's root

use std::path::Path;

use cloudchamber::Error;
use cloudchamber::lab::{ConditionKind, CouplingKind, DataFlow, LabRecipe, Point, Target, wasserstein2};
use diffusion::Rng;
use rayon::prelude::*;

const POINTS: usize = 2048;
/// Streams of a seed's random numbers that training does not use.
const SOURCE: u64 = 20;
const TARGET: u64 = 21;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1).peekable();
    let seeds: u64 = arguments.next_if(|a| !a.contains('=')).and_then(|n| n.parse().ok()).unwrap_or(3);
    let settings: Vec<String> = arguments.collect();
    let recipe = LabRecipe::load(Path::new("recipes/toys/data-to-data.toml"), &settings)?;
    let floor: Vec<f64> =
        (0..seeds).map(|s| squared(&points(&target(s, TARGET)), &points(&target(s, TARGET + 1)))).collect();
    println!("two samples of the target: {}", mean_and_spread(&floor));
    println!("| condition | pairs | one Euler step | adaptive | its evaluations |\n|---|---|---|---|---|");
    let (none, label, x) = (ConditionKind::None, ConditionKind::Label, ConditionKind::X);
    let (random, exact, conditional) = (CouplingKind::Independent, CouplingKind::Exact, CouplingKind::Conditional);
    let rows = [(none, random), (none, exact), (label, random), (label, exact), (label, conditional)];
    for (condition, coupling) in rows.into_iter().chain([(x, random), (x, exact), (x, conditional)]) {
        let one = |seed: u64| {
            let mut recipe = recipe.clone();
            (recipe.pairs.condition, recipe.coupling, recipe.train.seed) = (condition, coupling, seed);
            // One thread each: the tensor library's own threads would only get into each other's way.
            let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
            alone.map_or_else(|_| row(&recipe, seed), |pool| pool.install(|| row(&recipe, seed)))
        };
        let results: Result<Vec<[f64; 3]>, Error> = (0..seeds).into_par_iter().map(one).collect();
        let results = results?;
        let column = |k: usize| mean_and_spread(&results.iter().map(|r| r[k]).collect::<Vec<f64>>());
        println!("| {condition:?} | {coupling:?} | {} | {} | {} |", column(0), column(1), column(2));
    }
    Ok(())
}

/// Squared distances after one step and after the adaptive solver, and the latter's evaluations.
fn row(recipe: &LabRecipe, seed: u64) -> Result<[f64; 3], Error> {
    let flow = DataFlow::learn(recipe, &Target::Moons)?;
    let truth = target(seed, TARGET);
    let sources = points(&Target::EightGaussians.sample(&mut Rng::new(seed).stream(SOURCE), POINTS));
    let (one, _) = flow.carry(Some(1), &sources, &truth)?;
    let (all, evaluations) = flow.carry(None, &sources, &truth)?;
    Ok([squared(&one, &points(&truth)), squared(&all, &points(&truth)), evaluations])
}

/// Moons, one and the other in turn.
fn target(seed: u64, stream: u64) -> Vec<(Point, usize)> {
    let drawn = Target::Moons.sample(&mut Rng::new(seed).stream(stream), 4 * POINTS);
    let of = |class: usize| drawn.iter().filter(move |(_, k)| *k == class).take(POINTS / 2);
    of(0).zip(of(1)).flat_map(|(a, b)| [*a, *b]).collect()
}

fn points(drawn: &[(Point, usize)]) -> Vec<Point> {
    drawn.iter().map(|(p, _)| *p).collect()
}

fn squared(a: &[Point], b: &[Point]) -> f64 {
    wasserstein2(a, b).powi(2)
}

fn mean_and_spread(values: &[f64]) -> String {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    format!("{mean:.3} ± {:.3}", variance.sqrt())
}
