//! Properties that every network on particle clouds must have.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use nets::{AnyCloudNet, CloudNet, CloudShape, EpicConfig, ParticleTransformerConfig, gradients, load, values};

const BATCH: usize = 3;
const PARTICLES: usize = 7;
const SHAPE: CloudShape = CloudShape { features: 3, conditions: 4 };

fn networks(device: &Device) -> Vec<AnyCloudNet> {
    let epic = EpicConfig { shape: SHAPE, width: 16, global: 8, layers: 2 };
    let transformer = ParticleTransformerConfig { shape: SHAPE, width: 16, heads: 4, layers: 2, global: 8 };
    [AnyCloudNet::epic(&epic, device), AnyCloudNet::transformer(&transformer, device)]
        .into_iter()
        .map(|net| {
            // Away from the zero-initialised output, where everything is equivariant for a trivial reason.
            let n = values(&net).len();
            let flat: Vec<f32> = (0..n).map(|i| 0.3 * ((i as f32) * 0.7 + 0.2).sin()).collect();
            load(net, &flat)
        })
        .collect()
}

fn wave(n: usize, phase: f32) -> Vec<f32> {
    (0..n).map(|i| ((i as f32) * 1.3 + phase).sin()).collect()
}

struct Input {
    x: Vec<f32>,
    mask: Vec<f32>,
}

fn input() -> Input {
    let mut x = wave(BATCH * PARTICLES * 3, 0.1);
    let counts = [7, 4, 1];
    let mask: Vec<f32> =
        (0..BATCH * PARTICLES).map(|i| if i % PARTICLES < counts[i / PARTICLES] { 1.0 } else { 0.0 }).collect();
    for (i, value) in x.iter_mut().enumerate() {
        *value *= mask[i / 3];
    }
    Input { x, mask }
}

fn run(net: &AnyCloudNet, input: &Input, device: &Device) -> Vec<f32> {
    let x = Tensor::<3>::from_data(TensorData::new(input.x.clone(), [BATCH, PARTICLES, 3]), device);
    let mask = Tensor::<3>::from_data(TensorData::new(input.mask.clone(), [BATCH, PARTICLES, 1]), device);
    let noise = Tensor::<2>::from_data(TensorData::new(wave(BATCH, 0.5), [BATCH, 1]), device);
    let condition = Tensor::<2>::from_data(TensorData::new(wave(BATCH * 4, 0.9), [BATCH, 4]), device);
    net.forward(x, mask, noise, condition).into_data().try_to_vec::<f32>().unwrap()
}

#[test]
fn permuting_the_particles_permutes_the_output() {
    let device = Device::flex();
    let order = [3usize, 0, 6, 1, 5, 2, 4];
    for net in networks(&device) {
        let plain = input();
        let mut shuffled = input();
        for b in 0..BATCH {
            for (to, from) in order.iter().enumerate() {
                shuffled.mask[b * PARTICLES + to] = plain.mask[b * PARTICLES + from];
                for f in 0..3 {
                    shuffled.x[(b * PARTICLES + to) * 3 + f] = plain.x[(b * PARTICLES + from) * 3 + f];
                }
            }
        }
        let (a, b) = (run(&net, &plain, &device), run(&net, &shuffled, &device));
        assert!(a.iter().any(|v| v.abs() > 1e-3), "output is trivially zero");
        for jet in 0..BATCH {
            for (to, from) in order.iter().enumerate() {
                for f in 0..3 {
                    let (p, q) = (a[(jet * PARTICLES + from) * 3 + f], b[(jet * PARTICLES + to) * 3 + f]);
                    assert!((p - q).abs() < 2e-5 * p.abs().max(1.0), "{p} against {q}");
                }
            }
        }
    }
}

#[test]
fn padding_neither_speaks_nor_listens() {
    let device = Device::flex();
    for net in networks(&device) {
        let plain = input();
        let reference = run(&net, &plain, &device);
        for (value, mask) in reference.chunks(3).zip(&plain.mask) {
            assert!(*mask > 0.0 || value.iter().all(|v| *v == 0.0));
        }
        let mut dirty = input();
        for i in 0..BATCH * PARTICLES {
            if dirty.mask[i] == 0.0 {
                dirty.x[3 * i..3 * i + 3].fill(5.0);
            }
        }
        for (p, q) in reference.iter().zip(run(&net, &dirty, &device)) {
            assert!((p - q).abs() < 1e-5, "a padded slot changed the output: {p} against {q}");
        }
    }
}

#[test]
fn conditions_and_noise_level_reach_the_output() {
    let device = Device::flex();
    for net in networks(&device) {
        let Input { x, mask } = input();
        let x = Tensor::<3>::from_data(TensorData::new(x, [BATCH, PARTICLES, 3]), &device);
        let mask = Tensor::<3>::from_data(TensorData::new(mask, [BATCH, PARTICLES, 1]), &device);
        let at = |noise: f32, condition: f32| {
            let noise = Tensor::<2>::full([BATCH, 1], noise, &device);
            let condition = Tensor::<2>::full([BATCH, 4], condition, &device);
            net.forward(x.clone(), mask.clone(), noise, condition)
        };
        for other in [at(0.7, 0.1), at(0.2, 0.8)] {
            let difference = (at(0.2, 0.1) - other).abs().max().into_scalar::<f32>();
            assert!(difference > 1e-4, "changed by {difference} only");
        }
    }
}

#[test]
fn gradients_agree_with_central_differences() {
    let device = Device::flex();
    let tracked = device.clone().autodiff();
    for net in networks(&device) {
        let flat = values(&net);
        let plain = input();
        let loss = |flat: &[f32]| -> f64 {
            let out = run(&load(net.clone(), flat), &plain, &device);
            out.iter().map(|v| f64::from(*v) * f64::from(*v)).sum()
        };
        let on_tape = net.clone().fork(&tracked).train();
        let x = Tensor::<3>::from_data(TensorData::new(plain.x.clone(), [BATCH, PARTICLES, 3]), &tracked);
        let mask = Tensor::<3>::from_data(TensorData::new(plain.mask.clone(), [BATCH, PARTICLES, 1]), &tracked);
        let noise = Tensor::<2>::from_data(TensorData::new(wave(BATCH, 0.5), [BATCH, 1]), &tracked);
        let condition = Tensor::<2>::from_data(TensorData::new(wave(BATCH * 4, 0.9), [BATCH, 4]), &tracked);
        let out = on_tape.forward(x, mask, noise, condition);
        let tape = gradients(&on_tape, &(out.clone() * out).sum().backward());
        assert_eq!(tape.len(), flat.len());
        // Single precision: a step of 1e-2 balances rounding against curvature; compared at the scale of the largest gradient.
        let scale = tape.iter().fold(0f32, |a, b| a.max(b.abs()));
        for i in (0..flat.len()).step_by(flat.len() / 40 + 1) {
            let mut shifted = flat.clone();
            shifted[i] = flat[i] + 1e-2;
            let up = loss(&shifted);
            shifted[i] = flat[i] - 1e-2;
            let difference = (up - loss(&shifted)) / 2e-2;
            assert!(
                (difference - f64::from(tape[i])).abs() < 0.02 * f64::from(scale),
                "parameter {i}: tape {} against difference {difference}",
                tape[i]
            );
        }
    }
}
