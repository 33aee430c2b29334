//! ConfGF: trains scores of distances on conformers of a file and judges conformers that they make of molecules held back.
//!
//! ```text
//! cargo run --release -p cloudchamber --example confgf -- conformers.parquet --weights confgf.safetensors --steps 4000 --molecules 30
//! ```
//!
//! Molecules whose `qm9_index` is divisible by 10 are held back. With `--steps 0` the weights are read instead.

use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::Device;
use clap::Parser;
use cloudchamber::conformers::{ATOM_KINDS, Annealing, DistanceMatching, Ensemble, judge::judge};
use cloudchamber::lab::{FitSection, fit};
use cloudchamber::tensors::{self, Array};
use cloudchamber::{Error, progress::Progress};
use matter::{Coverage, CoverageSummary, Link};
use nets::DistanceScoreConfig;

#[derive(Parser)]
struct Arguments {
    /// Parquet file of conformers.
    file: PathBuf,
    /// Where the weights are written to, or read from.
    #[arg(long)]
    weights: PathBuf,
    /// Optimiser steps.
    #[arg(long, default_value_t = 4000)]
    steps: u64,
    /// Conformers per step.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Width of the network.
    #[arg(long, default_value_t = 64)]
    width: usize,
    /// Layers of the network.
    #[arg(long, default_value_t = 4)]
    layers: usize,
    /// First learning rate.
    #[arg(long, default_value_t = 1e-3)]
    rate: f64,
    /// Molecules held back that are judged.
    #[arg(long, default_value_t = 30)]
    molecules: usize,
    /// Langevin steps at each level.
    #[arg(long, default_value_t = 100)]
    langevin: usize,
    /// Noise levels when sampling.
    #[arg(long, default_value_t = 50)]
    levels: usize,
    /// Largest noise when sampling.
    #[arg(long, default_value_t = 10.0)]
    sigma_max: f64,
    /// Size of a Langevin step in squared noises.
    #[arg(long, default_value_t = 0.048)]
    step: f64,
    /// Steps without noise in the end.
    #[arg(long, default_value_t = 20)]
    still: usize,
}

fn main() -> Result<(), Error> {
    let arguments = Arguments::parse();
    let device = Device::flex();
    let (all, skipped) = Ensemble::read(&arguments.file)?;
    let (held, learned): (Vec<Ensemble>, Vec<Ensemble>) = all.into_iter().partition(|m| m.index % 10 == 0);
    let pairs: Vec<(usize, usize)> =
        (0..learned.len()).flat_map(|m| (0..learned[m].conformers.len()).map(move |c| (m, c))).collect();
    println!(
        "{} molecules to learn from with {} conformers, {} held back, {} left out",
        learned.len(),
        pairs.len(),
        held.len(),
        skipped.len()
    );
    skipped.iter().take(5).for_each(|why| println!("  {why}"));
    let config =
        DistanceScoreConfig { atoms: ATOM_KINDS, links: Link::KINDS, width: arguments.width, layers: arguments.layers };
    let mut net = config.init(&device);
    if arguments.steps > 0 {
        let objective = DistanceMatching::new(10.0, 0.01, 50)?;
        let options = FitSection {
            steps: arguments.steps,
            batch: arguments.batch,
            learning_rate: arguments.rate,
            ema: 0.995,
            seed: 1,
        };
        let tape = device.clone().autodiff();
        let mut progress = Progress::new("train", "steps", false);
        let (mut step, mut mean, start) = (0u64, 0.0, Instant::now());
        net = fit(net, &options, &device, &mut |net, rng, _| {
            let chosen: Vec<usize> =
                rng.uniform(options.batch, 1).iter().map(|u| (u * pairs.len() as f64) as usize).collect();
            let conformers: Vec<(&Ensemble, usize)> =
                chosen.iter().map(|&k| (&learned[pairs[k].0], pairs[k].1)).collect();
            let losses = objective.losses(net, &conformers, rng, &tape);
            let loss = f64::from(losses.clone().mean().into_scalar::<f32>());
            mean += (loss - mean) / (step + 1).min(200) as f64;
            step += 1;
            progress.update(step, options.steps, &format!("loss {mean:.2}"));
            if step.is_multiple_of(200) {
                eprintln!("step {step}, loss {mean:.3}, {:.0} s", start.elapsed().as_secs_f64());
            }
            Ok(losses)
        })?;
        progress.finish("trained");
        let data = nets::values(&net);
        tensors::write(
            &arguments.weights,
            &[("parameters".into(), Array { shape: vec![data.len()], data })],
            &serde_json::json!({}),
        )?;
    } else {
        let (arrays, _) = tensors::read(&arguments.weights, "weights")?;
        net = nets::load(net, &arrays["parameters"].data);
    }
    let annealing = Annealing {
        steps: arguments.langevin,
        levels: arguments.levels,
        sigma_max: arguments.sigma_max,
        step: arguments.step,
        still: arguments.still,
        ..Annealing::default()
    };
    let (mut scores, start) = (Vec::<Coverage>::new(), Instant::now());
    for molecule in held.iter().take(arguments.molecules) {
        let count = 2 * molecule.conformers.len();
        let generated = annealing.draw(&net, molecule, 1, 0, count, &device)?;
        match judge(molecule, &generated, 0.5) {
            Some(score) => scores.push(score),
            None => println!("{}: not judged", molecule.graph.without_hydrogens().canonical_smiles()),
        }
        if let Some(CoverageSummary { mean, median, molecules }) = CoverageSummary::of(&scores) {
            println!(
                "{molecules} molecules, {} evaluations, {:.0} s: COV-R {:.2} % (median {:.2}), MAT-R {:.4} A (median {:.4}), COV-P {:.2} %, MAT-P {:.4} A",
                annealing.evaluations(),
                start.elapsed().as_secs_f64(),
                100.0 * mean.cov_r,
                100.0 * median.cov_r,
                mean.mat_r,
                median.mat_r,
                100.0 * mean.cov_p,
                mean.mat_p
            );
        }
    }
    Ok(())
}
