//! Linear scores on normal data: every loss is a polynomial whose mean is known.

use burn::tensor::Tensor;
use diffusion::score::*;
use diffusion::{Probe, Rng};

use crate::*;

const N: usize = 20_000;
const PROBES: [Probe; 3] = [Probe::Rademacher, Probe::Gaussian, Probe::Sphere];

/// The score `-a x` and its derivative along `v`.
fn isotropic(a: f64) -> impl Fn(&Tensor<2>, &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    move |x, v| (x.clone().mul_scalar(-a), v.clone().mul_scalar(-a))
}

/// The score `-A x` and its derivative along `v`.
fn linear(a: [[f32; 2]; 2]) -> impl Fn(&Tensor<2>, &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let minus = Tensor::<2>::from_data(a, &Device::flex()).transpose().neg();
    move |x, v| (x.clone().matmul(minus.clone()), v.clone().matmul(minus.clone()))
}

fn normal(s: f64, columns: usize, stream: u64) -> Tensor<2> {
    let values: Vec<f64> = Rng::new(11).stream(stream).normal_f64(N, columns).iter().map(|z| s * z).collect();
    batch(&values, columns)
}

#[test]
fn implicit_score_matching_of_a_linear_score_is_a_parabola() {
    // E[1/2 a² x² - a] = 1/2 a² s² - a for data N(0, s²), in each of the coordinates.
    for (s, a) in [(0.7, 1.0), (0.7, 1.0 / 0.49), (2.0, 0.1), (1.0, -0.5)] {
        for columns in [1, 3] {
            let losses = host(implicit(isotropic(a), &normal(s, columns, 0)));
            assert_mean("implicit", &losses, columns as f64 * (0.5 * a * a * s * s - a));
        }
    }
}

#[test]
fn the_minimum_of_implicit_score_matching_is_minus_half_the_fisher_information() {
    // At a = 1/s² the mean is -1/(2 s²), and the curvature there is that of 1/2 a² s² - a in a: s².
    let (s, h) = (0.7, 0.05);
    let data = normal(s, 1, 0);
    let at = |a: f64| mean(&host(implicit(isotropic(a), &data))).0;
    let (_, error) = mean(&host(implicit(isotropic(1.0 / (s * s)), &data)));
    assert!((at(1.0 / (s * s)) + 0.5 / (s * s)).abs() < 4.0 * error);
    let second = mean(&host(data.clone() * data.clone())).0;
    let curvature = (at(2.0 + h) - 2.0 * at(2.0) + at(2.0 - h)) / (h * h);
    // The loss is quadratic in a for any data: the curvature is their second moment.
    assert!((curvature - second).abs() < 2e-3, "{curvature} {second}");
}

#[test]
fn explicit_and_implicit_score_matching_differ_by_half_the_fisher_information() {
    for a in [0.5, 1.0, 3.0] {
        let s: f64 = 0.7;
        let data = normal(s, 2, 1);
        let explicit = host(explicit(isotropic(a)(&data, &data).0, data.clone().mul_scalar(-1.0 / (s * s))));
        assert_mean("explicit", &explicit, (a - 1.0 / (s * s)).powi(2) * s * s);
        let gap = difference(&explicit, &host(implicit(isotropic(a), &data)));
        assert_mean("gap", &gap, 2.0 * 0.5 / (s * s));
    }
}

#[test]
fn sliced_score_matching_has_the_mean_of_implicit_score_matching_for_every_probe() {
    // A score that is neither isotropic nor a gradient, so that every part of the trace and the square counts.
    let score = linear([[1.3, 0.8], [-0.4, 0.6]]);
    let data = normal(1.2, 2, 2);
    let exact = host(implicit(&score, &data));
    for (stream, probe) in PROBES.iter().enumerate() {
        let v = probe.draw(&data, &mut Rng::new(5).stream(stream as u64));
        for (name, losses) in [("sliced", sliced(&score, &data, &v)), ("reduced", sliced_reduced(&score, &data, &v))] {
            assert_mean(&format!("{name}, {probe:?}"), &difference(&host(losses), &exact), 0.0);
        }
    }
}

