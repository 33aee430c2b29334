//! What a training step and a sample of the density networks cost.
//!
//! ```text
//! cargo run --release -p nets --example density_steps
//! ```
//!
//! Nine variables, three condition columns, batches of 512: a coupling flow of ten layers with two hidden layers of
//! 128, and the transformer of arXiv:2305.10475; each plain, and with the noise of Bayesian weights. A step is forward
//! pass, backward pass and the gradients as one flat vector. Printed are the fastest and the median of the steps: on a
//! shared machine the first says more.

use std::time::Instant;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;
use nets::bayes::initial_spread;
use nets::{Component, CouplingFlowConfig, EventGptConfig, Noise, Spread, gradients, host};

const BATCH: usize = 512;
const FEATURES: usize = 9;
const CONDITIONS: usize = 3;

/// Rows per pass: a batch in shards, whose gradients are added, keeps the activations in the cache.
const SHARDS: [usize; 2] = [512, 64];

fn normal(rng: &mut Rng, rows: usize, columns: usize) -> Tensor<2> {
    Tensor::from_data(TensorData::new(rng.normal(rows, columns), [rows, columns]), &Device::flex())
}

fn report(what: &str, runs: usize, mut run: impl FnMut()) {
    run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            1e3 * start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what:<44}{:>10.1}{:>10.1} ms", times[0], times[runs / 2]);
}

fn steps<M: Module>(name: &str, net: &M, loss: impl Fn(&M, Tensor<2>, Tensor<2>, Spread<M>) -> Tensor<1>) {
    let net = net.clone().fork(&Device::flex().autodiff()).train();
    let mut rng = Rng::new(1);
    let spread = initial_spread(&net);
    let mut source = Rng::new(3);
    let noise = Noise::new(move |rows, columns| source.normal(rows, columns));
    println!("{name}, {} parameters", net.num_params());
    for rows in SHARDS {
        let (x, condition) =
            (normal(&mut rng, rows, FEATURES).autodiff(), normal(&mut rng, rows, CONDITIONS).autodiff());
        for (what, spread) in [("plain", None), ("Bayesian", Some((&spread, &noise)))] {
            report(&format!("  {what} step, shards of {rows}"), 5, || {
                for _ in 0..BATCH / rows {
                    let tape = loss(&net, x.clone(), condition.clone(), spread).mean().neg().backward();
                    assert!(gradients(&net, &tape).iter().all(|g| g.is_finite()));
                    assert!(spread.is_none_or(|(s, _)| gradients(s, &tape).iter().all(|g| g.is_finite())));
                }
            });
        }
    }
}

fn main() {
    let device = Device::flex();
    println!("{:<44}{:>10}{:>10}", format!("batch {BATCH}, {FEATURES} variables"), "fastest", "median");
    let mut rng = Rng::new(2);
    let condition = normal(&mut rng, BATCH, CONDITIONS);

    let flow = CouplingFlowConfig::new(FEATURES, CONDITIONS).init(&device);
    steps("flow", &flow, |net, x, condition, spread| net.log_density(x, condition, spread));
    let z = normal(&mut rng, BATCH, FEATURES);
    report("  512 samples", 5, || {
        host(flow.from_noise(z.clone(), condition.clone()));
    });

    let gpt = EventGptConfig::new(vec![Component::Gaussian; FEATURES], CONDITIONS).init(&device);
    steps("transformer", &gpt, |net, x, condition, spread| net.log_density(x, condition, spread));
    report("  512 samples", 5, || {
        host(gpt.sample(condition.clone(), |_| rng.uniform(1, 1)[0]));
    });
}
