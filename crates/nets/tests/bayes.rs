//! Bayesian networks: the noise of a layer is that of its weights, the divergence is right, and a known posterior is
//! found.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;
use nets::bayes::{draw, initial_spread, kl, linear};
use nets::*;

fn tensor(values: Vec<f32>, columns: usize) -> Tensor<2> {
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn normal_noise(seed: u64) -> Noise {
    let mut rng = Rng::new(seed);
    Noise::new(move |rows, columns| rng.normal(rows, columns))
}

fn wave(n: usize, phase: f32) -> Vec<f32> {
    (0..n).map(|i| (i as f32 * 1.3 + phase).sin()).collect()
}

/// Mean and variance of two columns.
fn moments(values: &[f32]) -> [(f64, f64); 2] {
    let n = values.len() as f64 / 2.0;
    [0, 1].map(|k| {
        let column = || values.iter().skip(k).step_by(2).map(|v| f64::from(*v));
        let mean = column().sum::<f64>() / n;
        (mean, column().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0))
    })
}

#[test]
fn outputs_of_a_bayesian_layer_have_the_moments_of_outputs_under_drawn_weights() {
    const ROWS: usize = 40_000;
    let mean = load(LinearConfig::new(3, 2).init(&Device::flex()), &wave(8, 0.2));
    // Log variances from -3 to 1, and one beyond the limit, which counts as the limit.
    let mut log_variance: Vec<f32> = wave(8, 0.9).iter().map(|v| 2.0 * v - 1.0).collect();
    log_variance[5] = -40.0;
    let spread = load(mean.clone(), &log_variance);
    let x = [0.7f32, -1.2, 0.4];

    let repeated = tensor(x.iter().copied().cycle().take(3 * ROWS).collect(), 3);
    let layer = host(linear(&mean, repeated, Some((&spread, &normal_noise(60)))));
    let normals = Rng::new(61).normal(ROWS, 8);
    let drawn: Vec<f32> = normals
        .chunks(8)
        .flat_map(|z| {
            let w = draw(&values(&mean), &log_variance, z);
            [0, 1].map(|k| (0..3).map(|i| x[i] * w[2 * i + k]).sum::<f32>() + w[6 + k])
        })
        .collect();

    let (mu, s) = (values(&mean), |i: usize| f64::from(log_variance[i].clamp(-11.0, 11.0)).exp());
    for (what, found) in [("layer", moments(&layer)), ("weights", moments(&drawn))] {
        for (k, (average, variance)) in found.into_iter().enumerate() {
            let exact: f64 = (0..3).map(|i| f64::from(x[i] * mu[2 * i + k])).sum::<f64>() + f64::from(mu[6 + k]);
            let scatter: f64 = (0..3).map(|i| f64::from(x[i]).powi(2) * s(2 * i + k)).sum::<f64>() + s(6 + k);
            let n = ROWS as f64;
            let pulls = ((average - exact) / (scatter / n).sqrt(), (variance / scatter - 1.0) / (2.0 / n).sqrt());
            println!("{what}, output {k}: mean {:.1} sigmas off, variance {:.1}", pulls.0, pulls.1);
            assert!(pulls.0.abs() < 5.0 && pulls.1.abs() < 5.0, "{what}: {pulls:?}");
        }
    }
}

fn table() -> (ResidualMlp, [Tensor<2>; 3]) {
    let config = ResidualMlpConfig { features: 3, conditions: 2, width: 16, layers: 2 };
    let net = config.init(&Device::flex());
    let net = load(net.clone(), &wave(net.num_params(), 0.1).iter().map(|v| 0.4 * v).collect::<Vec<_>>());
    (net, [tensor(wave(15, 0.3), 3), tensor(wave(5, 0.5), 1), tensor(wave(10, 0.7), 2)])
}

/// The residual perceptron put together from its flat parameters by Burn's own layers.
fn by_hand(net: &ResidualMlp, x: Tensor<2>, level: Tensor<2>, condition: Tensor<2>) -> Tensor<2> {
    let (config, flat) = (net.config(), values(net));
    let mut rest = flat.as_slice();
    let mut next = |inputs: usize, outputs: usize| {
        let (head, tail) = rest.split_at((inputs + 1) * outputs);
        rest = tail;
        load(LinearConfig::new(inputs, outputs).init(&Device::flex()), head)
    };
    let (width, batch) = (config.width, x.dims()[0]);
    let fourier = FourierEmbedding::new(6).forward(level);
    let first = next(fourier.dims()[1] + config.conditions, width);
    let c = hard_swish(first.forward(Tensor::cat(vec![fourier, condition], 1)));
    let c = hard_swish(next(width, width / 2).forward(c));
    let mut h = next(config.features, width).forward(x);
    for _ in 0..config.layers {
        let y = next(width, width).forward(hard_swish(h.clone()));
        let film = next(width / 2, 2 * width).forward(c.clone());
        let (scale, shift) = (film.clone().slice([0..batch, 0..width]), film.slice([0..batch, width..2 * width]));
        h = h + next(width, width).forward(hard_swish(y * scale.add_scalar(1.0) + shift));
    }
    next(width, config.features).forward(hard_swish(h))
}

