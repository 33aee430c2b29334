//! Types and coordinates generated together: a tuple of a masked categorical and a Gaussian process, with the exact joint
//! posterior for a model. Prints the exact value beside the estimate; two hundred steps with the posterior variance leave the
//! widths three per cent short.
//!
//! `cargo run -p diffusion --example typed_points`

use diffusion::discrete::{Categorical, Replacement, Schedule, Tokens};
use diffusion::exact::{PointType, TypedPoints};
use diffusion::{Error, GaussianDiffusion, Grid, Linear, Process, Rng, Samples, generate};

const TYPES: [(f64, f64, f64); 3] = [(0.2, -2.0, 0.2), (0.5, 0.0, 0.2), (0.3, 3.0, 0.2)];
const POINTS: usize = 40_000;
const STEPS: usize = 200;

fn main() -> Result<(), Error> {
    let tokens = Categorical::new(3, Replacement::Mask, Schedule::Linear)?;
    let types = TYPES.map(|(weight, mean, std)| PointType { weight, mean, std });
    let model = TypedPoints::new(tokens, Linear, types.to_vec())?;
    let process = (tokens, GaussianDiffusion::<Linear, Samples>::new(Linear));

    let grid = Grid::uniform_t(&Linear, STEPS)?;
    let mut rng = Rng::new(1);
    let like = (Tokens::new(vec![0; POINTS], 1)?, Samples(vec![vec![0.0]; POINTS]));
    let noise = process.prior(&like, 1.0, &mut rng);
    let mut estimate = |x: &_, t| model.estimate(x, t).expect("states of the model's own process");
    let (kinds, points) = generate(&process, &mut estimate, &grid, noise, &mut rng);

    println!("{POINTS} points, {STEPS} steps (exact values in brackets)");
    for (k, (weight, mean, std)) in TYPES.into_iter().enumerate() {
        let chosen = kinds.values.iter().zip(&points.0).filter(|(kind, _)| **kind as usize == k);
        let at: Vec<f64> = chosen.map(|(_, point)| point[0]).collect();
        let n = at.len() as f64;
        let centre = at.iter().sum::<f64>() / n;
        let spread = (at.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / n).sqrt();
        let frequency = n / POINTS as f64;
        println!(
            "type {k}: frequency {frequency:.4} [{weight}], mean {centre:+.4} [{mean:+}], std {spread:.4} [{std}]"
        );
    }
    Ok(())
}
