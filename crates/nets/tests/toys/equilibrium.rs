//! The implicit gradient of the deep-equilibrium network against a long unrolled iteration and against differences.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use nets::*;

use crate::{host, seeded};

const ROWS: usize = 4;

fn wave(n: usize, phase: f32) -> Vec<f32> {
    (0..n).map(|i| ((i as f32) * 1.3 + phase).sin()).collect()
}

fn input(device: &Device) -> (Tensor<2>, Tensor<2>) {
    let tensor =
        |columns, phase| Tensor::from_data(TensorData::new(wave(ROWS * columns, phase), [ROWS, columns]), device);
    (tensor(2, 0.3), tensor(1, 1.1))
}

/// Some loss that is not the same for all samples and outputs.
fn loss(output: Tensor<2>) -> Tensor<1> {
    let target = Tensor::<2>::from_data(TensorData::new(wave(ROWS * 2, 2.0), [ROWS, 2]), &output.device());
    let error = output - target;
    (error.clone() * error).sum_dim(1).squeeze_dim(1)
}

/// What a caller makes of the losses: a weighted mean.
fn objective(losses: Tensor<1>) -> Tensor<1> {
    let weights = Tensor::<1>::from_data([0.5, 1.0, 2.0, 0.1], &losses.device());
    (losses * weights).mean()
}

/// The linear parts of the repeated layer have gain `gain` each: below 1 it contracts.
fn network(activation: Smooth, gain: f64, device: &Device) -> DeepEquilibrium {
    let config = DeepEquilibriumConfig { features: 2, width: 8, frequencies: 2, activation };
    seeded(config.init(device), gain)
}

const TIGHT: FixedPoint = FixedPoint { tolerance: 2e-7, iterations: 300, memory: 5, damping: 1.0 };

#[test]
fn the_equilibrium_is_the_limit_of_equal_layers() {
    let device = Device::flex();
    for activation in [Smooth::Silu, Smooth::Tanh, Smooth::Softplus] {
        let net = network(activation, 0.95, &device);
        let (x, noise) = input(&device);
        let limit = host(net.unrolled(x.clone(), noise.clone(), 200));
        let few = host(net.unrolled(x.clone(), noise.clone(), 3));
        for memory in [1, 5] {
            let solver = FixedPoint { memory, tolerance: 1e-6, ..FixedPoint::default() };
            let found = host(net.forward(x.clone(), noise.clone(), &solver).unwrap());
            assert!(found.iter().zip(&limit).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {limit:?}");
        }
        let depth = few.iter().zip(&limit).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        assert!(depth > 1e-3, "three layers already are the limit: the test shows nothing");
    }
}

#[test]
fn the_implicit_gradient_is_that_of_a_long_unrolled_iteration() {
    let tracked = Device::flex().autodiff();
    for activation in [Smooth::Silu, Smooth::Tanh, Smooth::Softplus] {
        let net = network(activation, 0.95, &tracked);
        let (x, noise) = input(&tracked);
        let (x, noise) = (x.require_grad(), noise.require_grad());
        let all = |losses: Tensor<1>| {
            let tape = objective(losses).backward();
            let mut all: Vec<f64> = gradients(&net, &tape).into_iter().map(f64::from).collect();
            all.extend(host(x.grad(&tape).unwrap()));
            all.extend(host(noise.grad(&tape).unwrap()));
            all
        };
        let implicit = net.losses(x.clone(), noise.clone(), &TIGHT, loss).unwrap();
        let unrolled = loss(net.unrolled(x.clone(), noise.clone(), 150));
        let gap: Vec<f64> = host(implicit.clone() - unrolled.clone());
        assert!(gap.iter().all(|g| g.abs() < 1e-5), "{gap:?}");
        let (implicit, unrolled) = (all(implicit), all(unrolled));
        let one_layer = all(loss(net.unrolled(x.clone(), noise.clone(), 1)));
        let scale = unrolled.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
        let worst = |a: &[f64]| a.iter().zip(&unrolled).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs())) / scale;
        assert!(worst(&implicit) < 2e-5, "{activation:?}: {}", worst(&implicit));
        assert!(worst(&one_layer) > 0.05, "one layer's gradient is as good");
    }
}

#[test]
fn the_implicit_gradient_agrees_with_central_differences() {
    let device = Device::flex();
    let tracked = device.clone().autodiff();
    let net = network(Smooth::Tanh, 0.95, &tracked);
    let (x, noise) = input(&tracked);
    let tape = gradients(&net, &objective(net.losses(x, noise, &TIGHT, loss).unwrap()).backward());
    let plain = network(Smooth::Tanh, 0.95, &device);
    let (x, noise) = input(&device);
    let flat = values(&plain);
    let scale = tape.iter().fold(0f32, |m, g| m.max(g.abs()));
    for i in (0..flat.len()).step_by(7) {
        let at = |h: f32| {
            let mut shifted = flat.clone();
            shifted[i] += h;
            let net = load(plain.clone(), &shifted);
            // Without a tape the same losses come out.
            host(objective(net.losses(x.clone(), noise.clone(), &TIGHT, loss).unwrap()))[0]
        };
        let h = 1e-2;
        let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
        assert!(
            (difference - f64::from(tape[i])).abs() < 1e-3 * f64::from(scale),
            "weight {i}: {} {difference}",
            tape[i]
        );
    }
}

#[test]
fn the_layer_contracts_whatever_its_weights_are() {
    let device = Device::flex();
    for activation in [Smooth::Silu, Smooth::Tanh, Smooth::Softplus] {
        let net = network(activation, 40.0, &device);
        let (x, noise) = input(&device);
        // 0.95^400 = 1e-9: plain iteration of equal layers has arrived, and the solver finds the same point.
        let limit = host(net.unrolled(x.clone(), noise.clone(), 400));
        let found = host(net.forward(x, noise, &FixedPoint { tolerance: 1e-6, ..FixedPoint::default() }).unwrap());
        let scale = limit.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        assert!(found.iter().zip(&limit).all(|(a, b)| (a - b).abs() < 1e-4 * scale), "{found:?} {limit:?}");
    }
}

#[test]
fn an_equilibrium_that_is_not_found_in_time_is_refused() {
    let device = Device::flex();
    let net = network(Smooth::Softplus, 6.0, &device);
    let (x, noise) = input(&device);
    let hasty = FixedPoint { iterations: 3, ..FixedPoint::default() };
    let refused = net.forward(x.clone(), noise.clone(), &hasty).unwrap_err();
    assert!(matches!(refused, Error::NotConverged { iterations: 3, .. }), "{refused}");
    let tracked = net.fork(&Device::flex().autodiff()).train();
    assert!(tracked.losses(x.autodiff(), noise.autodiff(), &hasty, loss).is_err());
}
