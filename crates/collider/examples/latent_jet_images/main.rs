//! Latent diffusion from end to end: images of jets, an autoencoder, a diffusion model of its codes, and a picture that judges both.
//!
//! ```text
//! cargo run --release -p collider --example latent_jet_images -- PICTURE.svg
//! ```
//!
//! Light quark, W and top jets of `data/jets`, 3000 of each to train on and 2000 to compare with. The autoencoder squeezes 256
//! pixels into 48 numbers ([`kl_regularised`]); an EDM-preconditioned network learns their law given the class ([`Latent`]).
//! What is lost by the autoencoder and what by the diffusion are told apart: every figure stands beside that of the
//! reconstructed data and beside the floor, two samples of real jets. After Rombach et al., arXiv:2112.10752.

#[path = "../../../nets/tests/toys/adam.rs"]
mod adam;
mod autoencoder;
mod images;
mod panel;
mod picture;

use std::error::Error;
use std::time::Instant;

use autoencoder::{Autoencoder, CODE};
use burn::tensor::{Device, Int, Tensor, TensorData};
use collider::{JetClass, jetnet};
use diffusion::latent::{Standardise, kl_regularised, reparameterise};
use diffusion::*;
use images::{Image, PIXELS, cleaned, images, mass, mean_radius};
use metrics::wasserstein_1d;
use nets::{ResidualMlp, ResidualMlpConfig};

const CLASSES: [JetClass; 3] = [JetClass::Q, JetClass::W, JetClass::T];
const TRAIN: usize = 3000;
const BATCH: usize = 256;
const TARGET: Target = Target::Edm { sigma_data: 1.0 };

/// What is compared for one class.
pub struct Sample {
    /// The class.
    pub class: JetClass,
    /// Real images that were not trained on.
    pub real: Vec<Image>,
    /// The same through encoder and decoder.
    pub decoded: Vec<Image>,
    /// Generated images.
    pub generated: Vec<Image>,
    /// Real images again, from those trained on: the floor.
    pub other: Vec<Image>,
}

/// Amplitudes `[B, PIXELS]` and one-hot classes `[B, 3]`.
fn tensors(rows: &[(&Image, usize)], device: &Device) -> (Tensor<2>, Tensor<2>) {
    let amplitudes: Vec<f32> = rows.iter().flat_map(|(image, _)| image.iter().map(|v| v.sqrt() as f32)).collect();
    (
        Tensor::from_data(TensorData::new(amplitudes, [rows.len(), PIXELS]), device),
        one_hot(rows.iter().map(|r| r.1), device),
    )
}

fn one_hot(classes: impl Iterator<Item = usize>, device: &Device) -> Tensor<2> {
    let rows: Vec<f32> = classes.flat_map(|c| (0..CLASSES.len()).map(move |k| f32::from(u8::from(k == c)))).collect();
    let n = rows.len() / CLASSES.len();
    Tensor::from_data(TensorData::new(rows, [n, CLASSES.len()]), device)
}

/// Images of amplitudes, the threshold applied.
fn shares(amplitudes: Tensor<2>) -> Vec<Image> {
    amplitudes.to_host().into_iter().filter_map(|row| cleaned(row.into_iter().map(|a| a * a).collect())).collect()
}

/// Row numbers of the batch of a step, the same for every run.
fn places(step: u64, rows: usize) -> impl Iterator<Item = usize> {
    Rng::new(1).at(step).uniform(1, BATCH).into_iter().map(move |u| (u * rows as f64) as usize)
}

fn train_autoencoder(train: &[(&Image, usize)], steps: u64, device: &Device) -> Autoencoder {
    let tape = device.clone().autodiff();
    adam::train(Autoencoder::new(CLASSES.len(), device), steps, 2e-3, |net, step| {
        let rows: Vec<(&Image, usize)> = places(step, train.len()).map(|row| train[row]).collect();
        let (x, class) = tensors(&rows, &tape);
        let (mean, log_variance) = net.encode(x.clone(), class.clone());
        let noise = mean.randn_like(&mut Rng::new(2).at(step * BATCH as u64));
        let code = reparameterise(mean.clone(), log_variance.clone(), noise);
        kl_regularised(x, net.decode(code, class), mean, log_variance, 3e-5)
    })
}

