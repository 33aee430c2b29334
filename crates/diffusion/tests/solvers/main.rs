//! Solvers, SDEs and Langevin dynamics against exact models: orders, stationary laws, Brownian paths, distances.

#[path = "../common/ring.rs"]
mod ring;

mod brownian;
mod churn;
mod corrector;
mod langevin;
mod orders;
mod paths;
mod sde;
mod w2;

use diffusion::exact::Gaussian;
use diffusion::*;

/// Every path, by its name.
fn all_paths() -> Vec<(&'static str, AnyPath)> {
    AnyPath::NAMES.iter().map(|name| (*name, name.parse().unwrap())).collect()
}

/// Final variance over the data's for a method that is linear on normal data of mean zero, `x -> a x + b z`: the variance
/// is carried from step to step, then the law of the last estimate is completed by the posterior variance.
fn variance_ratio<S: Step<Vec<f64>>>(method: &S, path: &AnyPath, grid: &Grid, s: f64) -> f64 {
    let model = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
    let first = path.at(grid.times()[0]);
    let mut variance = (first.alpha * s).powi(2) + first.sigma.powi(2);
    for w in grid.times().windows(2) {
        let go = |x: f64| method.step(&model, vec![x], w[0], w[1], &mut S::Memory::default(), &mut Rng::new(1))[0];
        let z = Rng::new(1).normal_f64(1, 1)[0];
        let (gain, noise) = (go(1.0) - go(0.0), go(0.0) / z);
        variance = gain * gain * variance + noise * noise;
    }
    let last = *grid.times().last().unwrap();
    let gain = model.denoise(&vec![1.0], last)[0];
    (gain * gain * variance + model.posterior_variance(last)[0]) / (s * s)
}