#[test]
fn without_a_spread_and_with_silent_noise_the_network_is_the_plain_one_bit_by_bit() {
    let (net, [x, level, condition]) = table();
    let plain = host(net.forward(x.clone(), level.clone(), condition.clone()));
    assert_eq!(plain, host(by_hand(&net, x.clone(), level.clone(), condition.clone())));
    assert_eq!(plain, host(net.forward_with(x.clone(), level.clone(), condition.clone(), None)));
    let silent = Noise::new(|rows, columns| vec![0.0; rows * columns]);
    let spread = initial_spread(&net);
    let silenced = net.forward_with(x.clone(), level.clone(), condition.clone(), Some((&spread, &silent)));
    assert_eq!(plain, host(silenced));
    let noisy = net.forward_with(x, level, condition, Some((&spread, &normal_noise(62))));
    assert!(plain.iter().zip(host(noisy)).all(|(a, b)| *a != b && (a - b).abs() < 1.0));
}

#[test]
fn rates_of_change_hold_the_noise_of_the_weights_fixed() {
    let (net, [x, level, condition]) = table();
    let spread = load(net.clone(), &vec![-2.0; net.num_params()]);
    let at = |shift: f64| {
        let moved = x.clone().add_scalar(shift);
        host(net.forward_with(moved, level.clone(), condition.clone(), Some((&spread, &normal_noise(63)))))
    };
    let moving = Dual::new(x.clone(), x.ones_like());
    let noise = normal_noise(63);
    let dual = net.jvp_with(moving, level.clone().into(), condition.clone().into(), Some((&spread, &noise)));
    let rate = host(dual.tangent.unwrap());
    assert_eq!(host(dual.primal), at(0.0));
    let step = 3e-3;
    for ((rate, up), down) in rate.iter().zip(at(step)).zip(at(-step)) {
        let difference = f64::from(up - down) / (2.0 * step);
        assert!(
            (difference - f64::from(*rate)).abs() < 0.02 * difference.abs().max(1.0),
            "{rate} against {difference}"
        );
    }
}

/// Whether the log variance of every parameter moves the loss.
fn every_log_variance_matters<M: Module>(net: M, loss: impl Fn(&M, Spread<M>) -> Tensor<1>) {
    let tracked = Device::flex().autodiff();
    let flat: Vec<f32> = Rng::new(64).normal(1, net.num_params()).iter().map(|z| 0.3 * z).collect();
    let mean = load(net, &flat).fork(&tracked).train();
    let spread = load(mean.clone(), &vec![-3.0; flat.len()]);
    let noise = normal_noise(65);
    let tape = loss(&mean, Some((&spread, &noise))).sum().backward();
    let found = gradients(&spread, &tape);
    let mut first = 0;
    for info in inventory(&spread) {
        let count: usize = info.shape.iter().product();
        let part = &found[first..first + count];
        assert!(part.iter().all(|g| g.is_finite()), "{}", info.name);
        let still = part.iter().filter(|g| **g == 0.0).count();
        // Hard swish is flat below -3: a few weights may be beyond reach.
        assert!(10 * still <= 2 * count, "{}: {still} of {count} log variances change nothing", info.name);
        first += count;
    }
}

#[test]
fn every_parameter_of_every_switchable_network_is_bayesian() {
    let on_tape = |values: Vec<f32>, columns| tensor(values, columns).autodiff();
    let condition = on_tape(wave(32, 0.7), 2);
    let config = ResidualMlpConfig { features: 3, conditions: 2, width: 8, layers: 2 };
    every_log_variance_matters(config.init(&Device::flex()), |net, spread| {
        let y = net.forward_with(on_tape(wave(48, 0.3), 3), on_tape(wave(16, 0.5), 1), condition.clone(), spread);
        (y.clone() * y).sum()
    });
    let flow = CouplingFlowConfig { layers: 4, width: 8, bins: 4, ..CouplingFlowConfig::new(3, 2) };
    every_log_variance_matters(flow.init(&Device::flex()), |net, spread| {
        net.log_density(on_tape(wave(48, 0.3), 3), condition.clone(), spread)
    });
    let tokens = vec![Component::VonMises, Component::Gaussian, Component::Gaussian];
    let gpt = EventGptConfig { components: 3, width: 8, heads: 2, layers: 2, ..EventGptConfig::new(tokens, 2) };
    every_log_variance_matters(gpt.init(&Device::flex()), |net, spread| {
        net.log_density(on_tape(wave(48, 0.3), 3), condition.clone(), spread)
    });
}