#[test]
fn reduced_slices_of_isotropic_scores_equal_implicit_score_matching_draw_by_draw() {
    // v^T (-a) v = -a |v|² and |v|² = F for signs and for the sphere: no variance is left.
    let data = normal(0.9, 3, 3);
    let exact = host(implicit(isotropic(1.7), &data));
    for probe in [Probe::Rademacher, Probe::Sphere] {
        let v = probe.draw(&data, &mut Rng::new(6));
        let losses = host(sliced_reduced(isotropic(1.7), &data, &v));
        assert!(difference(&losses, &exact).iter().all(|d| d.abs() < 2e-5), "{probe:?}");
    }
    // Normal probes keep a variance of 2 F a² from |v|².
    let v = Probe::Gaussian.draw(&data, &mut Rng::new(6));
    let excess = difference(&host(sliced_reduced(isotropic(1.7), &data, &v)), &exact);
    let squares: Vec<f64> = excess.iter().map(|d| d * d).collect();
    assert_mean("variance", &squares, 2.0 * 3.0 * 1.7 * 1.7);
}

#[test]
fn the_reduced_form_has_less_variance() {
    let score = linear([[1.3, 0.8], [-0.4, 0.6]]);
    let data = normal(1.2, 2, 4);
    for probe in PROBES {
        let v = probe.draw(&data, &mut Rng::new(8));
        let full = mean(&host(sliced(&score, &data, &v))).1;
        let reduced = mean(&host(sliced_reduced(&score, &data, &v))).1;
        assert!(reduced < 0.9 * full, "{probe:?}: {reduced} against {full}");
    }
}

#[test]
fn the_floor_of_denoising_is_what_the_noise_hides() {
    // The best score of N(0, s² + sigma²) leaves 1/2 (1/sigma² - 1/(s² + sigma²)) in each coordinate.
    let s: f64 = 0.7;
    for sigma in [0.1, 0.5, 2.0] {
        let total = s * s + sigma * sigma;
        let data = normal(s, 2, 5);
        let losses = denoising(|x| x.clone().mul_scalar(-1.0 / total), &data, sigma, &mut Rng::new(9)).unwrap();
        assert_mean("denoising", &host(losses), 1.0 / (sigma * sigma) - 1.0 / total);
    }
}

#[test]
fn a_noise_conditional_score_leaves_the_mean_share_of_signal() {
    // sigma² times the floor of denoising is 1/2 s²/(s² + sigma²) in each coordinate; the levels are equally likely.
    let s: f64 = 0.7;
    let ncsn = Ncsn::geometric(10.0, 0.05, 8).unwrap();
    let score = |x: &Tensor<2>, sigma: &Tensor<2>| {
        let total = sigma.clone() * sigma.clone() + s * s;
        x.clone().neg() / total
    };
    let losses = host(ncsn.losses(score, &normal(s, 1, 6), &mut Rng::new(10)));
    let share = |sigma: &f64| 0.5 * s * s / (s * s + sigma * sigma);
    let expected = ncsn.levels().iter().map(share).sum::<f64>() / 8.0;
    assert_mean("ncsn", &losses, expected);
}

#[test]
fn probes_have_unit_covariance_and_their_stated_lengths() {
    let like = normal(1.0, 3, 7);
    for probe in PROBES {
        let v = host(probe.draw(&like, &mut Rng::new(13)));
        for i in 0..3 {
            for j in 0..=i {
                let products: Vec<f64> = v.chunks(3).map(|v| v[i] * v[j]).collect();
                if probe == Probe::Rademacher && i == j {
                    assert!(products.iter().all(|p| *p == 1.0));
                } else {
                    assert_mean(&format!("{probe:?} {i} {j}"), &products, f64::from(u8::from(i == j)));
                }
            }
        }
        if probe != Probe::Gaussian {
            assert!(v.chunks(3).all(|v| (v.iter().map(|v| v * v).sum::<f64>() - 3.0).abs() < 1e-5));
        }
    }
}
