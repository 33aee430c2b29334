//! The event transformer is a causal, normalised density, samples from it exactly, and learns.

#[path = "toys/adam.rs"]
mod adam;
#[path = "common/i0.rs"]
mod i0;
#[path = "common/ks.rs"]
mod ks;
#[path = "common/tensors.rs"]
mod tensors;

use std::f64::consts::{PI, TAU};

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use diffusion::Rng;
use nets::Component::{Gaussian, VonMises};
use nets::{Component, EventGpt, EventGptConfig, inventory, load};
use tensors::{host, line, rows};

fn small(tokens: Vec<Component>, conditions: usize) -> EventGptConfig {
    EventGptConfig { components: 5, width: 16, heads: 2, layers: 2, ..EventGptConfig::new(tokens, conditions) }
}

/// Linear weights `gain/sqrt(inputs)` times standard normals, biases as in a fresh network.
fn random(config: &EventGptConfig, gain: f64) -> EventGpt {
    let net = config.init(&Device::flex());
    let fresh = nets::values(&net);
    let mut flat = Vec::with_capacity(fresh.len());
    for (i, info) in inventory(&net).into_iter().enumerate() {
        let size: usize = info.shape.iter().product();
        if info.shape.len() == 2 {
            let scale = gain / (info.shape[0] as f64).sqrt();
            flat.extend(Rng::new(80).at(i as u64).normal_f64(1, size).iter().map(|z| (scale * z) as f32));
        } else {
            flat.extend(&fresh[flat.len()..flat.len() + size]);
        }
    }
    load(net, &flat)
}

fn mixed() -> EventGpt {
    random(&small(vec![Gaussian, VonMises, Gaussian, VonMises], 2), 0.8)
}

/// The k-th uniform number of row r is its own, whatever the batch.
fn uniforms(seed: u64, first: usize, count: usize) -> impl FnMut(usize) -> f64 {
    let mut each: Vec<Rng> = (first..first + count).map(|r| Rng::new(seed).at(r as u64)).collect();
    move |row| each[row].uniform(1, 1)[0]
}

fn events(count: usize) -> (Vec<f64>, Vec<f64>) {
    (Rng::new(81).normal_f64(count, 4), Rng::new(82).normal_f64(count, 2))
}

#[test]
fn the_network_of_the_paper_has_about_nine_hundred_thousand_parameters() {
    let config = EventGptConfig::new(vec![Gaussian; 9], 3);
    let net = config.init(&Device::flex());
    println!("{} parameters", net.num_params());
    assert!((850_000..1_000_000).contains(&net.num_params()));
    assert_eq!(net.config(), config);
}

#[test]
fn a_number_does_not_feel_those_after_it_and_feels_those_before_it() {
    let net = mixed();
    let (x, c) = events(20);
    let densities = |x: &[f64]| host(net.log_densities(rows(x, 4), rows(&c, 2), None));
    let plain = densities(&x);
    for j in 0..4 {
        let mut moved = x.clone();
        moved.iter_mut().skip(j).step_by(4).for_each(|v| *v += 0.7);
        let other = densities(&moved);
        for row in 0..20 {
            let same = |t: usize| plain[4 * row + t] == other[4 * row + t];
            assert!((0..j).all(same), "number {j} reaches back");
            assert!(!(j..4).any(same), "number {j} is not felt");
        }
    }
    let other = host(net.log_densities(rows(&x, 4), rows(&c, 2).add_scalar(0.5), None));
    assert!(plain.iter().zip(other).all(|(a, b)| *a != b), "the condition is not felt");
}

#[test]
fn every_conditional_density_integrates_to_one() {
    let net = mixed();
    let (x, c) = events(3);
    for event in 0..3 {
        for t in 0..4 {
            let (low, high) = if net.config().tokens[t] == VonMises { (-PI, PI) } else { (-30.0, 30.0) };
            let cells = 6000;
            let step = (high - low) / cells as f64;
            let grid: Vec<f64> = (0..cells)
                .flat_map(|i| {
                    let mut row = x[4 * event..4 * event + 4].to_vec();
                    row[t] = low + (i as f64 + 0.5) * step;
                    row
                })
                .collect();
            let condition: Vec<f64> = c[2 * event..2 * event + 2].repeat(cells);
            let density = host(net.log_densities(rows(&grid, 4), rows(&condition, 2), None));
            let total: f64 = density.iter().skip(t).step_by(4).map(|l| l.exp() * step).sum();
            assert!((total - 1.0).abs() < 1e-4, "event {event}, number {t}: {total}");
        }
    }
}