/// A network for standardised codes and how they were standardised.
fn train_denoiser(
    autoencoder: &Autoencoder,
    train: &[(&Image, usize)],
    steps: u64,
    device: &Device,
) -> Result<(ResidualMlp, Standardise), Box<dyn Error>> {
    let (x, class) = tensors(train, device);
    let (mean, log_variance) = autoencoder.encode(x, class.clone());
    let noise = mean.randn_like(&mut Rng::new(3));
    let standardise = Standardise::of(&reparameterise(mean.clone(), log_variance.clone(), noise))?;
    let objective = Objective {
        path: Box::new(Edm::default()),
        target: TARGET,
        weight: Weight::Edm { sigma_data: 1.0 },
        times: Times::LogNormal { mean: -0.4, std: 1.2 },
        coupling: Coupling::Independent,
    };
    let config = ResidualMlpConfig { features: CODE, conditions: CLASSES.len(), width: 128, layers: 4 };
    let net = adam::train(config.init(device), steps, 2e-3, |net, step| {
        let mut rng = Rng::new(4).at(step * BATCH as u64);
        let rows: Vec<i32> = places(step, train.len()).map(|row| row as i32).collect();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [BATCH]), device);
        let of = |x: &Tensor<2>| x.clone().select(0, rows.clone());
        let noise = of(&mean).randn_like(&mut rng);
        let code = reparameterise(of(&mean), of(&log_variance), noise);
        let code = standardise.standardise(code).expect("codes of one width").autodiff();
        let drawn = objective.draw(&mut rng, BATCH).expect("the paper's constants");
        let noise = code.randn_like(&mut rng);
        let problem = regression(&drawn, code, noise);
        problem.losses(net.forward(problem.input.clone(), problem.noise_level.clone(), of(&class).autodiff()))
    });
    Ok((net, standardise))
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "latent_jet_images.svg".to_owned());
    let device = Device::flex();
    let start = Instant::now();
    let data = CLASSES.map(|class| {
        let path = format!("{}/../../data/jets/{class}.hdf5", env!("CARGO_MANIFEST_DIR"));
        jetnet::read(path).map(|jets| images(&jets))
    });
    let data: Vec<Vec<Image>> = data.into_iter().collect::<Result<_, _>>()?;
    let train: Vec<(&Image, usize)> =
        data.iter().enumerate().flat_map(|(k, images)| images[..TRAIN].iter().map(move |image| (image, k))).collect();

    let autoencoder = train_autoencoder(&train, 3500, &device);
    println!("autoencoder trained after {:.0} s", start.elapsed().as_secs_f64());
    let (net, standardise) = train_denoiser(&autoencoder, &train, 3000, &device)?;
    println!("denoiser trained after {:.0} s", start.elapsed().as_secs_f64());

    let (path, sampler): (Edm, Sampler) = (Edm::default(), "unipc2-edm".parse()?);
    let grid = Grid::edm(&path, 18)?;
    let mut samples = Vec::new();
    for (k, class) in CLASSES.into_iter().enumerate() {
        let real = data[k][TRAIN..].to_vec();
        let n = real.len();
        let rows: Vec<(&Image, usize)> = real.iter().map(|image| (image, k)).collect();
        let (x, label) = tensors(&rows, &device);
        let decoded = shares(autoencoder.decode(autoencoder.encode(x, label.clone()).0, label.clone()));
        let network = |x: Tensor<2>, level: f64| {
            let level = Tensor::full([n, 1], level, &device);
            net.forward(x, level, label.clone())
        };
        let latent = Latent {
            model: Preconditioned { path, target: TARGET, network },
            decoder: |code| autoencoder.decode(code, label.clone()),
            standardise: standardise.clone(),
        };
        let like = Tensor::<2>::zeros([n, CODE], &device);
        let (amplitudes, _) = latent.sample(&sampler, &grid, &like, &mut Rng::new(5).stream(k as u64))?;
        samples.push(Sample { class, decoded, generated: shares(amplitudes), other: data[k][..n].to_vec(), real });
    }
    println!("sampled after {:.0} s\n", start.elapsed().as_secs_f64());
    print(&samples)?;
    std::fs::write(&file, picture::svg(&samples))?;
    println!("\n{file}");
    Ok(())
}

/// W1 distances of mass and girth from the real jets, in thousandths.
fn print(samples: &[Sample]) -> Result<(), Box<dyn Error>> {
    println!("{:<12}{:<24}{:>10}{:>10}{:>10}", "class", "W1 to real, [1e-3]", "generated", "decoded", "floor");
    for sample in samples {
        for (name, of) in [("mass/pT", mass as fn(&Image) -> f64), ("girth", mean_radius)] {
            let values = |images: &[Image]| images.iter().map(of).collect::<Vec<f64>>();
            let far =
                |images: &[Image]| wasserstein_1d(&mut values(images), &mut values(&sample.real)).map(|w| 1e3 * w);
            let [generated, decoded, floor] = [&sample.generated, &sample.decoded, &sample.other].map(|i| far(i));
            println!("{:<12}{name:<24}{:>10.2}{:>10.2}{:>10.2}", sample.class.name(), generated?, decoded?, floor?);
        }
        let error = |(a, b): (&Image, &Image)| a.iter().zip(b).map(|(a, b)| (a.sqrt() - b.sqrt()).powi(2)).sum::<f64>();
        let lost = sample.real.iter().zip(&sample.decoded).map(error).sum::<f64>() / sample.real.len() as f64;
        let any = sample.real.iter().zip(&sample.other).map(error).sum::<f64>() / sample.real.len() as f64;
        println!(
            "{:<12}squared distance of amplitudes (0 to 2): reconstruction {lost:.3}, between two jets {any:.3}",
            ""
        );
    }
    Ok(())
}
