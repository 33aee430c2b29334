//! The bound on `-ln p` of `N(0, s²)` data with the exact denoiser: what is lost to each choice of variance.

use diffusion::exact::{Gaussian, Mixture};
use diffusion::step::Posterior;
use diffusion::train::{Decoder, ReverseVariance, decoder_term, prior_term, step_term, vlb};
use diffusion::*;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn entropy(s: f64) -> f64 {
    0.5 * (std::f64::consts::TAU * std::f64::consts::E * s * s).ln()
}

/// The share of the range at which a reverse step has its true variance `beta-tilde + a² Var[data | x_t]`.
fn optimal_share(path: &DdpmTable, model: &Gaussian<DdpmTable>, t: f64, s: f64) -> f64 {
    let p = Posterior::new(path, t, s);
    (p.of_data.powi(2) * model.posterior_variance(t)[0] / p.lower).ln_1p() / p.range()
}

/// The expected bound minus the entropy. Every term is quadratic in data and noise, so its mean over two normals is the mean
/// over their signs: data ±s, noise ±1.
fn gap(s: f64, variance: &ReverseVariance<Samples>) -> f64 {
    let path = DdpmTable::default();
    let exact = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
    let model = Each(exact.clone());
    let data = Samples([s, s, -s, -s].map(|x| vec![x]).to_vec());
    let noise = Samples([1.0, -1.0, 1.0, -1.0].map(|x| vec![x]).to_vec());
    let grid = Grid::uniform_t(&path, 1000).unwrap();
    let times = grid.times();
    let steps: f64 = times.windows(2).map(|w| mean(&step_term(&model, variance, &data, &noise, w[0], w[1]))).sum();
    let first = times[times.len() - 1];
    let decoder = Decoder::Density { std: exact.posterior_variance(first)[0].sqrt() };
    let last = mean(&decoder_term(&model, &decoder, &data, &noise, first));
    mean(&prior_term(&path, &data, times[0])) + steps + last - entropy(s)
}

#[test]
fn the_bound_loses_what_each_variance_gets_wrong() {
    // Computed independently, with another implementation: nats lost by beta and by beta-tilde.
    for (s, forward, posterior) in [(1.0, 0.0, 0.465), (0.5, 0.0011, 0.456), (0.01, 0.216, 0.035)] {
        let by = |variance| gap(s, &ReverseVariance::Fixed(variance));
        let found = (by(Variance::Forward), by(Variance::Posterior));
        assert!((found.0 - forward).abs() < 6e-4 && (found.1 - posterior).abs() < 6e-4, "s = {s}: {found:?}");
    }
}

#[test]
fn the_optimal_variance_lies_in_the_range_and_closes_the_gap() {
    let path = DdpmTable::default();
    for s in [1.0, 0.5, 0.01] {
        let model = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
        let share = |x: &Samples, t: f64, u: f64| {
            let share = optimal_share(&path, &model, t, u);
            assert!((-1e-12..=1.0 + 1e-9).contains(&share), "{share}");
            Samples(vec![vec![share]; x.rows()])
        };
        // With s = 1 the prior N(0, sigma_T²) misses the true variance of x_T, 1, by 4e-5: half the square of half of it.
        let lost = gap(s, &ReverseVariance::Range(&share));
        assert!(lost.abs() < 1e-9, "s = {s}: {lost}");
    }
}

#[test]
fn drawn_bounds_scatter_around_the_entropy_and_are_in_bits_per_dimension() {
    let (path, s, n) = (DdpmTable::linear(1e-3, 0.2, 100).unwrap(), 0.5, 4000);
    let exact = Gaussian::isotropic(path.clone(), 2, 0.0, s).unwrap();
    let share = |x: &Samples, t: f64, u: f64| Samples(vec![vec![optimal_share(&path, &exact, t, u); 2]; x.rows()]);
    let grid = Grid::uniform_t(&path, 100).unwrap();
    let first = grid.times()[99];
    let decoder = Decoder::Density { std: exact.posterior_variance(first)[0].sqrt() };
    let data = Samples(vec![vec![0.0; 2]; n]).randn_like(&mut Rng::new(1)).scale(s);
    let model = Each(exact.clone());
    let bound = vlb(&model, &ReverseVariance::Range(&share), &grid, &decoder, &data, &mut Rng::new(2)).unwrap();
    let (total, bits) = (bound.total(), bound.bits_per_dim());
    let centre = mean(&total);
    let scatter = (total.iter().map(|l| (l - centre).powi(2)).sum::<f64>() / n as f64).sqrt();
    // A table of 100 steps leaves alpha_T² = 3e-5 of the signal, a loss of 1e-10 nats.
    let sigmas = (centre - 2.0 * entropy(s)) / (scatter / (n as f64).sqrt());
    assert!(sigmas.abs() < 4.0, "{sigmas} sigmas, scatter {scatter}");
    assert!((bits[0] - total[0] / (2.0 * std::f64::consts::LN_2)).abs() < 1e-12);
    assert_eq!((bound.steps.len(), bound.steps[0].len()), (99, n));
}

