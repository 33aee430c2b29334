//! The smallest possible loss, in closed form: what a perfect network would reach on normal data.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::Gaussian;
use diffusion::*;

const N: usize = 40_000;

fn objective(path: &str, target: Target, weight: Weight, times: Times) -> Objective {
    let path: AnyPath = path.parse().unwrap();
    Objective { path: Box::new(path), target, weight, times, coupling: Coupling::Independent }
}

/// Losses of the perfect network on `N(m, s²)`, with the draws they belong to.
fn perfect(o: &Objective, path: &str, m: f64, s: f64) -> (Vec<Drawn>, Vec<f64>) {
    let model = Gaussian::isotropic(path.parse::<AnyPath>().unwrap(), 1, m, s).unwrap();
    let device = Device::flex();
    let rng = Rng::new(77);
    let drawn = o.draw(&mut rng.clone(), N).unwrap();
    let values: Vec<f32> = rng.clone().stream(1).normal(N, 1).iter().map(|z| m as f32 + s as f32 * z).collect();
    let data = Tensor::<2>::from_data(TensorData::new(values, [N, 1]), &device);
    let noise = o.coupling.noise(&data, &mut rng.stream(2));
    let problem = regression(&drawn, data, noise);
    let seen: Vec<f32> = problem.input.to_data().try_to_vec().unwrap();
    let output: Vec<f32> = drawn
        .iter()
        .zip(&seen)
        .map(|(d, seen)| {
            let x = f64::from(*seen) / d.row.input;
            let estimate = model.denoise(&vec![x], d.t)[0];
            ((estimate - d.row.skip * x) / d.row.out) as f32
        })
        .collect();
    let losses = problem.losses(Tensor::from_data(TensorData::new(output, [N, 1]), &device));
    let losses: Vec<f32> = losses.into_data().try_to_vec().unwrap();
    (drawn, losses.into_iter().map(f64::from).collect())
}

/// The mean's distance from `expected` in standard errors.
fn pull(values: &[f64], expected: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean - expected) / (variance / n).sqrt()
}

#[test]
fn the_flow_matching_loss_of_a_normal_is_pi_s_over_two() {
    // Var[noise - data | x_t] = s²/((1-t)² s² + t²), whose integral over t is s (arctan s + arctan 1/s) = pi s/2.
    for (m, s) in [(0.4, 0.7), (0.0, 1.0), (-2.0, 3.0)] {
        let o = objective("linear", Target::Velocity, Weight::Flat, Times::Uniform);
        let (_, losses) = perfect(&o, "linear", m, s);
        let sigmas = pull(&losses, 0.5 * std::f64::consts::PI * s);
        assert!(sigmas.abs() < 4.0, "s = {s}: {sigmas} sigmas");
    }
}

#[test]
fn the_noise_loss_of_a_normal_is_its_share_of_signal() {
    // Var[noise | x_t] = alpha² s²/(alpha² s² + sigma²).
    let s = 0.7;
    for path in ["vp", "cosine", "ddpm"] {
        let (drawn, losses) = perfect(&objective(path, Target::Noise, Weight::Flat, Times::Uniform), path, 0.4, s);
        let floor = |d: &Drawn| {
            let signal = (d.coef.alpha * s).powi(2);
            signal / (signal + d.coef.sigma.powi(2))
        };
        let excess: Vec<f64> = drawn.iter().zip(&losses).map(|(d, l)| l - floor(d)).collect();
        assert!(pull(&excess, 0.0).abs() < 4.0, "{path}: {} sigmas", pull(&excess, 0.0));
    }
}

#[test]
fn every_objective_has_the_weighted_posterior_variance_as_its_floor() {
    // A D-space weight w gives w Var[data | x_t] = w s² sigma²/(alpha² s² + sigma²), whatever the target.
    let (s, times) = (0.7, Times::LogNormal { mean: -0.5, std: 1.2 });
    for (path, target, weight) in [
        ("edm", Target::Edm { sigma_data: 0.7 }, Weight::Edm { sigma_data: 0.7 }),
        ("vp", Target::V, Weight::MinSnr { gamma: 5.0 }),
        ("cosine", Target::Score, Weight::Snr),
        ("linear", Target::Velocity, Weight::Data),
        ("ve", Target::Data, Weight::Data),
        ("vp", Target::Noise, Weight::Edm { sigma_data: 1.0 }),
        ("linear", Target::Edm { sigma_data: 1.0 }, Weight::Flat),
    ] {
        let (drawn, losses) = perfect(&objective(path, target, weight, times), path, 0.4, s);
        let floor = |d: &Drawn| {
            let variance = (s * d.coef.sigma).powi(2) / ((d.coef.alpha * s).powi(2) + d.coef.sigma.powi(2));
            variance * weight.of_estimate(d.coef, &d.row)
        };
        let excess: Vec<f64> = drawn.iter().zip(&losses).map(|(d, l)| l - floor(d)).collect();
        assert!(pull(&excess, 0.0).abs() < 4.0, "{path} {target:?}: {} sigmas", pull(&excess, 0.0));
    }
}

#[test]
fn objectives_refuse_constants_and_times_that_do_not_fit() {
    let mut rng = Rng::new(0);
    let zero = objective("edm", Target::Edm { sigma_data: 0.0 }, Weight::Flat, Times::Uniform);
    assert!(matches!(zero.draw(&mut rng, 1), Err(Error::Parameter { what: "sigma_data", .. })));
    let narrow = objective("edm", Target::Data, Weight::Flat, Times::LogNormal { mean: 0.0, std: -1.0 });
    assert!(matches!(narrow.draw(&mut rng, 1), Err(Error::Parameter { .. })));
    let clean = objective("linear", Target::Score, Weight::Flat, Times::Uniform);
    assert!(matches!(clean.at(0.0), Err(Error::NotFinite { t: 0.0, .. })));
}
