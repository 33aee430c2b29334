//! The heat flow of the torus and its reversal, on wrapped normals.

use std::f64::consts::TAU;

use diffusion::Rng;
use diffusion::manifold::{Geodesic, Torus, TorusStep, Wrapped, WrappedMixture, WrappedNormal, integrate};

const CIRCLE: Torus = Torus { dim: 1, period: 1.0 };
const LAST: f64 = 0.005;

fn mixture() -> WrappedMixture {
    let part = |(weight, mean, std)| Wrapped { weight, mean, std };
    WrappedMixture::new(1.0, [(0.3, 0.15, 0.04), (0.5, 0.55, 0.08), (0.2, 0.9, 0.03)].map(part).to_vec()).unwrap()
}

/// Noise levels from 1, where a circle of length 1 is uniform to 3e-9, to [`LAST`].
fn sigmas(n: usize) -> Vec<f64> {
    (0..=n).map(|i| LAST.powf(i as f64 / n as f64)).collect()
}

/// The circular moment of points, and its standard error in either component at most.
fn moment(points: &[f64], order: i32) -> (f64, f64) {
    let n = points.len() as f64;
    let angles = || points.iter().map(|x| TAU * f64::from(order) * x);
    (angles().map(f64::cos).sum::<f64>() / n, angles().map(f64::sin).sum::<f64>() / n)
}

#[test]
fn scores_of_wrapped_normals_are_central_differences_of_their_log_density() {
    for (period, share) in [(1.0, 0.02), (1.0, 0.2), (1.0, 0.29), (1.0, 0.31), (TAU, 0.5), (TAU, 1.2)] {
        let law = WrappedNormal::new(period, share * period).unwrap();
        for i in -7..=7 {
            let (x, h) = (f64::from(i) / 15.0 * period, 1e-5 * period);
            let difference = (law.log_density(x + h) - law.log_density(x - h)) / (2.0 * h);
            let score = law.score(x);
            assert!(
                (score - difference).abs() < 1e-5 * (score.abs() + 1e-3 / period),
                "{share} {x}: {score} {difference}"
            );
            assert!((law.score(x + period) - score).abs() < 1e-6 * (1.0 + score.abs()), "periodic");
        }
    }
}

#[test]
fn wrapped_normals_are_normalised_and_obey_the_heat_equation() {
    for sigma in [0.06, 0.2, 0.29, 0.31, 0.6] {
        let density = |x: f64, sigma: f64| WrappedNormal::new(1.0, sigma).unwrap().log_density(x).exp();
        let total: f64 = (0..200).map(|i| density(f64::from(i) / 200.0, sigma) / 200.0).sum();
        assert!((total - 1.0).abs() < 1e-12, "{sigma}: {total}");
        // d p/d sigma = sigma d² p/d x².
        for x in [0.0, 0.13, 0.4] {
            let h = 1e-4;
            let rate = (density(x, sigma + h) - density(x, sigma - h)) / (2.0 * h);
            let curve = (density(x + h, sigma) - 2.0 * density(x, sigma) + density(x - h, sigma)) / (h * h);
            assert!((rate - sigma * curve).abs() < 1e-4 * (1.0 + rate.abs()), "{sigma} {x}: {rate} {}", sigma * curve);
        }
    }
}

#[test]
fn the_mean_square_score_is_fishers_information() {
    let mean_square = |sigma| WrappedNormal::new(1.0, sigma).unwrap().mean_square_score();
    // Where the wrapping is not felt it is that of a normal; the shortcut and the sum agree where they meet.
    assert!((mean_square(0.03) * 0.03f64.powi(2) - 1.0).abs() < 1e-12);
    assert!((mean_square(0.0501) * 0.0501f64.powi(2) - 1.0).abs() < 1e-9);
    // For large sigma p = 1 + a cos(2 pi x), a = 2 exp(-2 pi² sigma²), and E[score²] = (2 pi a)²/2 up to a relative a².
    let a = 2.0 * (-0.5 * (TAU * 0.6f64).powi(2)).exp();
    assert!((mean_square(0.6) / (0.5 * (TAU * a).powi(2)) - 1.0).abs() < a * a);
}

