//! What couplings are for: the smallest flow-matching loss, and how many Euler steps the flow needs, in closed form.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::couple::{Condition, reflow, squared_distances};
use diffusion::exact::{Component, Gaussian, Mixture};
use diffusion::*;

use super::{mean, normals};

const N: usize = 2048;

fn column(values: Vec<f64>) -> Tensor<2> {
    let n = values.len();
    Tensor::from_data(TensorData::new(values, [n, 1]), &Device::flex())
}

/// Flow-matching losses of the network that returns `x -> rate(t) (x - mean(t)) + drift`, on given pairs.
fn losses(data: &[f64], noise: &[f64], field: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let objective = Objective {
        path: Box::new(Linear),
        target: Target::Velocity,
        weight: Weight::Flat,
        times: Times::Uniform,
        coupling: Coupling::Independent,
    };
    let drawn = objective.draw(&mut Rng::new(30), data.len()).unwrap();
    let problem = regression(&drawn, column(data.to_vec()), column(noise.to_vec()));
    let output = problem.input.to_host().concat().iter().zip(&drawn).map(|(x, d)| field(*x, d.t)).collect();
    problem.losses(column(output)).into_data().iter::<f64>().collect()
}

#[test]
fn the_flow_matching_floor_is_pi_s_over_two_and_zero_when_the_coupling_is_monotone() {
    for (m, s) in [(0.5, 1.0), (-1.0, 2.0)] {
        let noise = normals(1, N, 1);
        let data: Vec<f64> = normals(2, N, 1).iter().map(|z| m + s * z).collect();
        let model = Gaussian::isotropic(Linear, 1, m, s).unwrap();
        let (floor, error) = mean(&losses(&data, &noise, |x, t| velocity(&model, &vec![x], t)[0]));
        let exact = std::f64::consts::FRAC_PI_2 * s;
        assert!((floor - exact).abs() < 4.0 * error, "{floor} +- {error} instead of {exact}");

        // data = m + s noise: x_t = (1-t) m + q noise with q = (1-t) s + t, and noise - data = (1-s) noise - m.
        let monotone: Vec<f64> = noise.iter().map(|z| m + s * z).collect();
        let field = |x: f64, t: f64| (1.0 - s) * (x - (1.0 - t) * m) / ((1.0 - t) * s + t) - m;
        let (floor, _) = mean(&losses(&monotone, &noise, field));
        assert!(floor < 1e-10, "{floor}"); // single precision, squared
    }
}

#[test]
fn minibatch_transport_finds_the_monotone_coupling_as_the_batch_grows() {
    // Mean squared distance of data N(m, s²) and noise: m² + s² + 1 independent, m² + (1-s)² monotone.
    let (m, s) = (0.5, 2.0);
    let cost = |coupling: Coupling, batch: usize| {
        let mut all = Vec::new();
        for first in (0..N).step_by(batch) {
            let mut rng = Rng::new(3).at(first as u64);
            let data = rng.normal_f64(batch, 1).iter().map(|z| m + s * z).collect();
            let data = column(data);
            let noise = coupling.noise(&data, &mut rng);
            all.extend(data.to_host().concat().iter().zip(noise.to_host().concat()).map(|(x, z)| (x - z).powi(2)));
        }
        mean(&all)
    };
    let (independent, error) = cost(Coupling::Independent, 256);
    assert!((independent - (m * m + s * s + 1.0)).abs() < 4.0 * error, "{independent} +- {error}");
    let [small, medium, large] = [4, 32, 256].map(|batch| cost(Coupling::Exact, batch).0);
    let exact = m * m + (1.0 - s).powi(2);
    assert!(independent > small && small > medium && medium > large, "{small} {medium} {large}");
    assert!(large > exact && large < 1.1 * exact, "{large} instead of {exact}");
    let entropic = cost(Coupling::Sinkhorn { epsilon: 0.05 }, 128).0;
    assert!(large < entropic && entropic < independent);
}

#[test]
fn euler_on_independent_pairs_loses_spread_by_a_product_of_rationals() {
    // With q² = (1-t)² s² + t² the flow is x' = (q'/q)(x - ...), and an Euler step from t to t-h multiplies the spread by
    // 1 - h q'/q = (q² - h (t - (1-t) s²))/q²: at s = 2, N = 2: 1/2 * 8/5 = 0.8 of which 0.8/s = 0.400.
    let (m, s) = (0.7, 2.0);
    let model = Gaussian::isotropic(Linear, 1, m, s).unwrap();
    for (n, share) in [(1, 0.0), (2, 0.400), (4, 0.681), (8, 0.830), (16, 0.911)] {
        let grid = Grid::uniform_t(&Linear, n).unwrap();
        let end = |x: f64| Sampler::Euler.run(&model, &grid, vec![x], &mut Rng::new(0), &mut |_| {}).x[0];
        let product: f64 = (1..=n)
            .map(|k| {
                let (k, n) = (k as f64, n as f64);
                let (noise, data) = (k * k, (n - k) * (n - k) * s * s);
                1.0 - (k - (n - k) * s * s) / (noise + data)
            })
            .product();
        let spread = 0.5 * (end(1.0) - end(-1.0));
        assert!((spread - product).abs() < 1e-12 && (spread / s - share).abs() < 6e-4, "{n}: {spread} {product}");
        assert!((end(0.0) - m).abs() < 1e-12, "the mean is right at any number of steps");
    }
}

