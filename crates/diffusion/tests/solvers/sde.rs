//! The reverse SDE on normal data: what Euler-Maruyama does is linear, so its final variance is known without drawing.

use diffusion::exact::Gaussian;
use diffusion::*;

use super::{all_paths, variance_ratio};

/// [`variance_ratio`] of the method that remembers one estimate: the covariance of state and estimate is carried from step to step.
fn variance_ratio_with_memory(method: &SdeDpmSolverPp2M, path: &AnyPath, grid: &Grid, s: f64) -> f64 {
    let model = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
    let first = path.at(grid.times()[0]);
    let (mut state, mut mixed, mut estimate) = ((first.alpha * s).powi(2) + first.sigma.powi(2), 0.0, 0.0);
    let mut before = None;
    for w in grid.times().windows(2) {
        let go = |x: f64, d: f64| {
            let mut memory = before.map(|lambda| (vec![d], lambda));
            method.step(&model, vec![x], w[0], w[1], &mut memory, &mut Rng::new(1))[0]
        };
        let z = Rng::new(1).normal_f64(1, 1)[0];
        let still = go(0.0, 0.0);
        let (of_state, of_estimate, noise) = (go(1.0, 0.0) - still, go(0.0, 1.0) - still, still / z);
        let gain = model.denoise(&vec![1.0], w[0])[0];
        let next = of_state.powi(2) * state + 2.0 * of_state * of_estimate * mixed + of_estimate.powi(2) * estimate;
        (mixed, estimate) = (gain * (of_state * state + of_estimate * mixed), gain * gain * state);
        state = next + noise * noise;
        before = Some(path.at(w[0]).lambda());
    }
    let last = *grid.times().last().unwrap();
    let gain = model.denoise(&vec![1.0], last)[0];
    (gain * gain * state + model.posterior_variance(last)[0]) / (s * s)
}

#[test]
fn the_multistep_solver_of_the_sde_reaches_the_datas_variance_with_a_fraction_of_the_error() {
    for name in ["vp", "ve", "edm"] {
        let path: AnyPath = name.parse().unwrap();
        for noise in [0.5, 1.0, 2.0] {
            let method = SdeDpmSolverPp2M::new(noise).unwrap();
            let grid = |n| Grid::edm(&path, n).unwrap();
            let error = |n: usize| (variance_ratio_with_memory(&method, &path, &grid(n), 0.6) - 1.0).abs();
            let (coarse, fine) = (error(100), error(400));
            assert!(fine < 0.3 * coarse && fine < 0.01, "{name} at noise {noise}: {coarse} {fine}");
            // Without memory it would be DDPM's method at the reverse SDE's own noise.
            let ddpm = (variance_ratio(&Ddim { eta: 1.0 }, &path, &grid(100), 0.6) - 1.0).abs();
            assert!(noise != 1.0 || coarse < 0.5 * ddpm, "{name}: {coarse} against {ddpm}");
        }
    }
}

#[test]
fn the_multistep_solver_of_the_sde_is_ddpms_first_and_the_ode_solvers_without_noise() {
    let path: AnyPath = "vp".parse().unwrap();
    let model = Gaussian::isotropic(path.clone(), 2, 0.3, 0.6).unwrap();
    let x = vec![0.7, -1.2];
    let ours = SdeDpmSolverPp2M::default().step(&model, x.clone(), 0.6, 0.5, &mut None, &mut Rng::new(4));
    let ddpm = Ddim { eta: 1.0 }.step(&model, x.clone(), 0.6, 0.5, &mut (), &mut Rng::new(4));
    assert!(ours.iter().zip(&ddpm).all(|(a, b)| (a - b).abs() < 1e-12), "{ours:?} {ddpm:?}");
    let grid = Grid::edm(&path, 9).unwrap();
    let end = |sampler: Sampler| sampler.run(&model, &grid, x.clone(), &mut Rng::new(0), &mut |_| {}).x;
    let still = SdeDpmSolverPp2M::new(0.0).unwrap();
    let (still, ode) = (end(Sampler::SdeDpmSolverPp2M(still)), end(Sampler::DpmSolverPp2M));
    assert!(still.iter().zip(&ode).all(|(a, b)| (a - b).abs() < 1e-12), "{still:?} {ode:?}");
    assert!(SdeDpmSolverPp2M::new(-0.1).is_err() && SdeDpmSolverPp2M::new(f64::NAN).is_err());
}

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

#[test]
fn a_samplers_noise_is_part_of_its_name() {
    for name in ["dpmpp2m-sde:2.5", "heun-churn:12", "sde:0.3", "ddim:0.5", "dpmpp2m-sde", "pc", "unipc2-edm"] {
        assert_eq!(name.parse::<Sampler>().unwrap().to_string(), name);
    }
    assert_eq!("sde:4".parse(), Ok(Sampler::EulerMaruyama { noise: 4.0 }));
    for wrong in ["dpmpp2m:1", "sde:-1", "sde:", "sde:much", "ddim:2", "nothing:1"] {
        assert!(wrong.parse::<Sampler>().is_err(), "{wrong}");
    }
}
