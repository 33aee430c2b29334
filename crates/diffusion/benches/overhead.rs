//! What the sampling loop itself costs: microseconds per step of every sampler when the model is free.
//!
//! A batch of 256 clouds of 30 particles with 3 features, a model that only scales. Run with
//! `cargo bench -p diffusion --bench overhead`; medians of nine runs of 20 steps.

use std::time::Instant;

use burn::tensor::{Device, Tensor};
use diffusion::*;

const SHAPE: [usize; 3] = [256, 30, 3];
const STEPS: usize = 20;
const RUNS: usize = 9;

struct Free(VpLinear);

impl<X: Space> Denoise<X> for Free {
    fn path(&self) -> &dyn Path {
        &self.0
    }

    fn denoise(&self, x: &X, _: f64) -> X {
        x.clone().scale(0.5)
    }
}

/// Median microseconds per step.
fn time(mut run: impl FnMut(Tensor<3>, &mut Rng) -> Tensor<3>) -> f64 {
    let device = Device::flex();
    let mut times: Vec<f64> = (0..=RUNS)
        .map(|_| {
            let mut rng = Rng::new(1);
            let x = Tensor::<3>::zeros(SHAPE, &device).randn_like(&mut rng);
            let start = Instant::now();
            let _ = run(x, &mut rng).into_data();
            1e6 * start.elapsed().as_secs_f64() / STEPS as f64
        })
        .skip(1)
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> Result<(), Error> {
    let path = VpLinear::default();
    let (model, grid) = (Free(path), Grid::edm(&path, STEPS)?);
    println!("batch {SHAPE:?}, free model, microseconds per step");
    println!("{:>22} {:9.1}", "the model alone", time(|x, _| (0..STEPS).fold(x, |x, _| model.denoise(&x, 0.5))));
    println!("{:>22} {:9.1}", "one draw of noise", time(|x, rng| (0..STEPS).fold(x, |x, _| x.randn_like(rng))));
    for name in Sampler::NAMES {
        let sampler: Sampler = name.parse()?;
        println!("{name:>22} {:9.1}", time(|x, rng| sampler.run(&model, &grid, x, rng, &mut |_| {}).x));
    }
    let on_path = OnBrownianPath { method: Ddim { eta: 1.0 }, tree: BrownianTree::default() };
    let name = "ddpm on a tree";
    println!("{name:>22} {:9.1}", time(|x, rng| sample(&model, &on_path, &grid, x, rng, &mut |_| {}).x));
    Ok(())
}
