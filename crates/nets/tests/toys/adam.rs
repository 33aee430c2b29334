//! A small training loop: Adam (Kingma & Ba, arXiv:1412.6980, algorithm 1) with a rate that falls like a half cosine.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use nets::{gradients, load, values};

/// The network after `steps` steps on the mean of `loss(network, step)`.
pub fn train<M: Module>(net: M, steps: u64, rate: f64, loss: impl Fn(&M, u64) -> Tensor<1>) -> M {
    let tracked = net.clone().fork(&Device::flex().autodiff()).train();
    let mut flat = values(&net);
    let mut moments = vec![(0f64, 0f64); flat.len()];
    for step in 0..steps {
        let current = load(tracked.clone(), &flat);
        let gradient = gradients(&current, &loss(&current, step).mean().backward());
        let rate = rate * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps as f64).cos());
        let power = step as i32 + 1;
        for ((weight, (first, second)), g) in flat.iter_mut().zip(&mut moments).zip(gradient) {
            let g = f64::from(g);
            *first += 0.1 * (g - *first);
            *second += 0.01 * (g * g - *second);
            let (mean, square) = (*first / (1.0 - 0.9f64.powi(power)), *second / (1.0 - 0.99f64.powi(power)));
            *weight -= (rate * mean / (square.sqrt() + 1e-8)) as f32;
        }
    }
    load(net, &flat)
}
