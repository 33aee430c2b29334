//! Every score-matching loss teaches the exact score of a correlated normal, or of that normal with noise.

use burn::tensor::{Device, Tensor};
use diffusion::score::*;
use diffusion::{Probe, Rng, Space};
use nets::*;

use crate::adam::train;
use crate::{batch, host, seeded};

const BATCH: usize = 128;
const STEPS: u64 = 200;

/// Data `A z` with covariance `A A^T` = ((1, 0.6), (0.6, 0.72)).
fn data(step: u64, rows: usize) -> Tensor<2> {
    let z = Rng::new(31).at(step * BATCH as u64).normal_f64(rows, 2);
    let row = |z: &[f64]| [z[0], 0.6 * z[0] + 0.6 * z[1]];
    batch(&z.chunks(2).flat_map(row).collect::<Vec<f64>>(), 2)
}

/// The score `-(A A^T + sigma² I)^-1 x`.
fn exact(x: &Tensor<2>, sigma: f64) -> Tensor<2> {
    let (a, b, c) = (1.0 + sigma * sigma, 0.6, 0.72 + sigma * sigma);
    let det = a * c - b * b;
    x.clone().matmul(batch(&[-c / det, b / det, b / det, -a / det], 2))
}

/// Fisher divergence from the exact score as a share of `1/2 E|score|²`, at fresh samples of noise `sigma`.
fn divergence(score: impl Fn(&Tensor<2>) -> Tensor<2>, sigma: f64) -> f64 {
    let clean = data(1 << 40, 2000);
    let x = clean.clone().axpby(1.0, sigma, &clean.randn_like(&mut Rng::new(32)));
    let target = exact(&x, sigma);
    let error = host(explicit(score(&x), target.clone()).mean())[0];
    error / host(explicit(target.clone(), target.zeros_like()).mean())[0]
}

fn level(x: &Tensor<2>) -> Tensor<2> {
    x.clone().slice([0..x.dims()[0], 0..1]).zeros_like()
}

fn moving<'a>(net: &'a ToyMlp) -> impl Fn(&Tensor<2>, &Tensor<2>) -> (Tensor<2>, Tensor<2>) + 'a {
    |x, v| net.jvp(Dual::new(x.clone(), v.clone()), level(x).into()).parts()
}

fn fitted(what: &str, sigma: f64, bound: f64, loss: impl Fn(&ToyMlp, Tensor<2>, Rng) -> Tensor<1>) {
    let device = Device::flex();
    let net = ToyMlpConfig::new(2).with_hidden(24, 2).init(&device);
    let net = train(seeded(net, 1.0), STEPS, 2e-2, |net, step| {
        loss(net, data(step, BATCH).autodiff(), Rng::new(33).at(step * BATCH as u64))
    });
    let share = divergence(|x| net.forward(x.clone(), level(x)), sigma);
    println!("{what}: Fisher divergence {share:.5} of 1/2 E|score|^2");
    assert!(share < bound, "{what}: {share}");
}

#[test]
fn explicit_score_matching_learns_the_score() {
    fitted("explicit", 0.0, 0.002, |net, x, _| explicit(net.forward(x.clone(), level(&x)), exact(&x, 0.0)));
}

#[test]
fn implicit_score_matching_learns_the_score() {
    fitted("implicit", 0.0, 0.02, |net, x, _| implicit(moving(net), &x));
}

#[test]
fn sliced_score_matching_learns_the_score() {
    fitted("sliced", 0.0, 0.02, |net, x, mut rng| {
        let v = Probe::Rademacher.draw(&x, &mut rng);
        sliced(moving(net), &x, &v)
    });
}

#[test]
fn reduced_sliced_score_matching_learns_the_score() {
    fitted("reduced sliced", 0.0, 0.02, |net, x, mut rng| {
        let v = Probe::Rademacher.draw(&x, &mut rng);
        sliced_reduced(moving(net), &x, &v)
    });
}

#[test]
fn denoising_score_matching_learns_the_score_of_the_noisy_data() {
    fitted("denoising", 0.5, 0.02, |net, x, mut rng| {
        denoising(|x| net.forward(x.clone(), level(x)), &x, 0.5, &mut rng).unwrap()
    });
}

#[test]
fn an_energy_network_learns_the_score_from_slices() {
    let device = Device::flex();
    let net = ToyMlpConfig::new(2).with_hidden(24, 2).init_energy(&device);
    let net = train(seeded(net, 1.0), STEPS, 2e-2, |net, step| {
        let x = data(step, BATCH).autodiff();
        let v = Probe::Sphere.draw(&x, &mut Rng::new(34).at(step * BATCH as u64));
        sliced_reduced(|x, v| net.jvp(Dual::new(x.clone(), v.clone()), level(x).into()).parts(), &x, &v)
    });
    let share = divergence(|x| net.forward(x.clone(), level(x)), 0.0);
    println!("energy, reduced sliced: Fisher divergence {share:.5} of 1/2 E|score|^2");
    assert!(share < 0.02, "{share}");
}

#[test]
fn a_deep_equilibrium_network_learns_the_score_of_the_noisy_data() {
    let device = Device::flex();
    let config = DeepEquilibriumConfig { features: 2, width: 16, frequencies: 0, activation: Smooth::Silu };
    let solver = FixedPoint::default();
    let sigma = 0.5;
    let net = train(seeded(config.init(&device), 0.7), STEPS, 1e-2, |net, step| {
        let data = data(step, BATCH).autodiff();
        let z = data.randn_like(&mut Rng::new(35).at(step * BATCH as u64));
        let noisy = data.axpby(1.0, sigma, &z);
        let target = z.scale(-1.0 / sigma);
        net.losses(noisy.clone(), level(&noisy), &solver, |score| explicit(score, target.clone())).unwrap()
    });
    let share = divergence(|x| net.forward(x.clone(), level(x), &solver).unwrap(), sigma);
    println!("deep equilibrium, denoising: Fisher divergence {share:.5} of 1/2 E|score|^2");
    assert!(share < 0.02, "{share}");
}