#[test]
fn the_bound_of_a_ring_is_above_its_entropy_and_falls_towards_it_with_more_steps() {
    let path = DdpmTable::default();
    let ring = Mixture::ring(path.clone(), 8, 2.0, 0.3).unwrap();
    let data = Samples(ring.data(&mut Rng::new(3), 1500));
    let exact: Vec<f64> = data.0.iter().map(|x| -ring.log_density(x, -1.0)).collect();
    let clean = Mixture::ring(Edm::default(), 8, 2.0, 0.3).unwrap();
    let truth: Vec<f64> = data.0.iter().map(|x| -clean.log_density(x, 0.0)).collect();
    assert!((mean(&exact) - mean(&truth)).abs() < 1e-2, "the table begins at sigma = 0.01");
    let model = Each(ring);
    let excess = [5, 15, 100].map(|n| {
        let grid = Grid::strided(&path, n).unwrap();
        let variance = ReverseVariance::Fixed(Variance::Forward);
        let bound = vlb(&model, &variance, &grid, &Decoder::Density { std: 0.01 }, &data, &mut Rng::new(4)).unwrap();
        let lost: Vec<f64> = bound.total().iter().zip(&truth).map(|(bound, truth)| bound - truth).collect();
        let centre = mean(&lost);
        let spread = mean(&lost.iter().map(|l| (l - centre).powi(2)).collect::<Vec<_>>());
        (centre, (spread / lost.len() as f64).sqrt())
    });
    let clearly_above = |a: (f64, f64), b: (f64, f64)| a.0 - b.0 > 4.0 * a.1.hypot(b.1);
    assert!(clearly_above(excess[0], excess[1]) && clearly_above(excess[1], excess[2]), "{excess:?}");
    assert!(excess[2].0 > -4.0 * excess[2].1 && excess[2].0 < 0.3, "{excess:?}");
}

#[test]
fn the_masses_of_all_bins_are_one_and_narrow_bins_are_the_density() {
    let width = 2.0 / 255.0;
    let centre = |k: i32| -1.0 + width * f64::from(k);
    for (std, mean) in [(0.01, 0.3), (0.2, -1.7), (3.0, 0.0), (1e-3, 5.0)] {
        let bins = Decoder::Bins { std, width, lowest: -1.0, highest: 1.0 };
        let total: f64 = (0..256).map(|k| bins.log_mass(centre(k), mean).exp()).sum();
        assert!((total - 1.0).abs() < 1e-12, "std {std}: {total}");
        assert!((0..256).all(|k| bins.log_mass(centre(k), mean).is_finite()));
    }
    let (narrow, density) =
        (Decoder::Bins { std: 0.7, width: 1e-4, lowest: -9.0, highest: 9.0 }, Decoder::Density { std: 0.7 });
    for x in [-2.0, 0.1, 3.0] {
        assert!((narrow.log_mass(x, 0.4) - density.log_mass(x, 0.4) - 1e-4f64.ln()).abs() < 1e-6);
    }
    // Where the mass underflows, its logarithm continues: at 40 widths, ln p + a²/2 varies slowly.
    let bins = Decoder::Bins { std: 1.0, width: 1.0, lowest: -100.0, highest: 100.0 };
    let scaled = |x: f64| bins.log_mass(x, 0.0) + 0.5 * (x - 0.5).powi(2) + (x - 0.5).ln();
    assert!((scaled(36.0) - scaled(40.0)).abs() < 1e-3, "{} {}", scaled(36.0), scaled(40.0));
    let wrong = Decoder::Density { std: 0.0 };
    let model = Gaussian::isotropic(DdpmTable::default(), 1, 0.0, 1.0).unwrap();
    let grid = Grid::strided(&DdpmTable::default(), 3).unwrap();
    let fixed = ReverseVariance::Fixed(Variance::Posterior);
    assert!(vlb(&model, &fixed, &grid, &wrong, &vec![0.0], &mut Rng::new(0)).is_err());
}
