//! The small networks: derivatives written out, and trained for a moment, they reach what is known exactly.

mod adam;
mod classes;
mod equilibrium;
mod levels;
mod scores;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;

/// The network with weights `gain/sqrt(inputs)` times standard normals, the same in every run.
fn seeded<M: Module>(net: M, gain: f64) -> M {
    let draw = |(i, info): (usize, nets::ParameterInfo)| {
        let scale = if info.shape.len() == 2 { gain / (info.shape[0] as f64).sqrt() } else { 0.1 * gain };
        let z = Rng::new(50).at(i as u64).normal_f64(1, info.shape.iter().product());
        z.into_iter().map(|z| (scale * z) as f32).collect::<Vec<f32>>()
    };
    let flat: Vec<f32> = nets::inventory(&net).into_iter().enumerate().flat_map(draw).collect();
    nets::load(net, &flat)
}

fn batch(values: &[f64], columns: usize) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}
