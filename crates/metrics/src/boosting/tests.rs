use super::*;
use crate::random::{
    SplitMix64,
    tests::{normal, uniform},
};

/// Positive class with probability `truth(x)` at x uniform in the unit square (and one useless feature).
fn sample(seed: u64, n: usize, truth: impl Fn(f64, f64) -> f64) -> (Matrix, Vec<bool>) {
    let mut rng = SplitMix64::keyed(seed, &[]);
    let mut data = Vec::new();
    let positive = (0..n)
        .map(|_| {
            let (x, y) = (uniform(&mut rng), uniform(&mut rng));
            data.extend([x, y, normal(&mut rng)]);
            uniform(&mut rng) < truth(x, y)
        })
        .collect();
    (Matrix::new(n, 3, data).unwrap(), positive)
}

#[test]
fn it_learns_the_probability_of_a_chessboard() {
    // No feature alone tells anything: 0.9 on white fields, 0.1 on black ones. Both classes are equally frequent.
    let truth = |x: f64, y: f64| if ((3.0 * x) as i32 + (4.0 * y) as i32) % 2 == 0 { 0.9 } else { 0.1 };
    let (x, p) = sample(1, 20_000, truth);
    let (vx, vp) = sample(2, 5_000, truth);
    let model = Boosting::default().train((&x, &p), (&vx, &vp)).unwrap();
    let (tx, _) = sample(3, 2_000, truth);
    let d = model.predict(&tx).unwrap();
    let error: f64 = (0..2000).map(|i| (d[i] - truth(tx.row(i)[0], tx.row(i)[1])).abs()).sum::<f64>() / 2000.0;
    assert!(error < 0.06, "{error}");
    // The entropy of a 0.9 coin is the least possible loss; 5000 events measure it to 0.66/sqrt(5000) = 0.009.
    let entropy = -(0.9_f64 * 0.9_f64.ln() + 0.1 * 0.1_f64.ln());
    let best = model.validation_loss[model.rounds()];
    assert!(best > entropy - 4.0 * 0.009 && best < entropy + 0.06, "{best} {entropy}");
}

#[test]
fn classes_of_unequal_size_are_weighted_equally() {
    // Nothing to learn: D must be 1/2 although only a tenth of the events is positive.
    let (x, p) = sample(4, 10_000, |_, _| 0.1);
    let (vx, vp) = sample(5, 4_000, |_, _| 0.1);
    let d = Boosting::default().train((&x, &p), (&vx, &vp)).unwrap().predict(&vx).unwrap();
    let mean = d.iter().sum::<f64>() / d.len() as f64;
    assert!((mean - 0.5).abs() < 0.03, "{mean}");
}

#[test]
fn one_tree_of_two_leaves_finds_the_step_and_its_newton_values() {
    // x < 1/2 is negative, x > 1/2 positive, 50 events each: G = +-25, H = 12.5 per leaf, value = 25/(12.5+l2) x rate.
    let data: Vec<f64> = (0..100).map(f64::from).collect();
    let x = Matrix::new(100, 1, data).unwrap();
    let p: Vec<bool> = (0..100).map(|k| k >= 50).collect();
    let settings =
        Boosting { rounds: 1, leaves: 2, l2: 1.0, learning_rate: 0.5, min_hessian: 1.0, ..Boosting::default() };
    let s = settings.train((&x, &p), (&x, &p)).unwrap().log_odds(&x).unwrap();
    let value = 0.5 * 25.0 / 13.5;
    assert!((0..100).all(|k| (s[k] - if k < 50 { -value } else { value }).abs() < 1e-6));
}

#[test]
fn the_trees_do_not_depend_on_the_number_of_threads() {
    let (x, p) = sample(6, 3000, |x, _| x);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Boosting::default().train((&x, &p), (&x, &p)).unwrap().log_odds(&x).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_missing_class_is_an_error() {
    let (x, _) = sample(7, 10, |_, _| 0.5);
    assert!(Boosting::default().train((&x, &[true; 10]), (&x, &[true; 10])).is_err());
    assert!(Boosting { bins: 300, ..Boosting::default() }.train((&x, &[true; 10]), (&x, &[false; 10])).is_err());
}
