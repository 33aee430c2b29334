//! Orders of convergence on an exact mixture, and the invariance of the exponential integrators under a change of path.

use diffusion::*;

use super::ring::{State, grid, reference, ring, rms, run, starts};

fn check<S: Step<State>>(name: &str, method: &S) {
    for path in ["edm", "vp", "linear", "cosine"] {
        let any: AnyPath = path.parse().unwrap();
        let truth = reference(&any, 4000);
        let errors = [256, 1024].map(|n| rms(&run(method, &any, n), &truth));
        let slope = (errors[0] / errors[1]).log2() / 2.0;
        assert!((slope - f64::from(method.order())).abs() < 0.15, "{name} on {path}: order {slope}, errors {errors:?}");
    }
}

#[test]
fn ddim_has_the_order_it_claims() {
    check("ddim", &Ddim { eta: 0.0 });
}

#[test]
fn euler_has_the_order_it_claims() {
    check("euler", &Euler);
}

#[test]
fn heun_has_the_order_it_claims() {
    check("heun", &Heun);
}

#[test]
fn dpm_solver_pp_2m_has_the_order_it_claims() {
    check("dpm++2m", &DpmSolverPp2M);
}

/// Every state of a run in units of alpha, the clean end included.
fn trajectory(sampler: Sampler, path: &AnyPath) -> Vec<State> {
    let (model, grid) = (ring(path.clone()), grid(path, 12));
    let grid = Grid::new(grid.times().to_vec()).unwrap();
    let mut seen = Vec::new();
    for x in starts(path) {
        let last = sampler.run(&model, &grid, x, &mut Rng::new(0), &mut |p| {
            seen.push(p.x.clone().scale(1.0 / path.at(p.t).alpha));
        });
        seen.push(last.x);
    }
    seen
}

#[test]
fn exponential_integrators_take_the_same_way_on_every_path() {
    for sampler in [Sampler::Ddim { eta: 0.0 }, Sampler::DpmSolverPp2M] {
        let edm = trajectory(sampler, &"edm".parse().unwrap());
        for name in ["vp", "linear", "cosine", "ve", "ddpm"] {
            let other = trajectory(sampler, &name.parse().unwrap());
            assert_eq!(edm.len(), other.len());
            assert!(rms(&edm, &other) < 1e-9, "{sampler:?} on {name}: {}", rms(&edm, &other));
        }
    }
    let heun = ["edm", "vp"].map(|name| trajectory(Sampler::Heun, &name.parse().unwrap()));
    assert!(rms(&heun[0], &heun[1]) > 1e-3, "Heun depends on the path");
}

#[test]
fn euler_is_ddim_where_time_is_proportional_to_noise() {
    for name in ["edm", "linear"] {
        let path = name.parse().unwrap();
        let (euler, ddim) = (trajectory(Sampler::Euler, &path), trajectory(Sampler::Ddim { eta: 0.0 }, &path));
        assert!(rms(&euler, &ddim) < 1e-10, "{name}");
    }
}

#[test]
fn the_loop_counts_evaluations_and_tells_observers_every_step() {
    let path: AnyPath = "edm".parse().unwrap();
    let model = ring(path.clone());
    for name in Sampler::NAMES {
        let sampler: Sampler = name.parse().unwrap();
        for grid in [Grid::edm(&path, 7).unwrap(), Grid::edm(&path, 7).unwrap().without_clean_step()] {
            let mut steps = Vec::new();
            let done = sampler.run(&model, &grid, vec![60.0, -30.0], &mut Rng::new(1), &mut |p| {
                // Churn asks at a higher noise.
                assert!(name == "heun-churn" || *p.denoised == model.denoise(p.x, p.t), "{name}");
                assert_eq!((p.total, p.t), (grid.steps(), grid.times()[p.index]));
                steps.push(p.index);
            });
            assert_eq!(done.evaluations, sampler.evaluations(&grid), "{name}");
            assert_eq!(steps, (0..grid.steps()).collect::<Vec<_>>());
        }
    }
}
