//! Coupling flows are densities: invertible, normalised, safe for outliers, and they learn.

#[path = "toys/adam.rs"]
mod adam;
#[path = "common/ks.rs"]
mod ks;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;
use nets::{CouplingFlow, CouplingFlowConfig, inventory, load};

fn rows(values: &[f64], columns: usize) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

/// A flow with weights `gain/sqrt(inputs)` times standard normals, far from the identity.
fn random(config: CouplingFlowConfig, gain: f64) -> CouplingFlow {
    let flow = config.init(&Device::flex());
    let draw = |(i, info): (usize, nets::ParameterInfo)| {
        let scale = if info.shape.len() == 2 { gain / (info.shape[0] as f64).sqrt() } else { 0.3 * gain };
        let z = Rng::new(70).at(i as u64).normal_f64(1, info.shape.iter().product());
        z.into_iter().map(|z| (scale * z) as f32).collect::<Vec<f32>>()
    };
    let flat: Vec<f32> = inventory(&flow).into_iter().enumerate().flat_map(draw).collect();
    load(flow, &flat)
}

fn small(features: usize, conditions: usize) -> CouplingFlowConfig {
    CouplingFlowConfig { layers: 6, width: 16, bins: 8, bound: 4.0, ..CouplingFlowConfig::new(features, conditions) }
}

fn normals(seed: u64, count: usize, columns: usize) -> Vec<f64> {
    Rng::new(seed).normal_f64(count, columns)
}

#[test]
fn the_inverse_undoes_the_flow_for_points_in_the_box_on_its_edge_and_far_outside() {
    let count = 10_000;
    for features in [1, 2, 5] {
        let flow = random(small(features, 2), 0.5);
        let mut x: Vec<f64> = normals(71, count, features).iter().map(|z| 2.5 * z).collect();
        for (i, special) in [4.0, -4.0, 0.0, 1e6, -1e6, 4.000001, 123.0, -1e3].into_iter().enumerate() {
            for k in 0..20 {
                x[(97 * k + i) * features + k % features] = special;
            }
        }
        let condition = rows(&normals(72, count, 2), 2);
        let (z, log_det) = flow.to_noise(rows(&x, features), condition.clone(), None);
        let strongest = host(log_det).iter().fold(0.0, |a: f64, l| a.max(l.abs()));
        assert!(strongest > 1.0, "the flow does next to nothing");
        let back = host(flow.from_noise(z, condition));
        let worst = x.iter().zip(&back).map(|(a, b)| (a - b).abs() / a.abs().max(1.0)).fold(0.0, f64::max);
        println!("{features} variables: largest error {worst:.1e}, largest log determinant {strongest:.1}");
        assert!(worst < 1e-4, "{features} variables: {worst}");
    }
}

