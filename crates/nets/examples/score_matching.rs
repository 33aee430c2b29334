//! Score-matching losses side by side, and why one noise level is not enough.
//!
//! ```text
//! cargo run --release -p nets --example score_matching
//! ```
//!
//! First: one small network, one mixture of two normals, every loss; how close the score comes, and what a step costs.
//! Then: two modes of weights 0.2 and 0.8 far apart, sampled by Langevin dynamics. Between the modes there are no data,
//! hence no score, and the weights are lost; at many noise levels the modes overlap and the weights are found again.
//! After Song & Ermon, arXiv:1907.05600, section 3.2 and figure 3.

#[path = "../tests/toys/adam.rs"]
mod adam;

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::{Component, Mixture};
use diffusion::score::*;
use diffusion::{Edm, Error, Probe, Rng, Space, score};
use nets::*;

const BATCH: usize = 256;
const STEPS: u64 = 400;

fn batch(values: &[f64], columns: usize) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

fn constant(value: f64, x: &Tensor<2>) -> Tensor<2> {
    Tensor::full([x.dims()[0], 1], value, &x.device())
}

/// Weights 0.2 and 0.8 at (-distance, -distance) and (distance, distance).
fn modes(distance: f64) -> Result<Mixture<Edm>, Error> {
    let component = |weight, centre| Component { weight, mean: vec![centre; 2], std: 1.0 };
    Mixture::new(Edm::default(), vec![component(0.2, -distance), component(0.8, distance)])
}

fn data(truth: &Mixture<Edm>, first: u64, rows: usize) -> Tensor<2> {
    batch(&truth.data(&mut Rng::new(1).at(first), rows).concat(), 2)
}

/// The true score of the data with noise `sigma`.
fn exact(truth: &Mixture<Edm>, x: &Tensor<2>, sigma: f64) -> Tensor<2> {
    // The mixture's score divides by sigma: without noise, take a negligible one.
    let rows: Vec<f64> = host(x.clone()).chunks(2).flat_map(|x| score(truth, &x.to_vec(), sigma.max(1e-3))).collect();
    batch(&rows, 2)
}

/// Trains a network by one loss and prints a line of the table.
fn line(
    truth: &Mixture<Edm>,
    name: &str,
    sigma: f64,
    loss: impl Fn(&ToyMlp, Tensor<2>, &mut Rng) -> Tensor<1>,
) -> ToyMlp {
    let net = ToyMlpConfig::new(2).with_hidden(48, 2).init(&Device::flex());
    let start = Instant::now();
    let net = adam::train(net, STEPS, 1e-2, |net, step| {
        let first = step * BATCH as u64;
        loss(net, data(truth, first, BATCH).autodiff(), &mut Rng::new(2).at(first))
    });
    let time = start.elapsed().as_secs_f64() / STEPS as f64;
    let clean = data(truth, 1 << 40, 4000);
    let x = clean.clone().axpby(1.0, sigma, &clean.randn_like(&mut Rng::new(3)));
    let target = exact(truth, &x, sigma);
    let fisher = host(explicit(net.forward(x.clone(), constant(0.0, &x)), target.clone()).mean())[0];
    let scale = host(explicit(target.clone(), target.zeros_like()).mean())[0];
    let last = host(loss(&net, clean, &mut Rng::new(4)).mean())[0];
    println!("{name:<32}{last:>10.4}{fisher:>12.5}{:>12.2} %{:>11.2} ms", 100.0 * fisher / scale, 1e3 * time);
    net
}

fn output(net: &ToyMlp, x: &Tensor<2>) -> Tensor<2> {
    net.forward(x.clone(), constant(0.0, x))
}

fn moving(net: &ToyMlp) -> impl Fn(&Tensor<2>, &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    |x, v| net.jvp(Dual::new(x.clone(), v.clone()), constant(0.0, x).into()).parts()
}

/// `x <- x + step/2 s(x) + sqrt(step) z`.
fn langevin(
    s: impl Fn(&Tensor<2>) -> Tensor<2>,
    mut x: Tensor<2>,
    step: f64,
    steps: usize,
    rng: &mut Rng,
) -> Tensor<2> {
    for _ in 0..steps {
        let z = x.randn_like(rng);
        x = x.clone().axpby(1.0, 0.5 * step, &s(&x)).axpby(1.0, step.sqrt(), &z);
    }
    x
}