#[test]
fn a_wrapped_mixture_stays_one_under_heat() {
    let mixture = mixture();
    for sigma in [0.01, 0.1, 0.5] {
        // Its score is the derivative of its logarithm, and the trapezoidal rule gives its moments exactly.
        for x in [0.0, 0.2, 0.47, 0.91] {
            let h = 1e-5;
            let difference = (mixture.log_density(x + h, sigma) - mixture.log_density(x - h, sigma)) / (2.0 * h);
            assert!((mixture.score(x, sigma) - difference).abs() < 1e-5 * (1.0 + difference.abs()));
        }
        for order in 0..4 {
            let points = (0..400).map(|i| f64::from(i) / 400.0);
            let (re, im) = points.fold((0.0, 0.0), |(re, im), x| {
                let p = mixture.log_density(x, sigma).exp() / 400.0;
                let (sin, cos) = (TAU * f64::from(order) * x).sin_cos();
                (re + p * cos, im + p * sin)
            });
            let exact = mixture.moment(order, sigma);
            assert!((re - exact.0).abs() < 1e-12 && (im - exact.1).abs() < 1e-12);
        }
    }
}

#[test]
fn under_endless_heat_the_mixture_is_uniform() {
    for x in [0.0, 0.3, 0.9] {
        assert!(mixture().log_density(x, f64::INFINITY).abs() < 1e-15 && mixture().score(x, f64::INFINITY) == 0.0);
        assert!(mixture().score(x, f64::NAN).is_nan(), "no noise level, no score");
    }
}

#[test]
fn the_probability_flow_carries_the_uniform_law_to_the_mixture_without_monte_carlo_noise() {
    // dx/dsigma = -sigma score. Evenly spaced points stand for the uniform law; on a circle their order is kept.
    let mixture = mixture();
    let field = |x: &[f64], sigma: f64| vec![-sigma * mixture.score(x[0], sigma)];
    let n = 400;
    let end =
        |i| integrate(&CIRCLE, &field, Geodesic::Midpoint, &sigmas(100), vec![(f64::from(i) + 0.5) / f64::from(n)]);
    let points: Vec<f64> = (0..n).map(|i| end(i)[0]).collect();
    for order in 1..=4 {
        let (seen, exact) = (moment(&points, order), mixture.moment(order, LAST));
        assert!((seen.0 - exact.0).abs() < 5e-3 && (seen.1 - exact.1).abs() < 5e-3, "{order}: {seen:?} {exact:?}");
    }
}

#[test]
fn the_reverse_heat_flow_samples_the_mixture_within_five_sigmas() {
    let (mixture, n) = (mixture(), 3000);
    for method in [TorusStep::Reverse { eta: 1.0 }, TorusStep::Ancestral, TorusStep::Reverse { eta: 0.0 }] {
        let mut rng = Rng::new(8);
        let mut points: Vec<f64> = rng.uniform(n, 1);
        for w in sigmas(150).windows(2) {
            let z = rng.normal_f64(n, 1);
            let score: Vec<f64> = points.iter().map(|x| mixture.score(*x, w[0])).collect();
            points = method.apply(&CIRCLE, &points, &score, w[0], w[1], &z);
        }
        for order in 1..=3 {
            let (seen, exact) = (moment(&points, order), mixture.moment(order, LAST));
            // Var cos <= 1/2 + |moment|/2 <= 1; steps of first order add a bias below 0.01.
            let allowed = 5.0 / (n as f64).sqrt() + 0.01;
            let off = (seen.0 - exact.0).hypot(seen.1 - exact.1);
            assert!(off < allowed, "{method:?} {order}: {seen:?} {exact:?}");
        }
    }
}

#[test]
fn langevin_dynamics_keeps_the_law_it_is_given_the_score_of() {
    let (mixture, sigma, n) = (mixture(), 0.1, 4000);
    let mut rng = Rng::new(9);
    let mut points = rng.uniform(n, 1);
    for _ in 0..200 {
        let z = rng.normal_f64(n, 1);
        let score: Vec<f64> = points.iter().map(|x| mixture.score(*x, sigma)).collect();
        points = TorusStep::Langevin { step: 1e-3 }.apply(&CIRCLE, &points, &score, sigma, sigma, &z);
    }
    // 200 steps diffuse by sqrt(0.2) = 0.45 of the circle: from uniform to stationary, up to the step's bias of step/sigma².
    for order in 1..=2 {
        let (seen, exact) = (moment(&points, order), mixture.moment(order, sigma));
        let off = (seen.0 - exact.0).hypot(seen.1 - exact.1);
        assert!(off < 5.0 / (n as f64).sqrt() + 0.03, "{order}: {seen:?} {exact:?}");
    }
}
