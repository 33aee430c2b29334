//! Brownian paths: their law, their independence of queries and batches, and SDEs that follow them whatever the steps.

use burn::tensor::{Device, Tensor};
use diffusion::exact::Gaussian;
use diffusion::*;

const TREE: BrownianTree = BrownianTree { depth: 32 };

#[test]
fn increments_of_parts_add_up_to_that_of_the_whole() {
    let (like, rng) = (vec![0.0; 3], Rng::new(1).at(7));
    let w = |u: f64| TREE.at(u, &like, &rng);
    assert_eq!(w(0.0), like);
    for (a, b, c) in [(0.1, 0.2, 0.7), (0.5, 3.0, 200.0), (1e-3, 1e-2, 1e4)] {
        let increment = |from: f64, to: f64| w(to).axpby(1.0, -1.0, &w(from));
        let (parts, whole) = (increment(a, b).axpby(1.0, 1.0, &increment(b, c)), increment(a, c));
        let scale = f64::sqrt(c);
        assert!(parts.iter().zip(&whole).all(|(p, w)| (p - w).abs() < 1e-14 * scale), "{parts:?} {whole:?}");
    }
}

#[test]
fn increments_have_the_variance_of_their_length_and_are_independent() {
    let (n, like) = (20_000, vec![0.0; 20_000]);
    let w = |u: f64| TREE.at(u, &like, &Rng::new(3));
    let times = [0.01, 0.3, 1.0, 50.0, 51.0];
    let values = times.map(w);
    let increments: Vec<(f64, Vec<f64>)> = (0..times.len())
        .map(|i| match i {
            0 => (times[0], values[0].clone()),
            _ => (times[i] - times[i - 1], values[i].clone().axpby(1.0, -1.0, &values[i - 1])),
        })
        .collect();
    for (i, (length, x)) in increments.iter().enumerate() {
        let variance = x.dot(x)[0] / n as f64;
        // Standard error sqrt(2/n) of a variance, 1/sqrt(n) of a correlation.
        let pull = (variance / length - 1.0) / (2.0 / n as f64).sqrt();
        assert!(pull.abs() < 5.0, "length {length}: {pull} sigmas");
        for (other, y) in &increments[..i] {
            let pull = x.dot(y)[0] / (length * other * n as f64).sqrt();
            assert!(pull.abs() < 5.0, "lengths {length}, {other}: {pull} sigmas");
        }
    }
}

#[test]
fn a_paths_quadratic_variation_is_its_length() {
    let (n, like) = (1024, vec![0.0; 4]);
    let values: Vec<Vec<f64>> = (0..=n).map(|i| TREE.at(f64::from(i) / f64::from(n), &like, &Rng::new(8))).collect();
    let sum: f64 = values.windows(2).map(|w| w[1].clone().axpby(1.0, -1.0, &w[0])).map(|d| d.dot(&d)[0]).sum();
    let pull = (sum / 4.0 - 1.0) / (2.0 / (4.0 * f64::from(n))).sqrt();
    assert!(pull.abs() < 5.0, "{pull} sigmas");
}

#[test]
fn a_path_depends_on_its_own_sample_only() {
    let device = Device::flex();
    let rng = Rng::new(5).at(10);
    let host = |x: Tensor<2>| x.into_data().iter::<f64>().collect::<Vec<f64>>();
    let batch = host(TREE.at(0.37, &Tensor::<2>::zeros([4, 3], &device), &rng));
    let part = host(TREE.at(0.37, &Tensor::<2>::zeros([2, 3], &device), &rng.clone().at(11)));
    assert_eq!(part, batch[3..9]);
    let alone = TREE.at(0.37, &vec![0.0; 3], &rng.clone().at(12));
    assert!(alone.iter().zip(&batch[6..]).all(|(a, b)| (a - b).abs() < 1e-6));
    // Nor on what else was drawn; but on seed and stream.
    let mut drawn = rng.clone();
    drawn.normal(1, 1);
    assert_eq!(host(TREE.at(0.37, &Tensor::<2>::zeros([4, 3], &device), &drawn)), batch);
    assert_ne!(TREE.at(0.37, &vec![0.0; 3], &rng), TREE.at(0.37, &vec![0.0; 3], &rng.clone().stream(1)));
}

