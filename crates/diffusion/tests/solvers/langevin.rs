//! Langevin dynamics: stationary laws in closed form, and what it does with modes that are far apart.

use diffusion::exact::{Component, Gaussian, Mixture};
use diffusion::*;

#[test]
fn the_stationary_variance_is_the_closed_form_at_every_temperature() {
    // x <- (1 - eps/(2 q²)) x + sqrt(T eps) z has variance T q²/(1 - eps/(4 q²)).
    let (n, t) = (30_000, 0.3);
    let model = Gaussian::isotropic(Edm::default(), n, 0.0, 0.5).unwrap();
    let q2: f64 = 0.25 + 0.09;
    for (temperature, step) in [(1.0, 0.4), (1.0, 1.0), (0.5, 0.4), (2.0, 0.8)] {
        let mut rng = Rng::new(2);
        let dynamics = Langevin::new(step, 40, temperature).unwrap();
        let x = dynamics.run(&model, vec![0.0; n], t, &mut rng);
        let expected = temperature * q2 / (1.0 - step / (4.0 * q2));
        let pull = (x.dot(&x)[0] / n as f64 / expected - 1.0) / (2.0 / n as f64).sqrt();
        assert!(pull.abs() < 5.0, "T = {temperature}, eps = {step}: {pull} sigmas");
    }
}

#[test]
fn at_temperature_zero_langevin_climbs_to_the_mode() {
    let model = Gaussian::isotropic(Edm::default(), 2, 1.5, 0.5).unwrap();
    let x = Langevin::new(0.2, 200, 0.0).unwrap().run(&model, vec![9.0, -9.0], 0.1, &mut Rng::new(0));
    assert!(x.iter().all(|v| (v - 1.5).abs() < 1e-9));
}

#[test]
fn annealed_langevin_arrives_at_the_law_of_its_last_level() {
    // With a_i = step sigma_i² the last level's stationary variance is q²/(1 - step sigma²/(4 q²)).
    let (n, step) = (30_000, 0.2);
    let path = Edm::default();
    let model = Gaussian::isotropic(path, n, 0.0, 0.5).unwrap();
    let grid = Grid::uniform_lambda(&path, 0.4, 10.0, 5).unwrap().without_clean_step();
    let mut rng = Rng::new(3);
    let x = grid.prior(&path, &vec![0.0; n], &mut rng);
    let done = AnnealedLangevin::new(step, 50, 1.0).unwrap().run(&model, &grid, x, &mut rng);
    assert_eq!(done.evaluations, 250);
    let q2: f64 = 0.25 + 0.16;
    let expected = q2 / (1.0 - step * 0.16 / (4.0 * q2));
    let pull = (done.x.dot(&done.x)[0] / n as f64 / expected - 1.0) / (2.0 / n as f64).sqrt();
    assert!(pull.abs() < 5.0, "{pull} sigmas");
}

/// A fifth of the data at (-5, -5), the rest at (5, 5), with spread 1: Song & Ermon, arXiv:1907.05600, figure 3.
fn share_of_the_small_mode(go: impl Fn(&Mixture<Edm>, Vec<f64>, &mut Rng) -> Vec<f64>, n: u64) -> f64 {
    let mode = |weight: f64, centre: f64| Component { weight, mean: vec![centre; 2], std: 1.0 };
    let model = Mixture::new(Edm::default(), vec![mode(0.2, -5.0), mode(0.8, 5.0)]).unwrap();
    let there = (0..n).filter(|sample| {
        let mut rng = Rng::new(1).at(*sample);
        let start = rng.uniform(1, 2).into_iter().map(|u| 16.0 * u - 8.0).collect();
        let x = go(&model, start, &mut rng);
        x[0] + x[1] < 0.0
    });
    there.count() as f64 / n as f64
}

#[test]
fn langevin_gets_the_weights_of_distant_modes_wrong_and_annealing_repairs_them() {
    let n = 600;
    let plain =
        share_of_the_small_mode(|model, x, rng| Langevin::new(0.1, 500, 1.0).unwrap().run(model, x, 0.01, rng), n);
    let grid = Grid::uniform_lambda(&Edm::default(), 0.1, 20.0, 10).unwrap();
    let annealed = share_of_the_small_mode(
        |model, x, rng| AnnealedLangevin::new(0.2, 50, 1.0).unwrap().run(model, &grid, x, rng).x,
        n,
    );
    // Half of the starts lie on either side; the standard error of a fifth is 0.016.
    assert!((plain - 0.5).abs() < 0.08, "plain: {plain}");
    assert!((annealed - 0.2).abs() < 5.0 * (0.16 / n as f64).sqrt(), "annealed: {annealed}");
}

#[test]
fn dynamics_that_cannot_work_are_refused() {
    assert!(matches!(Langevin::new(0.0, 10, 1.0), Err(Error::Parameter { value: 0.0, .. })));
    assert!(matches!(Langevin::new(0.1, 10, -1.0), Err(Error::Parameter { what: "temperature", .. })));
    assert!(matches!(AnnealedLangevin::new(4.0, 10, 1.0), Err(Error::Parameter { what: "step", .. })));
    assert!(matches!(AnnealedLangevin::new(0.2, 10, f64::NAN), Err(Error::Parameter { .. })));
}