#[test]
fn samples_of_the_network_follow_its_density() {
    let net = mixed();
    let count = 600;
    let condition = rows(&events(count).1, 2);
    let x = net.sample(condition.clone(), uniforms(84, 0, count));
    let mixtures = net.mixtures(x.clone(), condition, None);
    let x = host(x);
    for (t, raw) in mixtures.into_iter().enumerate() {
        let family = net.config().tokens[t];
        let (low, high) = if family == VonMises { (-PI, PI) } else { (-15.0, 15.0) };
        // Rosenblatt: the distribution function of each number at the number drawn is uniform.
        let cells = 300;
        let at = |row: usize| {
            let step = (x[4 * row + t].clamp(low, high) - low) / cells as f64;
            (0..cells).map(move |i| low + (i as f64 + 0.5) * step)
        };
        let grid: Vec<f64> = (0..count).flat_map(at).collect();
        let [_, columns] = raw.dims();
        let table = raw.unsqueeze_dim::<3>(1).expand([count, cells, columns]).reshape([count * cells, columns]);
        let density = host(family.log_density(table, line(&grid)));
        let below: Vec<f64> = (0..count)
            .map(|r| {
                let step = (x[4 * r + t].clamp(low, high) - low) / cells as f64;
                density[r * cells..(r + 1) * cells].iter().map(|l| l.exp() * step).sum()
            })
            .collect();
        let distance = ks::distance(below, -0.01, 1.01, |u| {
            u.iter().map(|u| if (0.0..=1.0).contains(u) { 1.0 } else { 0.0 }).collect()
        });
        println!("number {t}: sqrt(n) D = {distance:.2}");
        assert!(distance < ks::LIMIT, "number {t}: {distance}");
    }
}

#[test]
fn sampling_with_kept_keys_and_values_is_sampling_by_recomputation() {
    let net = mixed();
    let count = 40;
    let c = rows(&events(count).1, 2);
    let fast = host(net.sample(c.clone(), uniforms(85, 0, count)));
    let mut uniform = uniforms(85, 0, count);
    let mut x = vec![0.0; 4 * count];
    for t in 0..4 {
        let raw = nets::host(net.mixtures(rows(&x, 4), c.clone(), None).remove(t));
        for row in 0..count {
            x[4 * row + t] = net.config().tokens[t].draw(&raw[15 * row..15 * row + 15], &mut || uniform(row));
        }
    }
    let worst = fast.iter().zip(&x).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("largest difference {worst:.1e}");
    assert!(worst < 1e-3, "{worst}");
}

#[test]
fn a_row_of_a_sample_does_not_depend_on_its_batch() {
    let net = mixed();
    let c = events(300).1;
    let whole = host(net.sample(rows(&c, 2), uniforms(86, 0, 300)));
    for (first, count) in [(0, 1), (131, 1), (100, 150), (299, 1)] {
        let part = host(net.sample(rows(&c[2 * first..2 * (first + count)], 2), uniforms(86, first, count)));
        assert_eq!(part, whole[4 * first..4 * (first + count)], "rows {first} to {}", first + count);
    }
}

#[test]
fn one_number_without_conditions_is_one_mixture() {
    let net = small(vec![Gaussian], 0).init(&Device::flex());
    let nothing = |n: usize| Tensor::<2>::zeros([n, 0], &Device::flex());
    let grid: Vec<f64> = (0..4000).map(|i| -8.0 + 16.0 * (f64::from(i) + 0.5) / 4000.0).collect();
    let density = host(net.log_density(rows(&grid, 1), nothing(4000), None));
    // A fresh network: five normals of width 1/2 at -2, -1, 0, 1, 2.
    for (x, found) in grid.iter().zip(density) {
        let exact: f64 = (-2..=2).map(|m| (-2.0 * (x - f64::from(m)).powi(2)).exp() / (0.25 * TAU).sqrt() / 5.0).sum();
        assert!((exact.ln() - found).abs() < 1e-4 * found.abs().max(1.0));
    }
    assert_eq!(net.sample(nothing(3), uniforms(87, 0, 3)).dims(), [3, 1]);
}