/// Data that is one point: its reverse SDE is linear, and DDIM with `eta = 1` solves it exactly.
struct Point(AnyPath);

impl Denoise<Vec<f64>> for Point {
    fn path(&self) -> &dyn Path {
        &self.0
    }
    fn denoise(&self, _: &Vec<f64>, _: f64) -> Vec<f64> {
        vec![0.7, -1.2]
    }
}

#[test]
fn twenty_and_forty_steps_of_ddim_arrive_at_the_same_sample() {
    for (name, path) in super::all_paths() {
        let end = |n: usize| {
            let grid = Grid::edm(&path, n).unwrap().without_clean_step();
            let mut rng = Rng::new(9);
            let x = grid.prior(&path, &vec![0.0; 2], &mut rng);
            let method = OnBrownianPath { method: Ddim { eta: 1.0 }, tree: TREE };
            let last = path.at(*grid.times().last().unwrap());
            // The noise that is left, in units of sigma.
            sample(&Point(path.clone()), &method, &grid, x, &mut rng, &mut |_| {}).x.axpby(
                1.0 / last.sigma,
                -last.alpha / last.sigma,
                &vec![0.7, -1.2],
            )
        };
        let (twenty, forty) = (end(20), end(40));
        assert!(twenty.iter().zip(&forty).all(|(a, b)| (a - b).abs() < 1e-7), "{name}: {twenty:?} {forty:?}");
        assert!(twenty.iter().all(|v| v.abs() < 5.0));
    }
}

/// Root mean square distance of `n` steps from 2048 on the same Brownian path, over 24 samples of normal data.
fn strong_error<S: Step<Vec<f64>>>(method: &S, n: &[usize]) -> Vec<f64> {
    let path: AnyPath = "vp".parse().unwrap();
    let model = Gaussian::isotropic(path.clone(), 24, 0.4, 0.6).unwrap();
    let end = |n: usize| {
        let times = (0..=n).map(|i| 0.9 + (0.1 - 0.9) * i as f64 / n as f64).collect();
        let grid = Grid::new(times).unwrap().without_clean_step();
        let mut rng = Rng::new(12);
        let x = grid.prior(&path, &vec![0.0; 24], &mut rng);
        sample(&model, method, &grid, x, &mut rng, &mut |_| {}).x
    };
    let truth = end(2048);
    n.iter().map(|n| end(*n).axpby(1.0, -1.0, &truth)).map(|d| (d.dot(&d)[0] / 24.0).sqrt()).collect()
}

#[test]
fn euler_maruyama_converges_strongly_with_order_one() {
    // Additive noise: Euler-Maruyama is Milstein's method, of strong order 1.
    let errors = strong_error(&OnBrownianPath { method: EulerMaruyama::default(), tree: TREE }, &[32, 128]);
    let slope = (errors[0] / errors[1]).log2() / 2.0;
    assert!((slope - 1.0).abs() < 0.15, "order {slope}, errors {errors:?}");
}

#[test]
fn ancestral_sampling_converges_on_a_path_and_does_not_with_fresh_noise() {
    let shared = strong_error(&OnBrownianPath { method: Ddim { eta: 1.0 }, tree: TREE }, &[32, 128]);
    let fresh = strong_error(&Ddim { eta: 1.0 }, &[32, 128]);
    let slope = (shared[0] / shared[1]).log2() / 2.0;
    assert!((slope - 1.0).abs() < 0.15, "order {slope}");
    assert!(fresh[1] > 10.0 * shared[1]);
}
