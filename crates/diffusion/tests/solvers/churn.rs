//! Churn: the raised noise is the path's, and the law at the end is the data's.

use diffusion::exact::Mixture;
use diffusion::*;

use super::{all_paths, variance_ratio};

/// Stays where the churn left it, in units of the target's own spread at `s`: shows the law after raising the noise.
struct Still;

impl Step<Vec<f64>> for Still {
    type Memory = ();

    fn order(&self) -> u32 {
        1
    }

    fn step(&self, m: &dyn Denoise<Vec<f64>>, x: Vec<f64>, t: f64, _: f64, _: &mut (), _: &mut Rng) -> Vec<f64> {
        let c = m.path().at(t);
        x.scale(1.0 / (c.alpha * 0.6).hypot(c.sigma))
    }
}

#[test]
fn raising_the_noise_keeps_a_normal_state_on_its_path() {
    for (name, path) in all_paths() {
        let model = diffusion::exact::Gaussian::isotropic(path.clone(), 1, 0.0, 0.6).unwrap();
        let churn = Churn { gamma: 0.3, s_min: 0.0, s_max: f64::INFINITY, s_noise: 1.0, method: Still };
        for noise in [0.05f64, 1.0, 20.0] {
            let t = path.time(-noise.ln());
            let c = path.at(t);
            let go = |x: f64| churn.step(&model, vec![x], t, 0.5 * t, &mut (), &mut Rng::new(2))[0];
            let z = Rng::new(2).normal_f64(1, 1)[0];
            let (gain, added) = (go(1.0) - go(0.0), go(0.0) / z);
            let variance = gain.powi(2) * ((c.alpha * 0.6).powi(2) + c.sigma.powi(2)) + added.powi(2);
            assert!((variance - 1.0).abs() < 1e-9, "{name} at {noise}: {variance}");
            // New noise of variance r²((1 + gamma)² - 1) in units of alpha.
            let expected = noise.powi(2) * 0.69 / (0.36 + (1.3 * noise).powi(2));
            assert!((added.powi(2) - expected).abs() < 1e-9, "{name} at {noise}");
        }
    }
}

#[test]
fn heun_with_churn_ends_with_the_datas_variance() {
    for (name, path) in all_paths() {
        let ratio = |n: usize| {
            let grid = Grid::edm(&path, n).unwrap();
            let churn = Churn::edm(40.0, 0.05, 50.0, 1.0, n, Heun).unwrap();
            variance_ratio(&churn, &path, &grid, 0.6)
        };
        // S_churn/N is capped below N = 97. The total of the churn does not depend on N, the steps' errors do.
        let (coarse, fine) = (ratio(100) - 1.0, ratio(400) - 1.0);
        assert!(fine.abs() < 5e-3 && fine.abs() < 0.3 * coarse.abs(), "{name}: {coarse} {fine}");
    }
}

#[test]
fn without_churn_the_bare_method_is_left() {
    let path = Edm::default();
    let model = Mixture::ring(path, 8, 2.0, 0.3).unwrap();
    let grid = Grid::edm(&path, 9).unwrap();
    let x = || vec![50.0, -20.0];
    let bare = sample(&model, &DpmSolverPp2M, &grid, x(), &mut Rng::new(0), &mut |_| {}).x;
    for churn in [
        Churn::edm(0.0, 0.0, f64::INFINITY, 1.0, 9, DpmSolverPp2M).unwrap(),
        Churn::edm(40.0, 90.0, 100.0, 1.0, 9, DpmSolverPp2M).unwrap(),
    ] {
        assert_eq!(sample(&model, &churn, &grid, x(), &mut Rng::new(0), &mut |_| {}).x, bare);
    }
}

#[test]
fn churn_of_more_than_the_noise_itself_is_capped_and_nonsense_refused() {
    let capped = Churn::edm(1e6, 0.0, f64::INFINITY, 1.0, 10, Heun).unwrap();
    assert_eq!(capped.gamma, 2f64.sqrt() - 1.0);
    assert!(matches!(Churn::edm(-1.0, 0.0, 1.0, 1.0, 10, Heun), Err(Error::Parameter { what: "S_churn", .. })));
    assert!(matches!(Churn::edm(1.0, 0.0, 1.0, 0.0, 10, Heun), Err(Error::Parameter { what: "S_noise", .. })));
    assert!(matches!(Churn::edm(1.0, 0.0, f64::NAN, 1.0, 10, Heun), Err(Error::Parameter { what: "S_max", .. })));
}