/// Share of the samples in the mode of weight 0.8.
fn share(x: Tensor<2>) -> f64 {
    let values = host(x);
    values.chunks(2).filter(|x| x[0] + x[1] > 0.0).count() as f64 / (values.len() / 2) as f64
}

fn main() -> Result<(), Error> {
    let near = modes(1.0)?;
    println!("{:<32}{:>10}{:>12}{:>14}{:>14}", "loss", "value", "Fisher", "of E|s|^2/2", "per step");
    line(&near, "explicit", 0.0, |net, x, _| explicit(output(net, &x), exact(&near, &x, 0.0)));
    line(&near, "implicit", 0.0, |net, x, _| implicit(moving(net), &x));
    for probe in [Probe::Rademacher, Probe::Gaussian, Probe::Sphere] {
        line(&near, &format!("sliced, {probe:?}"), 0.0, |net, x, rng| sliced(moving(net), &x, &probe.draw(&x, rng)));
        line(&near, &format!("reduced sliced, {probe:?}"), 0.0, |net, x, rng| {
            sliced_reduced(moving(net), &x, &probe.draw(&x, rng))
        });
    }
    for sigma in [0.1, 0.5] {
        line(&near, &format!("denoising, sigma = {sigma}"), sigma, |net, x, rng| {
            denoising(|x| output(net, x), &x, sigma, rng).expect("sigma > 0")
        });
    }

    let far = modes(5.0)?;
    println!("\ntwo modes ten standard deviations apart\n");
    println!("{:<32}{:>10}{:>12}{:>14}{:>14}", "loss", "value", "Fisher", "of E|s|^2/2", "per step");
    let by_slices = line(&far, "reduced sliced, Rademacher", 0.0, |net, x, rng| {
        sliced_reduced(moving(net), &x, &Probe::Rademacher.draw(&x, rng))
    });
    let by_denoising = line(&far, "denoising, sigma = 0.3", 0.3, |net, x, rng| {
        denoising(|x| output(net, x), &x, 0.3, rng).expect("sigma > 0")
    });
    let ncsn = Ncsn::geometric(20.0, 0.3, 10)?;
    let conditional = |net: &ToyMlp, x: &Tensor<2>, sigma: &Tensor<2>| {
        let scale = (sigma.clone() * sigma.clone()).add_scalar(50.0).sqrt();
        net.forward(x.clone() / scale, sigma.clone().log()) / sigma.clone()
    };
    let net = ToyMlpConfig::new(2).with_hidden(48, 2).init(&Device::flex());
    let net = adam::train(net, 2 * STEPS, 1e-2, |net, step| {
        let first = step * BATCH as u64;
        let data = data(&far, first, BATCH).autodiff();
        ncsn.losses(|x, sigma| conditional(net, x, sigma), &data, &mut Rng::new(5).at(first))
    });

    let rows = 1000;
    let uniform: Vec<f64> = Rng::new(6).uniform(rows, 2).iter().map(|u| 16.0 * u - 8.0).collect();
    let start = batch(&uniform, 2);
    let rng = &mut Rng::new(7);
    println!("\n{:<44}{:>12}", "Langevin dynamics, 1000 steps", "large mode");
    println!("{:<44}{:>12.3}", "truth", 0.8);
    println!(
        "{:<44}{:>12.3}",
        "exact score of the data",
        share(langevin(|x| exact(&far, x, 0.0), start.clone(), 0.1, 1000, rng))
    );
    println!(
        "{:<44}{:>12.3}",
        "reduced sliced",
        share(langevin(|x| output(&by_slices, x), start.clone(), 0.1, 1000, rng))
    );
    println!(
        "{:<44}{:>12.3}",
        "denoising, sigma = 0.3",
        share(langevin(|x| output(&by_denoising, x), start.clone(), 0.1, 1000, rng))
    );
    let mut x = start.axpby(0.0, 20.0, &batch(&Rng::new(8).normal_f64(rows, 2), 2));
    for &sigma in ncsn.levels() {
        // Steps in proportion to the variance: the same relative accuracy at every level.
        x = langevin(|x| conditional(&net, x, &constant(sigma, x)), x, 0.1 * sigma * sigma, 100, rng);
    }
    println!("{:<44}{:>12.3}", "ten noise levels, annealed", share(x));
    Ok(())
}
