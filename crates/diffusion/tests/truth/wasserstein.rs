//! The distance a sampler is off at a given number of evaluations, without Monte Carlo noise.
//!
//! In one dimension the probability flow is monotone: it carries the quantiles of `p_sigma_max` to the quantiles of the
//! data. Pushing them through a sampler gives its W2 error exactly. The figures were computed independently, with another
//! implementation of the samplers, for this mixture and grid.

use diffusion::exact::{Component, Mixture};
use diffusion::*;

const MIXTURE: [(f64, f64, f64); 3] = [(0.3, -2.0, 0.3), (0.5, 0.5, 0.5), (0.2, 2.5, 0.2)];

/// The `u`-quantile of the mixture with noise `sigma` added, by bisection.
fn quantile(u: f64, sigma: f64) -> f64 {
    let below = |x: f64| -> f64 {
        MIXTURE.iter().map(|(w, m, s)| w * 0.5 * libm::erfc((m - x) / (s.hypot(sigma) * 2f64.sqrt()))).sum()
    };
    let (mut low, mut high) = (-10.0 - 8.0 * sigma, 10.0 + 8.0 * sigma);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if below(middle) < u { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

fn distance(sampler: Sampler, steps: usize) -> (f64, usize) {
    let path = Edm::default();
    let component = |&(weight, mean, std): &(f64, f64, f64)| Component { weight, mean: vec![mean], std };
    let model = Mixture::new(path, MIXTURE.iter().map(component).collect()).unwrap();
    let grid = Grid::edm(&path, steps).unwrap();
    let n = 4000;
    let mut squares = 0.0;
    for i in 0..n {
        let u = (f64::from(i) + 0.5) / f64::from(n);
        let done = sampler.run(&model, &grid, vec![quantile(u, 80.0)], &mut Rng::new(0), &mut |_| {});
        squares += (done.x[0] - quantile(u, 0.0)).powi(2);
        assert_eq!(done.evaluations, sampler.evaluations(&grid));
    }
    ((squares / f64::from(n)).sqrt(), sampler.evaluations(&grid))
}

#[test]
fn samplers_are_as_far_off_as_they_should_be() {
    for (sampler, steps, expected) in [
        (Sampler::Euler, 18, 0.2505),
        (Sampler::Euler, 36, 0.1392),
        (Sampler::Ddim { eta: 0.0 }, 18, 0.2505),
        (Sampler::DpmSolverPp2M, 18, 0.0541),
        (Sampler::DpmSolverPp2M, 36, 0.0119),
    ] {
        let (w2, evaluations) = distance(sampler, steps);
        assert_eq!(evaluations, steps);
        assert!((w2 / expected - 1.0).abs() < 0.02, "{sampler:?} at {steps}: {w2} instead of {expected}");
    }
}