#[test]
fn the_divergence_is_the_integral_of_its_definition_and_its_gradients_are_those_of_its_value() {
    let (mean, log_variance, precision) = ([0.3f32, -1.7, 2.5], [-9.0f32, 0.4, -1.0], 0.7f64);
    let found = kl(&mean, &log_variance, precision);
    let integral: f64 = mean
        .iter()
        .zip(log_variance)
        .map(|(mu, s)| {
            let (mu, deviation) = (f64::from(*mu), (0.5 * f64::from(s)).exp());
            // Midpoint rule over nine standard deviations each way, exact to rounding for analytic densities.
            let cells = 4000;
            let step = 18.0 * deviation / f64::from(cells);
            let normal =
                |x: f64, m: f64, d: f64| -0.5 * ((x - m) / d).powi(2) - (d * std::f64::consts::TAU.sqrt()).ln();
            (0..cells)
                .map(|i| {
                    let x = mu - 9.0 * deviation + (f64::from(i) + 0.5) * step;
                    let q = normal(x, mu, deviation);
                    step * q.exp() * (q - normal(x, 0.0, precision.powf(-0.5)))
                })
                .sum::<f64>()
        })
        .sum();
    assert!((found.value - integral).abs() < 1e-9, "{} against {integral}", found.value);
    assert!(kl(&[0.0], &[-(precision.ln()) as f32], precision).value.abs() < 1e-12);
    let step = 1.0 / 256.0;
    for i in 0..3 {
        let shifted = |by: f32, of: &[f32; 3]| {
            let mut moved = *of;
            moved[i] += by;
            moved
        };
        let slope = |f: &dyn Fn(f32) -> f64| (f(step) - f(-step)) / (2.0 * f64::from(step));
        let by_mean = slope(&|by| kl(&shifted(by, &mean), &log_variance, precision).value);
        let by_spread = slope(&|by| kl(&mean, &shifted(by, &log_variance), precision).value);
        assert!((by_mean - f64::from(found.mean[i])).abs() < 1e-5);
        assert!((by_spread - f64::from(found.log_variance[i])).abs() < 1e-5);
    }
}

#[test]
fn the_posterior_of_a_linear_regression_is_recovered() {
    // Rows of a Hadamard matrix: the design is orthogonal, so the exact posterior factorises, and the mean field is no
    // approximation.
    let hadamard = [[1.0f32, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]];
    let (count, noise, precision) = (64usize, 0.5f64, 2.0);
    let x: Vec<f32> = (0..count).flat_map(|i| hadamard[i % 4]).collect();
    let z = Rng::new(66).normal(1, count);
    let y: Vec<f32> = (0..count).map(|i| 0.8 * x[2 * i] - 0.3 * x[2 * i + 1] + 0.5 + noise as f32 * z[i]).collect();
    // For weights w1, w2 and the bias: precision + N/noise^2, and mean (sum x y)/noise^2 over it.
    let exact_precision = precision + count as f64 / noise.powi(2);
    let column = |k: usize| (0..count).map(|i| f64::from(y[i] * [x[2 * i], x[2 * i + 1], 1.0][k])).sum::<f64>();
    let exact_mean = [0, 1, 2].map(|k| column(k) / noise.powi(2) / exact_precision);

    let tracked = Device::flex().autodiff();
    let layer: Linear = LinearConfig::new(2, 1).init(&Device::flex());
    let module = layer.fork(&tracked).train();
    // The same design many times over in one batch only averages the noise of the weights.
    let copies = 16;
    let inputs = tensor(x.iter().copied().cycle().take(2 * count * copies).collect(), 2).autodiff();
    let targets = tensor(y.iter().copied().cycle().take(count * copies).collect(), 1).autodiff();
    let source = normal_noise(67);
    let mut flat = [0.0f32, 0.0, 0.0, -3.0, -3.0, -3.0];
    let (mut first, mut second) = ([0f64; 6], [0f64; 6]);
    let steps = 1000;
    for step in 1..=steps {
        let (mean, spread) = (load(module.clone(), &flat[..3]), load(module.clone(), &flat[3..]));
        let error = linear(&mean, inputs.clone(), Some((&spread, &source))) - targets.clone();
        let loss = (error.clone() * error).sum().mul_scalar(0.5 / noise.powi(2) / copies as f64);
        let tape = loss.backward();
        let prior = kl(&flat[..3], &flat[3..], precision);
        let data = [gradients(&mean, &tape), gradients(&spread, &tape)].concat();
        let rate = 0.05 * 0.5 * (1.0 + (std::f64::consts::PI * f64::from(step) / f64::from(steps)).cos());
        for (i, p) in prior.mean.iter().chain(&prior.log_variance).enumerate() {
            let g = f64::from(data[i] + p);
            first[i] += 0.1 * (g - first[i]);
            second[i] += 0.01 * (g * g - second[i]);
            let (m, v) = (first[i] / (1.0 - 0.9f64.powi(step)), second[i] / (1.0 - 0.99f64.powi(step)));
            flat[i] -= (rate * m / (v.sqrt() + 1e-8)) as f32;
        }
    }
    for k in 0..3 {
        let pull = (f64::from(flat[k]) - exact_mean[k]) * exact_precision.sqrt();
        let ratio = f64::from(flat[3 + k]).exp() * exact_precision;
        println!("parameter {k}: mean {pull:+.3} posterior sigmas off, variance {ratio:.3} of the exact one");
        assert!(pull.abs() < 0.1 && (ratio - 1.0).abs() < 0.1);
    }
}
