//! The same functions on batches of tensors, with one time per sample.

use burn::tensor::{Device, Tensor};
use diffusion::distil::*;
use diffusion::exact::Gaussian;
use diffusion::*;

use super::{M, S, State};

const T: [f64; 3] = [0.9, 0.5, 0.7];
const R: [f64; 3] = [0.6, 0.4, 0.35];
const END: [f64; 3] = [0.3, 0.1, 0.0];
const X: [[f64; 2]; 3] = [[-2.0, 0.5], [3.0, 1.0], [0.1, -0.7]];
const NOISE: [[f64; 2]; 3] = [[0.3, -1.0], [0.7, 0.2], [-1.4, 0.9]];

fn tensor(rows: [[f64; 2]; 3]) -> Tensor<2> {
    Tensor::from_data(rows, &Device::flex())
}

/// The exact estimate `D = m + g (x - alpha m)` of each sample at its own time.
fn estimate(x: &Tensor<2>, t: &[f64]) -> Tensor<2> {
    let pair = |t: &f64| {
        let c = Linear.at(*t);
        let gain = c.alpha * S * S / ((c.alpha * S).powi(2) + c.sigma.powi(2));
        (gain, M * (1.0 - gain * c.alpha))
    };
    let (gain, shift): (Vec<f64>, Vec<f64>) = t.iter().map(pair).unzip();
    x.clone().axpby_rows(&gain, &shift, &x.ones_like())
}

/// Compares a batch's lesson with the lessons of its samples alone, in single precision.
fn agree(lesson: &Lesson<Tensor<2>>, alone: impl Fn(usize) -> Lesson<State>) {
    let target: Vec<f64> = lesson.target.clone().into_data().iter::<f64>().collect();
    let output = lesson.input.clone().mul_scalar(0.5);
    for metric in [Metric::Squared, Metric::PseudoHuber { c: 0.1 }] {
        let on_host = lesson.errors(&output, metric);
        let losses: Vec<f64> = lesson.losses(output.clone(), metric).into_data().iter::<f64>().collect();
        for r in 0..3 {
            let one = alone(r);
            let close = |a: f64, b: f64| (a - b).abs() < 2e-5 * (1.0 + b.abs());
            assert!((0..2).all(|j| close(target[2 * r + j], one.target[j])));
            assert!(close(lesson.weight[r], one.weight[0]));
            let half = one.input.clone().scale(0.5);
            assert!(close(on_host[r], one.errors(&half, metric)[0]) && close(losses[r], on_host[r]));
        }
    }
}

#[test]
fn a_batch_of_tensors_learns_what_its_samples_learn_alone() {
    let model = Gaussian::isotropic(Linear, 2, M, S).unwrap();
    let (single, row) = (per_row(&model), |rows: [[f64; 2]; 3], r: usize| rows[r].to_vec());
    agree(&progressive(&Linear, &estimate, tensor(X), &T, &R, &END).unwrap(), |r| {
        progressive(&Linear, &single, row(X, r), &T[r..=r], &R[r..=r], &END[r..=r]).unwrap()
    });
    agree(&consistency_training(&Linear, &estimate, tensor(X), &tensor(NOISE), &T, &R).unwrap(), |r| {
        consistency_training(&Linear, &single, row(X, r), &row(NOISE, r), &T[r..=r], &R[r..=r]).unwrap()
    });
    let heun = |x: &Tensor<2>, t: &[f64], s: &[f64]| heun_rows(&Linear, &estimate, x, t, s);
    let heun_alone = |x: &State, t: &[f64], s: &[f64]| heun_rows(&Linear, &single, x, t, s);
    // One of the end times is clean data, where Heun's step becomes Euler's and the estimate is the state itself.
    agree(&consistency_distillation(&heun, &estimate, tensor(X), &T, &END).unwrap(), |r| {
        consistency_distillation(&heun_alone, &single, row(X, r), &T[r..=r], &END[r..=r]).unwrap()
    });
    agree(&shortcut(&heun, tensor(X), &T, &END).unwrap(), |r| {
        shortcut(&heun_alone, row(X, r), &T[r..=r], &END[r..=r]).unwrap()
    });
    agree(&shortcut_jump(&Linear, &heun, tensor(X), [&T, &R, &END]).unwrap(), |r| {
        shortcut_jump(&Linear, &heun_alone, row(X, r), [&T[r..=r], &R[r..=r], &END[r..=r]]).unwrap()
    });
    let tangent = |x: &Tensor<2>, t: &[f64], s: &[f64], v: &Tensor<2>| (heun(x, t, s), v.clone());
    let tangent_alone = |x: &State, t: &[f64], s: &[f64], v: &State| (heun_alone(x, t, s), v.clone());
    let flat = Adaptive::default();
    agree(&mean_flow(&tangent, tensor(X), &tensor(NOISE), &T, &R, flat).unwrap(), |r| {
        mean_flow(&tangent_alone, row(X, r), &row(NOISE, r), &T[r..=r], &R[r..=r], flat).unwrap()
    });
}

#[test]
fn lessons_of_different_methods_are_one_after_regrouping() {
    let first = progressive(&Linear, &estimate, tensor(X), &T, &R, &END).unwrap();
    let second = consistency_training(&Linear, &estimate, tensor(NOISE), &tensor(X), &T, &END).unwrap();
    let rows = [(1, 2), (0, 0), (1, 0)];
    let both = Lesson::regroup(&[&first, &second], &rows);
    assert_eq!((both.t, both.s), (vec![T[2], T[0], T[0]], vec![END[2], END[0], END[0]]));
    assert_eq!(both.weight, [second.weight[2], first.weight[0], second.weight[0]]);
    for (joined, of) in [(both.input, [&first.input, &second.input]), (both.target, [&first.target, &second.target])] {
        let expected: Vec<Vec<f64>> = rows.iter().map(|&(part, row)| of[part].to_host()[row].clone()).collect();
        assert_eq!(joined.to_host(), expected);
    }
}

#[test]
fn a_network_without_error_is_read_as_the_lessons_target() {
    let lesson = progressive(&Linear, &estimate, tensor(X), &T, &R, &END).unwrap();
    for target in [Target::Velocity, Target::Edm { sigma_data: 1.3 }, Target::V, Target::Noise] {
        let problem = lesson.regression(&Linear, target);
        assert!(problem.losses(problem.target.clone()).into_data().iter::<f32>().all(|loss| loss == 0.0));
        // F = F* + 1 is read as an estimate that is off by the row's factor.
        let rows: Vec<Precond> = T.iter().map(|t| target.row(Linear.at(*t))).collect();
        let of = |number: fn(&Precond) -> f64| rows.iter().map(number).collect::<Vec<f64>>();
        let off = problem.target.clone() + 1.0;
        let read = off.clone().axpby_rows(&of(|row| row.out), &of(|row| row.skip), &lesson.input);
        let (direct, by_rows) = (problem.losses(off), lesson.errors(&read, Metric::Squared));
        for (a, b) in direct.into_data().iter::<f64>().zip(by_rows) {
            assert!((a / b - 1.0).abs() < 1e-4, "{target:?}: {a} {b}");
        }
    }
}
