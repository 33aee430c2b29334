//! Stochastic interpolants between normal laws: fields against moments, transport at any diffusion, Schrödinger bridges.

use diffusion::couple::{Sinkhorn, squared_distances};
use diffusion::interpolant::*;
use diffusion::*;

use super::normals;

type State = Vec<f64>;

const DATA: (f64, f64) = (1.0, 0.5);
const SOURCE: (f64, f64) = (-0.5, 1.4);
const GAMMAS: [Gamma; 3] = [Gamma::None, Gamma::Bridge { scale: std::f64::consts::SQRT_2 }, Gamma::SineSquared];

fn model(gamma: Gamma, correlation: f64) -> GaussianInterpolant<Linear> {
    let interpolant = Interpolant { path: Linear, gamma };
    GaussianInterpolant::new(interpolant, DATA, SOURCE, correlation * DATA.1 * SOURCE.1).unwrap()
}

#[test]
fn rates_of_gamma_are_central_differences() {
    for gamma in GAMMAS {
        for t in [0.1, 0.5, 0.77] {
            let h = 1e-6;
            let difference = (gamma.at(t + h).0 - gamma.at(t - h).0) / (2.0 * h);
            assert!((gamma.at(t).1 - difference).abs() < 1e-8, "{gamma:?}");
            assert!((gamma.product(t) - gamma.at(t).0 * difference).abs() < 1e-8);
        }
        for t in [0.0, 1.0] {
            let (value, rate) = gamma.at(t);
            assert!(value.abs() < 1e-15 && (rate as f32).is_finite() && gamma.product(t).is_finite(), "{gamma:?}");
        }
    }
}

#[test]
fn exact_fields_are_the_regressions_of_their_targets() {
    // Eight points carry the second moments of (data, source, z), so the least-squares line through their targets is exact.
    let correlation: f64 = 0.4;
    for gamma in GAMMAS {
        let model = model(gamma, correlation);
        for t in [0.15, 0.5, 0.8] {
            let corners: Vec<[f64; 3]> =
                (0..8).map(|k| [1, 2, 4].map(|bit| f64::from(1 - 2 * i32::from(k & bit != 0)))).collect();
            let data: State = corners.iter().map(|c| DATA.0 + DATA.1 * c[0]).collect();
            let mixed = |c: &[f64; 3]| correlation * c[0] + (1.0 - correlation * correlation).sqrt() * c[1];
            let source: State = corners.iter().map(|c| SOURCE.0 + SOURCE.1 * mixed(c)).collect();
            let z: State = corners.iter().map(|c| c[2]).collect();
            let drawn = Interpolant { path: Linear, gamma }.at(&data, &source, z, &[t]);
            let mean = |v: &dyn Fn(usize) -> f64| (0..8).map(v).sum::<f64>() / 8.0;
            let centre = mean(&|k| drawn.x[k]);
            let variance = mean(&|k| (drawn.x[k] - centre).powi(2));
            let line = |target: &State, x: f64| {
                let slope = mean(&|k| target[k] * (drawn.x[k] - centre)) / variance;
                mean(&|k| target[k]) + slope * (x - centre)
            };
            for x in [-1.0, 0.3, 2.0] {
                assert!((line(&drawn.velocity, x) - model.velocity(&[x], t)[0]).abs() < 1e-12, "{gamma:?} {t}");
                if gamma != Gamma::None {
                    assert!((line(&drawn.score(), x) - model.score(&[x], t)[0]).abs() < 1e-12, "{gamma:?} {t}");
                    assert!((line(&drawn.noise, x) / -drawn.gamma[0] - model.score(&[x], t)[0]).abs() < 1e-12);
                }
            }
        }
    }
}

