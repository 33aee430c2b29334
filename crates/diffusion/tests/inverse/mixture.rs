//! The posterior of a mixture against weighted draws of the prior, and guided samples of it.

use diffusion::exact::{FullComponent, FullMixture};
use diffusion::inverse::*;
use diffusion::*;

/// Nine components on a square of spacing 4.
fn nine<P: Path>(path: P) -> FullMixture<P> {
    let weights = Rng::new(1).uniform(1, 9);
    let component = |k: usize| {
        let mean = vec![4.0 * (k / 3) as f64 - 4.0, 4.0 * (k % 3) as f64 - 4.0];
        FullComponent::isotropic(weights[k], mean, 1.0).unwrap()
    };
    FullMixture::new(path, (0..9).map(component).collect()).unwrap()
}

fn measured() -> Measurement<Matrix> {
    Measurement::new(Matrix::new(vec![vec![0.8, -0.6]]).unwrap(), vec![1.1], 0.5).unwrap()
}

#[test]
fn the_posterior_of_a_mixture_is_the_reweighted_prior() {
    let prior = nine(Edm::default());
    let posterior = prior.posterior(Edm::default(), &measured()).unwrap();
    let n = 60_000;
    let draws = prior.data(&mut Rng::new(2), n);
    let weight = |x: &[f64]| (-0.5 * ((1.1 - 0.8 * x[0] + 0.6 * x[1]) / 0.5).powi(2)).exp();
    let weights: Vec<f64> = draws.iter().map(|x| weight(x)).collect();
    let total: f64 = weights.iter().sum();
    let tests: [fn(&[f64]) -> f64; 4] =
        [|x| x[0], |x| x[1], |x| f64::from(u8::from(x[0] > 2.0)), |x| f64::from(u8::from(x[0] * x[1] > 1.0))];
    let exact = posterior.data(&mut Rng::new(3), n);
    for (k, f) in tests.iter().enumerate() {
        let by_weights = draws.iter().zip(&weights).map(|(x, w)| w * f(x)).sum::<f64>() / total;
        let by_draws = exact.iter().map(|x| f(x)).sum::<f64>() / n as f64;
        let error_weights =
            draws.iter().zip(&weights).map(|(x, w)| (w * (f(x) - by_weights)).powi(2)).sum::<f64>().sqrt() / total;
        let error_draws = (exact.iter().map(|x| (f(x) - by_draws).powi(2)).sum::<f64>() / n as f64 / n as f64).sqrt();
        let pull = (by_weights - by_draws) / error_weights.hypot(error_draws);
        assert!(pull.abs() < 4.5, "{k}: {by_weights} against {by_draws}, {pull} standard errors");
    }
}

#[test]
fn the_denoiser_of_the_posterior_samples_the_posterior() {
    // Any sampler with the exact guided model: frequencies of the three nearest components.
    let path = Edm::default();
    let posterior = nine(path).posterior(path, &measured()).unwrap();
    let grid = Grid::edm(&path, 30).unwrap();
    let n = 2000;
    let mut seen = [0.0; 9];
    for number in 0..n {
        let mut rng = Rng::new(4).at(number);
        let x = grid.prior(&path, &vec![0.0; 2], &mut rng);
        let x = Sampler::DpmSolverPp2M.run(&posterior, &grid, x, &mut rng, &mut |_| {}).x;
        let far = |k: &usize| {
            let m = &posterior.components()[*k].mean;
            (x[0] - m[0]).powi(2) + (x[1] - m[1]).powi(2)
        };
        seen[(0..9).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap()] += 1.0 / n as f64;
    }
    let exact = posterior.data(&mut Rng::new(5), 20_000);
    let mut expected = [0.0; 9];
    for x in &exact {
        let far = |k: &usize| {
            let m = &posterior.components()[*k].mean;
            (x[0] - m[0]).powi(2) + (x[1] - m[1]).powi(2)
        };
        expected[(0..9).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap()] += 1.0 / 20_000.0;
    }
    for (s, e) in seen.iter().zip(&expected) {
        assert!((s - e).abs() < 5.0 * (e * (1.0 - e) / n as f64 * 1.1).sqrt() + 0.01, "{seen:?} {expected:?}");
    }
}
