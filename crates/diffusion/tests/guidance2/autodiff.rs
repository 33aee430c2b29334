//! Reverse-mode pullbacks against exact ones and against central differences, and posteriors through them.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::{Component, FullComponent, FullMixture, Mixture};
use diffusion::inverse::{Matrix, Measurement, Mmps};
use diffusion::*;

fn tensor(values: &[f64], columns: usize) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

const WEIGHTS: [f64; 3] = [0.5, 0.2, 0.3];
const MEANS: [f64; 6] = [1.0, 0.0, -1.0, 0.5, 0.3, -1.2];
const STD: f64 = 0.5;

/// A mixture of round normals of one width, in tensor operations: D = (sum r_k m_k) (1 - alpha g) + g x, g = alpha s²/q².
struct OnTape(Edm);

impl Denoise<Tensor<2>> for OnTape {
    fn path(&self) -> &dyn Path {
        &self.0
    }

    fn denoise(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
        let q2 = STD * STD + t * t;
        let means = tensor(&MEANS, 2);
        let log = tensor(&WEIGHTS, 3).log();
        let squares = means.clone().powi_scalar(2).sum_dim(1).transpose();
        // ln r_k = ln w_k + (x.m - |m|²/2)/q² + what is common to all.
        let terms = log + (x.clone().matmul(means.clone().transpose()) - squares.mul_scalar(0.5)).div_scalar(q2);
        let gain = STD * STD / q2;
        softmax(terms, 1).matmul(means).mul_scalar(1.0 - gain) + x.clone().mul_scalar(gain)
    }
}

fn exact() -> Mixture<Edm> {
    let part = |(w, m): (&f64, &[f64])| Component { weight: *w, mean: m.to_vec(), std: STD };
    Mixture::new(Edm::default(), WEIGHTS.iter().zip(MEANS.chunks(2)).map(part).collect()).unwrap()
}

#[test]
fn reverse_mode_agrees_with_an_exact_pullback() {
    let (model, exact) = (Reverse(OnTape(Edm::default())), exact());
    for t in [0.1, 0.5, 2.0] {
        let draws = Rng::new(1).normal_f64(8, 2);
        let x = tensor(&draws, 2);
        let (estimate, pullback) = model.vjp(&x, t);
        assert!(!estimate.is_autodiff());
        for seed in [2, 3] {
            // Twice: the second walks a tape recorded anew.
            let v = Rng::new(seed).normal_f64(8, 2);
            let pulled = pullback(&tensor(&v, 2));
            assert!(!pulled.is_autodiff());
            for (row, (e, p)) in estimate.to_host().into_iter().zip(pulled.to_host()).enumerate() {
                let (truth, back) = exact.vjp(&x.to_host()[row], t);
                let wanted = back(&v[2 * row..2 * row + 2].to_vec());
                assert!(e.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-5), "{e:?} {truth:?}");
                assert!(p.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 2e-5 * (1.0 + b.abs())), "{p:?} {wanted:?}");
            }
        }
    }
}

#[test]
fn networks_with_plain_weights_are_differentiated_in_their_input() {
    // A preconditioned network whose weights never see a tape, against central differences.
    let (first, second) = (tensor(&Rng::new(4).normal_f64(3, 16), 16), tensor(&Rng::new(5).normal_f64(16, 3), 3));
    let network = |x: Tensor<2>, level: f64| x.matmul(first.clone()).add_scalar(level).tanh().matmul(second.clone());
    for target in Target::NAMES {
        let model = Reverse(Preconditioned { path: VpLinear::default(), target: target.parse().unwrap(), network });
        let (x, v, w) = (Rng::new(6).normal_f64(1, 3), Rng::new(7).normal_f64(1, 3), Rng::new(8).normal_f64(1, 3));
        let (_, pullback) = model.vjp(&tensor(&x, 3), 0.4);
        let along = pullback(&tensor(&v, 3)).dot(&tensor(&w, 3))[0];
        let h = 1e-2;
        let at = |h: f64| model.denoise(&tensor(&x.clone().axpby(1.0, h, &w), 3), 0.4).dot(&tensor(&v, 3))[0];
        let difference = (at(h) - at(-h)) / (2.0 * h);
        // Steps of 0.01 in single precision: h² of third derivatives and 1e-7/h of rounding.
        assert!((along - difference).abs() < 5e-3 * (1.0 + difference.abs()), "{target}: {along} {difference}");
    }
}

#[test]
fn a_network_on_the_tape_and_one_that_ignores_its_input_have_pullbacks_too() {
    let weight = tensor(&[2.0, 0.0, 1.0, -1.0], 2).autodiff().require_grad();
    let on_tape = Preconditioned {
        path: Edm::default(),
        target: Target::Data,
        network: |x: Tensor<2>, _| x.matmul(weight.clone()),
    };
    let x = tensor(&[0.3, 0.4], 2);
    let model = Reverse(on_tape);
    let (estimate, pullback) = model.vjp(&x, 1.0);
    assert!((estimate.to_host()[0][0] - 1.0).abs() < 1e-6 && !estimate.is_autodiff());
    // v W^T for v = (1, 1).
    assert_eq!(pullback(&tensor(&[1.0, 1.0], 2)).to_host(), [[2.0, 0.0]]);
    let blind = Reverse(Preconditioned {
        path: Edm::default(),
        target: Target::Data,
        network: |x: Tensor<2>, _| x.inner().ones_like(),
    });
    assert_eq!(blind.vjp(&x, 1.0).1(&x).to_host(), [[0.0, 0.0]]);
}

#[test]
fn moment_matching_through_reverse_mode_is_the_exact_posterior_of_a_normal() {
    // D = x C (C + sigma²)^-1 for data N(0, C), C = [[1, .6], [.6, .5]], as matrices on the tape.
    let network = |x: Tensor<2>, level: f64| {
        let sigma2 = (8.0 * level).exp();
        let (a, b, d) = (1.0 + sigma2, 0.6, 0.5 + sigma2);
        let det = a * d - b * b;
        let inverse = tensor(&[d / det, -b / det, -b / det, a / det], 2);
        x.matmul(tensor(&[1.0, 0.6, 0.6, 0.5], 2)).matmul(inverse)
    };
    let path = Edm::default();
    let model = Reverse(Preconditioned { path, target: Target::Data, network });
    let full = FullComponent::new(1.0, vec![0.0; 2], &[vec![1.0, 0.6], vec![0.6, 0.5]]).unwrap();
    let measured = Measurement::new(Matrix::new(vec![vec![1.0, -0.5]]).unwrap(), vec![0.8], 0.2).unwrap();
    let exact = FullMixture::new(path, vec![full]).unwrap().posterior(path, &measured).unwrap();
    let guided = Mmps::new(model, measured);
    for t in [0.1, 0.7, 5.0] {
        let x = Rng::new(9).normal_f64(4, 2);
        for (row, ours) in guided.denoise(&tensor(&x, 2), t).to_host().iter().enumerate() {
            let truth = exact.denoise(&x[2 * row..2 * row + 2].to_vec(), t);
            assert!(ours.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-4), "{t}: {ours:?} {truth:?}");
        }
    }
}