#[test]
fn one_euler_step_is_exact_when_the_coupling_is_monotone() {
    // The field at t = 1 of the monotone coupling is noise - data = (1-s) noise - m: one step of length 1 lands on the data.
    let (m, s) = (0.7, 2.0);
    let path = Linear;
    let model = Gaussian::isotropic(path, 1, m, s).unwrap();
    let field = |z: f64| (1.0 - s) * z - m;
    for z in [-2.0, 0.3, 1.5] {
        assert!((z - field(z) - model.flow(&[z], 1.0)[0]).abs() < 1e-12);
    }
}

#[test]
fn reflow_keeps_the_data_and_makes_their_coupling_monotone() {
    // Bimodal data: the mean and spread of the data are reproduced, and noise and data are in the same order, which on the
    // line is the optimal coupling.
    let component = |weight, mean: f64| Component { weight, mean: vec![mean], std: 0.5 };
    let model = Mixture::new(Linear, vec![component(0.7, -1.5), component(0.3, 1.5)]).unwrap();
    let grid = Grid::uniform_t(&Linear, 100).unwrap();
    let mut pairs: Vec<(f64, f64)> = (0..400)
        .map(|r| {
            let (data, noise) = reflow(&model, &Sampler::Heun, &grid, &vec![0.0], &mut Rng::new(4).at(r));
            (data[0], noise[0])
        })
        .collect();
    let (m, error) = mean(&pairs.iter().map(|p| p.0).collect::<Vec<_>>());
    assert!((m + 0.6).abs() < 4.0 * error, "{m} +- {error}"); // 0.7 * -1.5 + 0.3 * 1.5
    let (square, error) = mean(&pairs.iter().map(|p| p.0 * p.0).collect::<Vec<_>>());
    assert!((square - 2.5).abs() < 4.0 * error, "{square} +- {error}"); // 1.5² + 0.5²
    pairs.sort_by(|a, b| a.1.total_cmp(&b.1));
    assert!(pairs.windows(2).all(|p| p[0].0 < p[1].0));
}

#[test]
fn reflow_of_a_normal_flow_is_its_closed_form_from_any_path() {
    for name in ["linear", "edm"] {
        let path: AnyPath = name.parse().unwrap();
        let model = Gaussian::isotropic(path.clone(), 2, 0.4, 1.5).unwrap();
        let grid = if name == "edm" { Grid::edm(&path, 200) } else { Grid::uniform_t(&path, 200) }.unwrap();
        let (data, noise) = reflow(&model, &Sampler::Heun, &grid, &vec![0.0; 2], &mut Rng::new(1));
        let c = path.at(grid.times()[0]);
        let exact = model.flow(&noise.scale(c.sigma), grid.times()[0]);
        assert!(data.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 2e-3), "{name}: {data:?} {exact:?}");
    }
}

#[test]
fn eight_gaussians_are_paired_with_moons_without_losing_one() {
    let n = 256;
    let ring = Mixture::ring(Linear, 8, 5.0, 0.3).unwrap();
    let source: Vec<f64> = ring.data(&mut Rng::new(1), n).concat();
    let angles = Rng::new(2).uniform(n, 2);
    let moon = |a: &[f64]| {
        let (sin, cos) = (std::f64::consts::PI * a[0]).sin_cos();
        let (x, y) = if a[1] < 0.5 { (cos, sin) } else { (1.0 - cos, 0.5 - sin) };
        [3.0 * x - 1.0, 3.0 * y - 1.0]
    };
    let data: Vec<f64> = angles.chunks(2).flat_map(moon).collect();
    let device = Device::flex();
    let [data, source] = [data, source].map(|v| Tensor::<2>::from_data(TensorData::new(v, [n, 2]), &device));
    let paired = Coupling::Exact.pair(&data, source.clone(), &Condition::default(), &mut Rng::new(0)).unwrap();

    let sorted = |x: &Tensor<2>| {
        let mut rows: Vec<Vec<f64>> = x.to_host();
        rows.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        rows
    };
    assert_eq!(sorted(&paired), sorted(&source));
    // Optimal pairs are cyclically monotone: no exchange of two partners makes them nearer.
    let cost = squared_distances(&data.to_host().concat(), &paired.to_host().concat(), n).unwrap();
    let at = |i: usize, j: usize| cost[i * n + j];
    assert!((0..n).all(|i| (0..i).all(|j| at(i, i) + at(j, j) <= at(i, j) + at(j, i) + 1e-9)));
}
