//! The Langevin corrector of predictor-corrector sampling.

use diffusion::exact::Gaussian;
use diffusion::step::correct;
use diffusion::*;

#[test]
fn the_corrector_widens_a_normal_law_by_one_plus_snr_squared() {
    // With eps = 2 snr² |z|²/|g|² and |g|² = n v/q⁴ the stationary variance v solves v = q²/(1 - eps/(2 q²)), i.e. v = q² (1 + snr²).
    let (n, t, snr) = (40_000, 0.8, 0.4);
    for name in ["edm", "vp"] {
        let path: AnyPath = name.parse().unwrap();
        let (model, c) = (Gaussian::isotropic(path.clone(), n, 0.0, 0.6).unwrap(), path.at(t));
        let q2 = (c.alpha * 0.6).powi(2) + c.sigma.powi(2);
        let mut rng = Rng::new(4);
        let mut x = rng.normal_f64(1, n).scale(q2.sqrt());
        for _ in 0..30 {
            x = correct(&model, x, t, snr, &mut rng);
        }
        let ratio = x.dot(&x)[0] / n as f64 / q2;
        let expected = 1.0 + snr * snr;
        // Standard error of a variance: sqrt(2/n) = 0.7 %; the bound eps <= sigma² is not met (0.32 q² < sigma²).
        assert!(0.32 * q2 < c.sigma.powi(2));
        assert!((ratio / expected - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt(), "{name}: {ratio} against {expected}");
    }
}

#[test]
fn corrections_repair_a_coarse_predictor() {
    // 2000 independent coordinates; the standard error of their variance is 3 %.
    let (path, n) = (Edm::default(), 2000);
    let model = Gaussian::isotropic(path, n, 0.0, 0.6).unwrap();
    let grid = Grid::edm(&path, 12).unwrap().without_clean_step();
    let error = |corrections: usize| {
        let mut rng = Rng::new(6);
        let x = grid.prior(&path, &vec![0.0; n], &mut rng);
        let method = PredictorCorrector { predictor: Ddim { eta: 1.0 }, corrections, snr: 0.16 };
        let x = sample(&model, &method, &grid, x, &mut rng, &mut |_| {}).x;
        (x.dot(&x)[0] / n as f64 / (0.36 + 0.002f64.powi(2)) - 1.0).abs()
    };
    let errors = [0, 1, 8, 32].map(error);
    assert!(errors[2] < 0.5 * errors[0] && errors[3] < 0.1, "{errors:?}");
}

#[test]
fn a_sample_without_score_or_noise_stays_finite() {
    struct Zero(Edm);
    impl Denoise<Vec<f64>> for Zero {
        fn path(&self) -> &dyn Path {
            &self.0
        }
        fn denoise(&self, x: &Vec<f64>, _: f64) -> Vec<f64> {
            x.clone()
        }
    }
    let x = correct(&Zero(Edm::default()), vec![0.3, 0.4], 1.0, 0.16, &mut Rng::new(0));
    assert!(x.iter().all(|v| v.is_finite() && v.abs() < 10.0));
    assert_eq!(correct(&Zero(Edm::default()), Vec::new(), 1.0, 0.16, &mut Rng::new(0)), Vec::<f64>::new());
}