#[test]
fn outliers_leave_densities_and_gradients_finite() {
    let tracked = Device::flex().autodiff();
    let net = random(&small(vec![Gaussian, VonMises, Gaussian], 1), 3.0).fork(&tracked).train();
    let special = [0.0, 1e-30, 50.0, -1e4, 1e6, -1e6];
    let x: Vec<f64> = special.iter().flat_map(|a| special.iter().flat_map(move |b| [*a, *b, *a])).collect();
    let x = rows(&x, 3).autodiff().require_grad();
    let density = net.log_density(x.clone(), Tensor::ones([36, 1], &tracked), None);
    assert!(host(density.clone()).iter().all(|l| l.is_finite()));
    let tape = density.sum().backward();
    assert!(host(x.grad(&tape).unwrap()).iter().all(|g| g.is_finite()));
    assert!(nets::gradients(&net, &tape).iter().all(|g| g.is_finite()));
}

/// x from two normals, an angle around x, and y around the angle's cosine shifted by the condition; true log densities.
fn chain(first: u64, count: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let z = Rng::new(88).at(first).normal_f64(count, 3);
    let mut each: Vec<Rng> = (0..count as u64).map(|r| Rng::new(89).at(first + r)).collect();
    let (mut x, mut c, mut log) = (vec![], vec![], vec![]);
    for (z, rng) in z.chunks(3).zip(&mut each) {
        let mut uniform = || rng.uniform(1, 1)[0];
        let normal = |x: f64, m: f64, s: f64| (-0.5 * ((x - m) / s).powi(2)).exp() / (s * TAU.sqrt());
        let condition = if uniform() < 0.5 { 1.0 } else { -1.0 };
        let a = if uniform() < 0.3 { -1.5 + 0.4 * z[0] } else { 1.0 + 0.6 * z[0] };
        let angle = VonMises.draw(&[0.0, a as f32, 4f32.ln()], &mut uniform);
        let mean = 0.8 * angle.cos() + 0.5 * condition;
        let y = mean + 0.3 * z[2];
        x.extend([a, angle, y]);
        c.push(condition);
        let first = 0.3 * normal(a, -1.5, 0.4) + 0.7 * normal(a, 1.0, 0.6);
        let second = 4.0 * (angle - a).cos() - TAU.ln() - i0::log_scaled(4.0) - 4.0;
        log.push(first.ln() + second + normal(y, mean, 0.3).ln());
    }
    (x, c, log)
}

#[test]
fn a_short_training_reaches_the_entropy_of_a_known_chain_within_two_hundredths_of_a_nat() {
    const BATCH: usize = 128;
    let config = EventGptConfig { width: 32, components: 6, ..small(vec![Gaussian, VonMises, Gaussian], 1) };
    let start = config.init(&Device::flex());
    // Seeded blocks; the heads keep their fresh zeros and spread means.
    let seeded = nets::values(&random(&config, 0.6));
    let flat: Vec<f32> =
        nets::values(&start).iter().zip(seeded).map(|(a, b)| if *a == 0.0 { 0.0 } else { b }).collect();
    let net = adam::train(load(start, &flat), 160, 8e-3, |net, step| {
        let (x, c, _) = chain(step * BATCH as u64, BATCH);
        net.log_density(rows(&x, 3).autodiff(), rows(&c, 1).autodiff(), None).neg()
    });
    let (x, c, truth) = chain(1 << 40, 4000);
    let found = host(net.log_density(rows(&x, 3), rows(&c, 1), None));
    let excess = truth.iter().zip(&found).map(|(t, f)| t - f).sum::<f64>() / 4000.0;
    println!("negative log likelihood {:.4}, above the truth's by {excess:.4}", -found.iter().sum::<f64>() / 4000.0);
    assert!(excess < 0.02, "{excess}");
}