#[test]
fn the_log_determinant_is_that_of_the_jacobian_by_finite_differences() {
    const D: usize = 3;
    let count = 400;
    let flow = random(small(D, 1), 0.5);
    let x: Vec<f64> = normals(73, count, D).iter().map(|z| 1.5 * z).collect();
    let condition = rows(&normals(74, count, 1), 1);
    let image = |x: &[f64]| host(flow.to_noise(rows(x, D), condition.clone(), None).0);
    let step = 2e-3;
    let column = |k: usize| -> Vec<f64> {
        let shifted =
            |by: f64| -> Vec<f64> { x.iter().enumerate().map(|(i, v)| if i % D == k { v + by } else { *v }).collect() };
        image(&shifted(step)).iter().zip(image(&shifted(-step))).map(|(a, b)| (a - b) / (2.0 * step)).collect()
    };
    let j: Vec<Vec<f64>> = (0..D).map(column).collect();
    let log_det = host(flow.to_noise(rows(&x, D), condition.clone(), None).1);
    let mut errors: Vec<f64> = (0..count)
        .map(|r| {
            let e = |i: usize, k: usize| j[k][r * D + i];
            let minor = |a: usize, b: usize| e(1, a) * e(2, b) - e(1, b) * e(2, a);
            let det = e(0, 0) * minor(1, 2) - e(0, 1) * minor(0, 2) + e(0, 2) * minor(0, 1);
            (det.ln() - log_det[r]).abs()
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    // Single precision leaves 1e-7/2e-3; a knot between the two points, where the curvature jumps, costs more.
    println!("median {:.1e}, 90 % below {:.1e}", errors[count / 2], errors[9 * count / 10]);
    assert!(errors[count / 2] < 1e-3 && errors[9 * count / 10] < 1e-2);
}

#[test]
fn random_flows_integrate_to_one_under_every_condition() {
    let line = random(small(1, 1), 0.5);
    let grid: Vec<f64> = (0..8000).map(|i| -8.0 + 16.0 * (i as f64 + 0.5) / 8000.0).collect();
    for c in [-1.0, 0.5] {
        let density = host(line.log_density(rows(&grid, 1), rows(&vec![c; grid.len()], 1), None));
        let total: f64 = density.iter().map(|l| l.exp()).sum::<f64>() * 16.0 / 8000.0;
        println!("one variable, condition {c}: {total:.6}");
        assert!((total - 1.0).abs() < 1e-3, "{total}");
    }
    let plane = random(CouplingFlowConfig { layers: 4, ..small(2, 0) }, 0.5);
    let side = 250;
    let at = |i: usize| -7.0 + 14.0 * (i as f64 + 0.5) / side as f64;
    let grid: Vec<f64> = (0..side * side).flat_map(|i| [at(i / side), at(i % side)]).collect();
    let density = host(plane.log_density(rows(&grid, 2), Tensor::zeros([side * side, 0], &Device::flex()), None));
    let total = density.iter().map(|l| l.exp()).sum::<f64>() * (14.0 / side as f64).powi(2);
    println!("two variables: {total:.6}");
    assert!((total - 1.0).abs() < 5e-3, "{total}");
}

#[test]
fn a_fresh_flow_is_the_identity_and_its_density_a_standard_normal() {
    for features in [1, 2, 9] {
        let flow = CouplingFlowConfig::new(features, 3).init(&Device::flex());
        assert_eq!(flow.config(), CouplingFlowConfig::new(features, 3));
        let x: Vec<f64> = normals(75, 200, features).iter().map(|z| 3.0 * z).collect();
        let condition = rows(&normals(76, 200, 3), 3);
        let (z, _) = flow.to_noise(rows(&x, features), condition.clone(), None);
        assert!(host(z).iter().zip(&x).all(|(a, b)| (a - b).abs() < 2e-5));
        let found = host(flow.log_density(rows(&x, features), condition, None));
        for (x, found) in x.chunks(features).zip(found) {
            let exact: f64 = x.iter().map(|x| -0.5 * (x * x + std::f64::consts::TAU.ln())).sum();
            assert!((exact - found).abs() < 1e-4 * exact.abs().max(1.0), "{found} instead of {exact}");
        }
    }
}

#[test]
fn outliers_leave_density_and_gradients_finite() {
    let tracked = Device::flex().autodiff();
    let special = [0.0, 1e-30, 4.0, -4.0, 3.9999998, 17.0, -1e3, 1e6, -1e6f32];
    // Every pair of special values; ordinary weights, and weights so large that softmax and softplus saturate.
    let pairs: Vec<f32> = special.iter().flat_map(|a| special.iter().flat_map(move |b| [*a, *b])).collect();
    let count = pairs.len() / 2;
    for gain in [1.0, 30.0] {
        let flow = random(small(2, 1), gain).fork(&tracked).train();
        let x = Tensor::<2>::from_data(TensorData::new(pairs.clone(), [count, 2]), &tracked).require_grad();
        let condition = Tensor::<2>::full([count, 1], 0.7, &tracked);
        let density = flow.log_density(x.clone(), condition.clone(), None);
        assert!(host(density.clone()).iter().all(|l| l.is_finite()), "gain {gain}: density");
        let tape = density.sum().backward();
        assert!(host(x.grad(&tape).unwrap()).iter().all(|g| g.is_finite()), "gain {gain}: gradient of the point");
        let weights = nets::gradients(&flow, &tape);
        assert!(weights.iter().all(|g| g.is_finite()), "gain {gain}: gradient of the weights");
        assert!(weights.iter().any(|g| *g != 0.0), "gain {gain}: no gradient at all");
        let back = flow.from_noise(x, condition);
        assert!(host(back).iter().all(|v| v.is_finite()));
    }
}

#[test]
fn samples_follow_the_density_and_do_not_depend_on_their_batch() {
    let flow = random(small(1, 1), 0.5);
    let count = 20_000;
    let z = normals(77, count, 1);
    let condition = |n: usize| rows(&vec![0.5; n], 1);
    let samples = host(flow.from_noise(rows(&z, 1), condition(count)));
    let part = host(flow.from_noise(rows(&z[333..400], 1), condition(67)));
    assert_eq!(part, samples[333..400]);
    let density = |grid: &[f64]| -> Vec<f64> {
        host(flow.log_density(rows(grid, 1), condition(grid.len()), None)).iter().map(|l| l.exp()).collect()
    };
    let distance = ks::distance(samples, -8.0, 8.0, density);
    println!("Kolmogorov-Smirnov: sqrt(n) D = {distance:.2}");
    assert!(distance < ks::LIMIT);
}

/// x ~ N(c, 1), y ~ N(x^2/2 - 1, 0.3^2): rows (x, y), conditions c, and the true log densities.
fn banana(first: u64, count: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let z = Rng::new(78).at(first).normal_f64(count, 3);
    let row = |z: &[f64]| {
        let (c, x) = (0.5 * z[0], 0.5 * z[0] + z[1]);
        let log = -0.5 * (z[1] * z[1] + z[2] * z[2]) - std::f64::consts::TAU.ln() - 0.3f64.ln();
        ([x, 0.5 * x * x - 1.0 + 0.3 * z[2]], c, log)
    };
    let all: Vec<_> = z.chunks(3).map(row).collect();
    (all.iter().flat_map(|r| r.0).collect(), all.iter().map(|r| r.1).collect(), all.iter().map(|r| r.2).collect())
}

#[test]
fn a_short_training_reaches_the_entropy_of_a_bent_normal_within_six_hundredths_of_a_nat() {
    const BATCH: usize = 128;
    let config = CouplingFlowConfig { layers: 4, width: 32, bins: 8, ..CouplingFlowConfig::new(2, 1) };
    // Seeded hidden layers, zero last layers as in a fresh flow.
    let flow = config.init(&Device::flex());
    let seeded = nets::values(&random(config, 1.0));
    let flat: Vec<f32> = nets::values(&flow).iter().zip(seeded).map(|(a, b)| if *a == 0.0 { 0.0 } else { b }).collect();
    let flow = adam::train(load(flow, &flat), 300, 1e-2, |flow, step| {
        let (x, c, _) = banana(step * BATCH as u64, BATCH);
        flow.log_density(rows(&x, 2).autodiff(), rows(&c, 1).autodiff(), None).neg()
    });
    let (x, c, truth) = banana(1 << 40, 5000);
    let found = host(flow.log_density(rows(&x, 2), rows(&c, 1), None));
    let excess = truth.iter().zip(&found).map(|(t, f)| t - f).sum::<f64>() / 5000.0;
    // The entropy of both normals: 2 (1/2 ln 2 pi e) + ln 0.3 = 1.634.
    println!("negative log likelihood {:.4}, above the truth's by {excess:.4}", -found.iter().sum::<f64>() / 5000.0);
    assert!(excess < 0.06, "{excess}");
}
