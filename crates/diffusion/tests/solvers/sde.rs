//! The reverse SDE on normal data: what Euler-Maruyama does is linear, so its final variance is known without drawing.

use diffusion::*;

use super::{all_paths, variance_ratio};

#[test]
fn euler_maruyama_reaches_the_datas_variance_on_every_path_at_every_noise_level() {
    for (name, path) in all_paths() {
        for noise in [0.0, 0.5, 1.0, 2.0] {
            let error = |n: usize| {
                let grid = Grid::edm(&path, n).unwrap();
                variance_ratio(&EulerMaruyama { noise }, &path, &grid, 0.6) - 1.0
            };
            let (coarse, fine) = (error(200), error(800));
            // First order: a quarter of the error with four times the steps.
            assert!(fine.abs() < 0.05, "{name} at noise {noise}: {coarse} {fine}");
            assert!((0.15..0.35).contains(&(fine / coarse)), "{name} at noise {noise}: {coarse} {fine}");
        }
    }
}

#[test]
fn from_pure_noise_the_step_is_finite_and_the_end_is_right() {
    for name in ["linear", "trig"] {
        let path: AnyPath = name.parse().unwrap();
        let error = |n: usize| {
            let grid = Grid::uniform_t(&path, n).unwrap();
            variance_ratio(&EulerMaruyama::default(), &path, &grid, 0.6) - 1.0
        };
        let (coarse, fine) = (error(100), error(400));
        assert!(fine.abs() < 0.02 && fine.abs() < 0.5 * coarse.abs(), "{name}: {coarse} {fine}");
    }
}

#[test]
fn the_noise_of_a_short_step_is_that_of_the_forward_sde() {
    // VP: g² = beta; sub-VP: g² = beta (1 - e^(-2B)) (Song et al., eq. 8); VE: g² = d sigma²/dt; linear: 2 t/(1 - t).
    let (vp, sub, ve) = (VpLinear::default(), SubVp::default(), Ve::default());
    let (t, h): (f64, f64) = (0.4, 1e-6);
    let (beta, integral): (f64, f64) = (0.1 + 19.9 * t, 0.1 * t + 0.5 * 19.9 * t * t);
    for (path, exact) in [
        (&vp as &dyn Path, beta),
        (&sub, beta * -(-2.0 * integral).exp_m1()),
        (&ve, 2.0 * ve.at(t).sigma.powi(2) * 5000f64.ln()),
        (&Linear, 2.0 * t / (1.0 - t)),
    ] {
        struct Nothing<'a>(&'a dyn Path);
        impl Denoise<Vec<f64>> for Nothing<'_> {
            fn path(&self) -> &dyn Path {
                self.0
            }
            fn denoise(&self, x: &Vec<f64>, _: f64) -> Vec<f64> {
                vec![0.0; x.len()]
            }
        }
        let mut rng = Rng::new(3);
        let x = EulerMaruyama::default().step(&Nothing(path), vec![0.0], t, t - h, &mut (), &mut rng);
        let z = Rng::new(3).normal_f64(1, 1)[0];
        assert!(((x[0] / z).powi(2) / h / exact - 1.0).abs() < 1e-9, "{} against {exact}", (x[0] / z).powi(2) / h);
    }
}
