//! The error bars of a Bayesian flow: the truth lies within them as often as they say, they grow where data are thin, and
//! shrink with the number of data.
//!
//! The toy is a ramp: u in (0, 1) with the density 2u, seen as the code `c = Phi^-1(u)`, whose density is the skew normal
//! `2 phi(c) Phi(c)`. Of ten bins in u, bin k holds (2k + 1)/100.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{Rng, normal_quantile};
use nets::bayes::{draw, initial_spread, kl};
use nets::{CouplingFlow, CouplingFlowConfig, Noise, gradients, host, load, values};

const BINS: usize = 10;
const STEPS: usize = 600;
const DRAWS: usize = 60;

fn column(values: Vec<f32>) -> Tensor<2> {
    let rows = values.len();
    Tensor::from_data(TensorData::new(values, [rows, 1]), &Device::flex())
}

fn config() -> CouplingFlowConfig {
    CouplingFlowConfig { layers: 1, hidden: 0, bins: 8, bound: 4.0, ..CouplingFlowConfig::new(1, 0) }
}

/// Means and log variances of the flow's posterior given `n` numbers on the ramp.
fn posterior(seed: u64, n: usize) -> [Vec<f32>; 2] {
    let ramp = Rng::new(seed).uniform(n, 1).into_iter().map(|u| normal_quantile(u.sqrt()) as f32);
    let data = column(ramp.collect());
    let net = config().init(&Device::flex());
    let tape = Device::flex().autodiff();
    let (means, spread) = (net.clone().fork(&tape).train(), initial_spread(&net).fork(&tape).train());
    let mut flat = [values(&means), values(&spread)];
    let mut moments = [0, 1].map(|k| vec![(0f64, 0f64); flat[k].len()]);
    for step in 0..STEPS {
        let (m, s) = (load(means.clone(), &flat[0]), load(spread.clone(), &flat[1]));
        let mut rng = Rng::new(seed).stream(1 + step as u64);
        let noise = Noise::new(move |rows, columns| rng.normal(rows, columns));
        let x = Tensor::from_data(data.clone().into_data(), &tape);
        let nothing = Tensor::zeros([n, 0], &tape);
        let loss = m.log_density(x, nothing, Some((&s, &noise))).mean().neg();
        let loss = loss.backward();
        let divergence = kl(&flat[0], &flat[1], 1.0);
        // The prior of log variances is far from where they start: they move ten times faster.
        let rates =
            [0.02, 0.2].map(|rate| rate * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / STEPS as f64).cos()));
        let parts = [(gradients(&m, &loss), divergence.mean), (gradients(&s, &loss), divergence.log_variance)];
        for (k, (gradient, prior)) in parts.into_iter().enumerate() {
            for (((weight, (first, second)), g), prior) in
                flat[k].iter_mut().zip(&mut moments[k]).zip(gradient).zip(prior)
            {
                let g = f64::from(g) + f64::from(prior) / n as f64;
                *first += 0.1 * (g - *first);
                *second += 0.01 * (g * g - *second);
                let power = step as i32 + 1;
                let (mean, square) = (*first / (1.0 - 0.9f64.powi(power)), *second / (1.0 - 0.99f64.powi(power)));
                *weight -= (rates[k] * mean / (square.sqrt() + 1e-8)) as f32;
            }
        }
    }
    flat
}

/// Mean and standard deviation over draws of the weights of every bin's share.
fn bands(posterior: &[Vec<f32>; 2], seed: u64) -> Vec<(f64, f64)> {
    let net: CouplingFlow = config().init(&Device::flex());
    // The edges at u = 0 and 1 are beyond the box, where the flow is the identity.
    let edge = |k: usize| normal_quantile((k as f64 / BINS as f64).clamp(1e-9, 1.0 - 1e-9)) as f32;
    let edges = column((0..=BINS).map(edge).collect());
    let mut shares = vec![Vec::new(); BINS];
    for number in 0..DRAWS {
        let normals = Rng::new(seed).stream(99).at(number as u64).normal(1, posterior[0].len());
        let flow = load(net.clone(), &draw(&posterior[0], &posterior[1], &normals));
        let (z, _) = flow.to_noise(edges.clone(), Tensor::zeros([BINS + 1, 0], &Device::flex()), None);
        let below: Vec<f64> =
            host(z).iter().map(|z| 0.5 * libm::erfc(-f64::from(*z) / std::f64::consts::SQRT_2)).collect();
        shares.iter_mut().enumerate().for_each(|(k, shares)| shares.push(below[k + 1] - below[k]));
    }
    let band = |shares: &Vec<f64>| {
        let n = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / n;
        (mean, (shares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
    };
    shares.iter().map(band).collect()
}

fn truth(k: usize) -> f64 {
    (2 * k + 1) as f64 / (BINS * BINS) as f64
}

#[test]
fn the_truth_lies_within_the_bands_as_often_as_they_say_and_they_grow_where_data_are_thin() {
    let trainings = 10;
    let (mut inside, mut wide, mut all) = (0.0, 0.0, 0.0);
    let mut relative = vec![0.0; BINS];
    for seed in 0..trainings {
        for (k, (mean, band)) in bands(&posterior(700 + seed, 500), seed).into_iter().enumerate() {
            let pull = (mean - truth(k)).abs() / band;
            inside += f64::from(u8::from(pull < 1.0));
            wide += f64::from(u8::from(pull < 2.0));
            all += 1.0;
            relative[k] += band / truth(k) / trainings as f64;
        }
    }
    let (inside, wide) = (inside / all, wide / all);
    println!("within one band {inside:.3}, two {wide:.3}; relative {relative:.3?}");
    // About four of a training's ten bins are independent: 40 trials, of which 68 % and 95 % are expected; three sigmas.
    // Independent weights make bands wide rather than narrow, but not boundless.
    let least = |p: f64| p - 3.0 * (p * (1.0 - p) / 40.0).sqrt();
    assert!(inside > least(0.683) && wide > least(0.954), "{inside} {wide}");
    assert!(inside < 0.98, "{inside}");
    // Bin 0 holds 5 of 500 numbers, bin 5 has 55: by counting alone the first is known 3.4 times worse.
    assert!(relative[0] > 2.0 * relative[5], "{relative:?}");
    // Four times the data: by counting half the band.
    let more = bands(&posterior(700, 2000), 0);
    let few = bands(&posterior(700, 500), 0);
    let ratio = (3..7).map(|k| more[k].1 / few[k].1).sum::<f64>() / 4.0;
    assert!((0.35..0.7).contains(&ratio), "{ratio}");
}
