//! Products of processes: types and coordinates generated together from the exact joint posterior.

use diffusion::discrete::{Categorical, Replacement, Schedule, Tokens};
use diffusion::exact::{Gaussian, PointType, TypedPoints};
use diffusion::*;

const TYPES: [(f64, f64, f64); 3] = [(0.2, -2.0, 0.2), (0.5, 0.0, 0.2), (0.3, 3.0, 0.2)];

type Points = (TypedPoints<Linear>, (Categorical, GaussianDiffusion<Linear, Samples>));

fn typed() -> Points {
    let tokens = Categorical::new(3, Replacement::Mask, Schedule::Linear).unwrap();
    let types = TYPES.map(|(weight, mean, std)| PointType { weight, mean, std });
    (TypedPoints::new(tokens, Linear, types.to_vec()).unwrap(), (tokens, GaussianDiffusion::new(Linear)))
}

fn make(n: usize, first: u64) -> (Tokens, Samples) {
    let (model, process) = typed();
    let grid = Grid::uniform_t(&Linear, 200).unwrap();
    let mut rng = Rng::new(1).at(first);
    let like = (Tokens::new(vec![0; n], 1).unwrap(), Samples(vec![vec![0.0]; n]));
    let noise = process.prior(&like, 1.0, &mut rng);
    generate(&process, &mut |x, t| model.estimate(x, t).unwrap(), &grid, noise, &mut rng)
}

#[test]
fn typed_points_come_with_their_frequencies_means_and_widths() {
    let n = 6_000;
    let (kinds, points) = make(n, 0);
    for (k, (weight, mean, std)) in TYPES.into_iter().enumerate() {
        let at: Vec<f64> =
            kinds.values.iter().zip(&points.0).filter(|(kind, _)| **kind as usize == k).map(|(_, x)| x[0]).collect();
        let count = at.len() as f64;
        let sigma = (weight * (1.0 - weight) * n as f64).sqrt();
        assert!((count - weight * n as f64).abs() < 4.0 * sigma, "type {k}: {count}");
        let centre = at.iter().sum::<f64>() / count;
        let spread = (at.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / count).sqrt();
        // A token may be decided while its coordinate still wavers: that moves the mean by under one per cent of the distance.
        assert!((centre - mean).abs() < 4.0 * std / count.sqrt() + 0.02, "type {k}: mean {centre}");
        let short = spread / (std * width_after_200_steps(std));
        assert!((short - 1.0).abs() < 4.0 / (2.0 * count).sqrt() + 0.01, "type {k}: width {spread}");
    }
}

/// The width that bridges with the posterior variance leave of N(0, std²), relative to it, on x_t = (1 - t) data + t noise at
/// t = 1, 0.995, ... By Bayes' theorem for normals, with x_t = r x_s + sqrt(b) n, r = (1 - t)/(1 - s) and b = t² - r² s²:
/// q(x_s | x_t, d) has precision 1/s² + r²/b and mean ((1 - s) d/s² + r x_t/b)/precision, where d = E[data | x_t] is
/// (1 - t) std²/((1 - t)² std² + t²) x_t.
fn width_after_200_steps(std: f64) -> f64 {
    let estimate = |t: f64| (1.0 - t) * std.powi(2) / ((1.0 - t).powi(2) * std.powi(2) + t * t);
    let mut variance = 1.0;
    for i in (2..=200).rev() {
        let (t, s) = (f64::from(i) / 200.0, f64::from(i - 1) / 200.0);
        let r = (1.0 - t) / (1.0 - s);
        let b = t * t - r * r * s * s;
        let precision = 1.0 / (s * s) + r * r / b;
        let gain = ((1.0 - s) * estimate(t) / (s * s) + r / b) / precision;
        variance = gain * gain * variance + 1.0 / precision;
    }
    estimate(1.0 / 200.0) * variance.sqrt() / std
}

#[test]
fn a_product_does_not_depend_on_its_batch() {
    let (kinds, points) = make(6, 0);
    let (some_kinds, some_points) = make(3, 2);
    assert_eq!(some_kinds.values, kinds.values[2..5]);
    assert_eq!(some_points.0, points.0[2..5]);
}

#[test]
fn the_bridge_of_gaussian_noise_is_ddims_step_and_corruption_its_path() {
    let path = VpLinear::default();
    let model = Each(Gaussian::isotropic(path, 2, 0.3, 0.6).unwrap());
    let x = Samples(vec![vec![0.5, -1.0], vec![0.2, 0.9]]);
    for eta in [0.0, 0.5, 1.0] {
        let mut process = GaussianDiffusion::<VpLinear, Samples>::new(path);
        process.eta = eta;
        let estimate = model.denoise(&x, 0.6);
        let bridged = process.bridge(x.clone(), &estimate, 0.6, 0.5, &mut Rng::new(3));
        assert_eq!(bridged, Ddim { eta }.step(&model, x.clone(), 0.6, 0.5, &mut (), &mut Rng::new(3)));
        assert_eq!(process.finish(bridged, &estimate, 0.5, &mut Rng::new(3)), estimate);
    }
    let process = GaussianDiffusion::<VpLinear, Samples>::new(path);
    let noise = x.randn_like(&mut Rng::new(4));
    let corrupted = process.corrupt(&x, &[0.2, 0.9], &mut Rng::new(4));
    for (r, t) in [0.2, 0.9].into_iter().enumerate() {
        let c = path.at(t);
        let expected = x.0[r].clone().axpby(c.alpha, c.sigma, &noise.0[r]);
        assert_eq!(corrupted.0[r], expected);
    }
}