#[test]
fn source_becomes_data_whatever_the_diffusion() {
    let n = 20_000;
    let times: Vec<f64> = (0..=200).map(|i| 1.0 - f64::from(i) / 200.0).collect();
    for gamma in GAMMAS {
        for epsilon in [0.0, 0.3, 1.0] {
            let model = model(gamma, 0.0);
            let mut rng = Rng::new(2);
            let start: State = rng.normal_f64(1, n).iter().map(|z| SOURCE.0 + SOURCE.1 * z).collect();
            let b = |x: &State, t: f64| model.velocity(x, t);
            let s = |x: &State, t: f64| model.score(x, t);
            let x = interpolant_sample(&b, &s, &|_| epsilon, &times, start, &mut rng);
            let mean = x.iter().sum::<f64>() / n as f64;
            let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
            // Standard errors s/sqrt(n), s² sqrt(2/n), and a bias of first order in steps of 1/200 under diffusion.
            let bias = if epsilon > 0.0 { 0.01 } else { 1e-3 };
            let (off, wide) = ((mean - DATA.0).abs(), (variance / DATA.1.powi(2) - 1.0).abs());
            assert!(off < 4.0 * DATA.1 / (n as f64).sqrt() + bias, "{gamma:?} {epsilon}: mean off by {off}");
            assert!(wide < 4.0 * (2.0 / n as f64).sqrt() + 4.0 * bias, "{gamma:?} {epsilon}: variance off by {wide}");
        }
    }
}

#[test]
fn the_mixture_of_brownian_bridges_is_markov_for_the_schroedinger_coupling_only() {
    // Past and future are independent given the present: Cov(0, 1) V(t) = Cov(0, t) Cov(t, 1).
    let (s0, s1, sigma, t) = (DATA.1, SOURCE.1, 0.8, 0.3);
    let defect = |c: f64| {
        let gamma = Gamma::Bridge { scale: sigma };
        let model = GaussianInterpolant::new(Interpolant { path: Linear, gamma }, DATA, SOURCE, c).unwrap();
        let variance = model.moments(t).1;
        c * variance - ((1.0 - t) * s0 * s0 + t * c) * ((1.0 - t) * c + t * s1 * s1)
    };
    let covariance = schroedinger_covariance(s0, s1, sigma);
    assert!(defect(covariance).abs() < 1e-15);
    assert!(defect(0.0).abs() > 0.05 && defect(0.9 * s0 * s1).abs() > 0.01);
    assert!((schroedinger_covariance(s0, s1, 0.0) - s0 * s1).abs() < 1e-15);
    assert!(schroedinger_covariance(s0, s1, 1e3) < 1e-6);
}

#[test]
fn entropic_transport_couples_like_the_schroedinger_bridge() {
    // eps = 2 sigma²; points at the quantiles of both laws, so what is left is the discretisation of 200 points.
    let (n, sigma) = (200, 0.8);
    let mut z = normals(4, 100_000, 1);
    z.sort_by(f64::total_cmp);
    let quantile = |i: usize| z[(2 * i + 1) * z.len() / (2 * n)];
    let data: State = (0..n).map(|i| DATA.1 * quantile(i)).collect();
    let source: State = (0..n).map(|i| SOURCE.1 * quantile(i)).collect();
    let cost = squared_distances(&data, &source, n).unwrap();
    let mean = cost.iter().sum::<f64>() / (n * n) as f64;
    let plan = Sinkhorn::new(2.0 * sigma * sigma / mean).unwrap().plan(&cost, n).unwrap();
    let covariance: f64 =
        plan.mass.iter().enumerate().map(|(k, p)| p * data[k / n] * source[k % n]).sum::<f64>() / n as f64;
    let exact = schroedinger_covariance(DATA.1, SOURCE.1, sigma);
    assert!((covariance / exact - 1.0).abs() < 0.02, "{covariance} {exact}");
}

#[test]
fn laws_that_do_not_exist_are_refused() {
    let interpolant = Interpolant { path: Linear, gamma: Gamma::None };
    assert!(GaussianInterpolant::new(interpolant, (0.0, 0.0), SOURCE, 0.0).is_err());
    assert!(GaussianInterpolant::new(interpolant, DATA, SOURCE, 0.71).is_err());
}
