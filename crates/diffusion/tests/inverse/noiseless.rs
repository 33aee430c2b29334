//! Measurements without noise: what was seen comes back exactly, what was not is drawn from what is left.

use diffusion::exact::{FullComponent, FullMixture, Gaussian};
use diffusion::inverse::*;
use diffusion::*;

use crate::gaussian::dot;

const SEEN: [bool; 4] = [true, false, false, true];

fn mask() -> Measurement<Mask> {
    Measurement::new(Mask::new(&SEEN).unwrap(), vec![1.0, -0.4], 0.0).unwrap()
}

fn matrix() -> Measurement<Matrix> {
    let a = Matrix::new(vec![vec![1.0, 0.5, -0.3, 0.2], vec![0.0, 1.0, 1.0, -1.0]]).unwrap();
    Measurement::new(a, vec![1.0, -0.7], 0.0).unwrap()
}

/// Neighbours correlated by 0.8.
fn chain<P: Path>(path: P) -> FullMixture<P> {
    let covariance: Vec<Vec<f64>> =
        (0..4i32).map(|i| (0..4i32).map(|j| 0.8f64.powi((i - j).abs())).collect()).collect();
    FullMixture::new(path, vec![FullComponent::new(1.0, vec![0.0; 4], &covariance).unwrap()]).unwrap()
}

#[test]
fn what_was_seen_without_noise_comes_back_exactly() {
    for name in ["edm", "vp", "linear"] {
        let path: AnyPath = name.parse().unwrap();
        let model = chain(path.clone());
        let grid = Grid::edm(&path, 12).unwrap();
        for seed in 0..5 {
            let mut rng = Rng::new(seed);
            let noise = grid.prior(&path, &vec![0.0; 4], &mut rng);
            let repaint = RePaint { measured: mask(), inner: Ddim { eta: 1.0 }, repeats: 3, jump: 2 };
            let ddrm = Ddrm::new(mask()).unwrap();
            let ddnm = Ddnm { prior: &model, measured: mask() };
            let quiet = &mut |_: &Progress<Vec<f64>>| {};
            for done in [
                sample(&ddnm, &repaint, &grid, noise.clone(), &mut rng, quiet),
                sample(&ddnm, &ddrm, &grid, noise.clone(), &mut rng, quiet),
                Sampler::Heun.run(&ddnm, &grid, noise.clone(), &mut rng, quiet),
            ] {
                assert_eq!((done.x[0], done.x[3]), (1.0, -0.4), "{name}");
                assert!(done.x.iter().all(|x| x.is_finite()));
            }
            // The steps alone agree too, up to the noise that they mean to add: at the last time x = alpha y + sigma z.
            let early = grid.clone().without_clean_step();
            let at = path.at(*early.times().last().unwrap());
            let x = sample(&model, &ddrm, &early, noise.clone(), &mut rng, quiet).x;
            assert!((x[0] / at.alpha - 1.0).abs() < 6.0 * at.sigma / at.alpha, "{name}: {x:?}");
            // A dense matrix likewise, to rounding.
            let ddnm = Ddnm { prior: &model, measured: matrix() };
            let x = sample(&ddnm, &Ddrm::new(matrix()).unwrap(), &grid, noise, &mut rng, quiet).x;
            let seen = matrix().operator().apply(&x).unwrap();
            assert!(
                seen.iter().zip(matrix().outcome(0).unwrap()).all(|(a, y)| (a - y).abs() < 1e-12),
                "{name}: {seen:?}"
            );
        }
    }
}

/// Mean and covariance of the two unseen coordinates over `n` samples.
fn moments(n: u64, draw: impl Fn(u64) -> Vec<f64>) -> ([f64; 2], [f64; 3]) {
    let all: Vec<Vec<f64>> = (0..n).map(draw).collect();
    let mean = [1, 2].map(|i| all.iter().map(|x| x[i]).sum::<f64>() / n as f64);
    let second =
        |i: usize, j: usize| all.iter().map(|x| (x[i] - mean[i - 1]) * (x[j] - mean[j - 1])).sum::<f64>() / n as f64;
    (mean, [second(1, 1), second(2, 2), second(1, 2)])
}

#[test]
fn repainting_longer_brings_the_unseen_part_to_its_conditional() {
    let path = Edm::default();
    let model = chain(path);
    let exact = model.posterior(path, &mask()).unwrap();
    let (truth, spread) = (exact.mean(), exact.components()[0].covariance());
    let grid = Grid::karras(&path, 0.02, 20.0, 7.0, 15).unwrap();
    let n = 1000;
    let error = |repeats: usize| {
        let method = RePaint { measured: mask(), inner: Heun, repeats, jump: 1 };
        let finish = Ddnm { prior: &model, measured: mask() };
        let (mean, second) = moments(n, |number| {
            let mut rng = Rng::new(1).at(number);
            let x = grid.prior(&path, &vec![0.0; 4], &mut rng);
            sample(&finish, &method, &grid, x, &mut rng, &mut |_| {}).x
        });
        let offset = dot(&[mean[0] - truth[1], mean[1] - truth[2]], &[mean[0] - truth[1], mean[1] - truth[2]]).sqrt();
        (offset, second[0] / spread[1][1] - 1.0)
    };
    let (once, often) = (error(1), error(12));
    // The error of the mean alone is 1 in sqrt(1000) of a spread of 0.47: 0.02 in each coordinate.
    assert!(once.0 > 2.0 * often.0 && often.0 < 0.1, "{once:?} {often:?}");
    assert!(often.1.abs() < 0.2, "{often:?}");
}

#[test]
fn restoration_of_round_normals_is_exact_in_the_unseen_directions() {
    // Directions of N(0, I) that are not measured stay N(0, 1), whatever was seen.
    let path = Edm::default();
    let model = Gaussian::isotropic(path, 4, 0.0, 1.0).unwrap();
    let grid = Grid::karras(&path, 0.02, 20.0, 7.0, 60).unwrap();
    let finish = Ddnm { prior: &model, measured: mask() };
    // eta = 0.2: with fresh noise in every step, of whatever length, the spread is short by O(eta²) (see the recursion).
    let mut method = Ddrm::new(mask()).unwrap();
    method.eta = 0.2;
    let n = 2000;
    let (mean, second) = moments(n, |number| {
        let mut rng = Rng::new(2).at(number);
        let x = grid.prior(&path, &vec![0.0; 4], &mut rng);
        sample(&finish, &method, &grid, x, &mut rng, &mut |_| {}).x
    });
    let error = 5.0 / (n as f64).sqrt();
    assert!(mean.iter().all(|m| m.abs() < error), "{mean:?}");
    // 60 steps and eta = 0.2 lose some 7 % of the variance.
    assert!((second[0] - 1.0).abs() < 0.1 + 1.5 * error && (second[1] - 1.0).abs() < 0.1 + 1.5 * error, "{second:?}");
    assert!(second[2].abs() < error);
}

#[test]
fn restoration_asks_for_operators_that_know_their_singular_vectors() {
    let blur = Blur::gaussian([4, 4], 0.8).unwrap();
    let plain = Measurement::new(&blur, vec![0.0; 16], 0.1).unwrap();
    assert!(matches!(Ddrm::new(plain), Err(Error::Name { .. })));
    let dense = Measurement::new(Matrix::of(&blur).unwrap(), vec![0.0; 16], 0.1).unwrap();
    assert!(Ddrm::new(dense).is_ok());
}
