//! Measured orders of convergence, independence of the path, and identities between the exponential integrators.

use diffusion::exact::Gaussian;
use diffusion::*;

use super::ring::{State, grid, reference, ring, rms, run, starts};

fn slope<S: Step<State>>(method: &S, path: &AnyPath, truth: &[State]) -> (f64, [f64; 2]) {
    let errors = [256, 1024].map(|n| rms(&run(method, path, n), truth));
    ((errors[0] / errors[1]).log2() / 2.0, errors)
}

fn check<S: Step<State> + std::fmt::Debug>(methods: &[S]) {
    // The exponential integrators take the same way on every path (tested below): two are enough.
    for name in ["edm", "trig"] {
        let path: AnyPath = name.parse().unwrap();
        let truth = reference(&path, 6000);
        for method in methods {
            let (slope, errors) = slope(method, &path, &truth);
            let claimed = f64::from(method.order());
            assert!((slope - claimed).abs() < 0.15, "{method:?} on {name}: order {slope}, errors {errors:?}");
        }
    }
}

const PREDICTIONS: [Prediction; 2] = [Prediction::Data, Prediction::Edm { sigma_data: 1.4 }];

#[test]
fn exponential_adams_methods_have_the_orders_they_claim() {
    check(&PREDICTIONS.map(|p| [1, 2, 3].map(|order| AdamsExp::new(order, p).unwrap())).concat());
}

#[test]
fn unipc_has_one_order_more_than_its_predictor() {
    check(&PREDICTIONS.map(|p| [1, 2, 3].map(|order| UniPc::new(order, p).unwrap())).concat());
}

#[test]
fn dpm_solver_pp_3m_has_the_order_it_claims() {
    check(&[DpmSolverPp3M]);
}

#[test]
fn the_runge_kutta_methods_with_a_name_have_the_orders_they_claim() {
    // Fewer steps than the others: order 5 soon arrives at the reference's own error.
    for (name, steps) in [("midpoint", [128, 512]), ("kutta3", [128, 512]), ("rk4", [64, 256]), ("dopri5", [96, 192])] {
        let Sampler::RungeKutta(method) = name.parse().unwrap() else { panic!("{name} is a Runge-Kutta method") };
        for path in ["edm", "trig"] {
            let path: AnyPath = path.parse().unwrap();
            let truth = reference(&path, 6000);
            let errors = steps.map(|n| rms(&run(&method, &path, n), &truth));
            let slope = (errors[0] / errors[1]).ln() / (steps[1] as f64 / steps[0] as f64).ln();
            // Order 5 comes down to its value, 5.5, 5.3, 5.2 as the steps are halved, and rounding ends the descent.
            let above = if name == "dopri5" { 0.35 } else { 0.15 };
            let excess = slope - f64::from(method.order);
            assert!(excess > -0.15 && excess < above, "{name} on {path:?}: order {slope}, {errors:?}");
        }
    }
}

#[test]
fn euler_maruyama_without_noise_is_euler() {
    for (name, path) in super::all_paths() {
        let grid = Grid::uniform_t(&path, 7).unwrap();
        let model = ring(path.clone());
        let go = |sampler: Sampler| sampler.run(&model, &grid, vec![0.8, -1.1], &mut Rng::new(0), &mut |_| {}).x;
        let (euler, none) = (go(Sampler::Euler), go(Sampler::EulerMaruyama { noise: 0.0 }));
        assert!(rms(&[euler], &[none]) < 1e-12, "{name}");
    }
}

/// The multistep update of the code that DPM-Solver++ was published with: half of the square's coefficient.
#[derive(Debug)]
struct Published3M;

impl Step<State> for Published3M {
    type Memory = Vec<(State, f64)>;

    fn order(&self) -> u32 {
        2
    }

    fn step(&self, m: &dyn Denoise<State>, x: State, t: f64, s: f64, past: &mut Self::Memory, _: &mut Rng) -> State {
        let (from, to) = (m.path().at(t), m.path().at(s));
        let (now, h) = (m.denoise(&x, t), to.lambda() - from.lambda());
        let phi_1 = (-h).exp_m1();
        let phi_2 = phi_1 / h + 1.0;
        let mut next = x.axpby(to.sigma / from.sigma, -to.alpha * phi_1, &now);
        if let [.., (older, second), (old, first)] = past.as_slice() {
            let (r_0, r_1) = ((from.lambda() - first) / h, (first - second) / h);
            let a = now.clone().axpby(1.0 / r_0, -1.0 / r_0, old);
            let b = old.clone().axpby(1.0 / r_1, -1.0 / r_1, older);
            let slope = a.clone().axpby(1.0 + r_0 / (r_0 + r_1), -r_0 / (r_0 + r_1), &b);
            let curve = a.axpby(1.0 / (r_0 + r_1), -1.0 / (r_0 + r_1), &b);
            next = next.axpby(1.0, to.alpha * phi_2, &slope).axpby(1.0, -to.alpha * (phi_2 / h - 0.5), &curve);
        } else if let [(old, first)] = past.as_slice() {
            let r_0 = (from.lambda() - first) / h;
            next = next.axpby(1.0, to.alpha * phi_2, &now.clone().axpby(1.0 / r_0, -1.0 / r_0, old));
        }
        past.push((now, from.lambda()));
        next
    }
}

#[test]
fn the_published_coefficients_of_3m_are_of_second_order() {
    check(&[Published3M]);
}

/// Every state of a run in units of alpha, the clean end included.
fn trajectory<S: Step<State>>(method: &S, path: &AnyPath) -> Vec<State> {
    let (model, grid) = (ring(path.clone()), grid(path, 12));
    let grid = Grid::new(grid.times().to_vec()).unwrap();
    let mut seen = Vec::new();
    for x in starts(path) {
        let last = sample(&model, method, &grid, x, &mut Rng::new(0), &mut |p| {
            seen.push(p.x.clone().scale(1.0 / path.at(p.t).alpha));
        });
        seen.push(last.x);
    }
    seen
}

fn check_invariance<S: Step<State> + std::fmt::Debug>(method: &S) {
    let edm = trajectory(method, &"edm".parse().unwrap());
    for (name, path) in super::all_paths() {
        let other = trajectory(method, &path);
        assert_eq!(edm.len(), other.len());
        assert!(rms(&edm, &other) < 1e-9, "{method:?} on {name}: {}", rms(&edm, &other));
    }
}

#[test]
fn every_exponential_integrator_takes_the_same_way_on_every_path() {
    for prediction in PREDICTIONS {
        for order in 1..=3 {
            check_invariance(&AdamsExp::new(order, prediction).unwrap());
            check_invariance(&UniPc::new(order, prediction).unwrap());
        }
    }
    check_invariance(&DpmSolverPp3M);
}

#[test]
fn dpm_solver_pp_3m_is_the_third_exponential_adams_method() {
    let adams = AdamsExp::new(3, Prediction::Data).unwrap();
    for (name, path) in super::all_paths() {
        assert!(rms(&trajectory(&DpmSolverPp3M, &path), &trajectory(&adams, &path)) < 1e-9, "{name}");
    }
    // From pure noise as well.
    for name in ["linear", "trig"] {
        let path: AnyPath = name.parse().unwrap();
        let (model, grid) = (ring(path.clone()), Grid::uniform_t(&path, 9).unwrap());
        let start = || vec![0.8, -1.1];
        let one = sample(&model, &DpmSolverPp3M, &grid, start(), &mut Rng::new(0), &mut |_| {}).x;
        let other = sample(&model, &adams, &grid, start(), &mut Rng::new(0), &mut |_| {}).x;
        assert!(rms(&[one], &[other]) < 1e-12, "{name}");
    }
}

#[test]
fn the_first_adams_method_is_ddim() {
    let path: AnyPath = "vp".parse().unwrap();
    let adams = AdamsExp::new(1, Prediction::Data).unwrap();
    assert!(rms(&trajectory(&adams, &path), &trajectory(&Ddim { eta: 0.0 }, &path)) < 1e-12);
}

#[test]
fn the_edm_prediction_solves_normal_data_of_mean_zero_in_one_step() {
    for (name, path) in super::all_paths() {
        let model = Gaussian::isotropic(path.clone(), 2, 0.0, 0.6).unwrap();
        let end = path.time(3.0);
        let start = if ["linear", "trig"].contains(&name) { 1.0 } else { path.time(-3.0) };
        let prediction = Prediction::Edm { sigma_data: 0.6 };
        let x = vec![1.3, -0.2];
        let exact = model.flow(&x, start);
        for order in 1..=3 {
            let grid = Grid::new(vec![start, end]).unwrap().without_clean_step();
            let method = UniPc::new(order, prediction).unwrap();
            let done = sample(&model, &method, &grid, x.clone(), &mut Rng::new(0), &mut |_| {}).x;
            assert!(rms(&[model.flow(&done, end)], std::slice::from_ref(&exact)) < 1e-12, "{name}");
        }
    }
}

#[test]
fn multistep_methods_converge_from_pure_noise() {
    for name in ["linear", "trig"] {
        let path: AnyPath = name.parse().unwrap();
        let model = Gaussian::isotropic(path.clone(), 2, 0.4, 0.6).unwrap();
        let x = vec![1.3, -0.2];
        let exact = [model.flow(&x, 1.0)];
        for sampler in ["dpmpp3m", "unipc2", "unipc3", "adams2", "adams3", "unipc2-edm", "adams2-edm"] {
            let sampler: Sampler = sampler.parse().unwrap();
            let error = |n: usize| {
                let grid = Grid::uniform_t(&path, n).unwrap();
                rms(&[sampler.run(&model, &grid, x.clone(), &mut Rng::new(0), &mut |_| {}).x], &exact)
            };
            let (coarse, fine) = (error(32), error(256));
            // The steps next to either end are ln 2 long in lambda whatever n; the estimate varies by 1/n there and counts
            // for 1/n: at best the error falls as 1/n².
            assert!(fine < 1e-3 && fine < coarse / 16.0, "{sampler:?} on {name}: {coarse} {fine}");
        }
    }
}

#[test]
fn orders_and_constants_out_of_range_are_refused() {
    assert!(matches!(AdamsExp::new(4, Prediction::Data), Err(Error::Parameter { value: 4.0, .. })));
    assert!(matches!(UniPc::new(0, Prediction::Data), Err(Error::Parameter { value: 0.0, .. })));
    let flat = Prediction::Edm { sigma_data: 0.0 };
    assert!(matches!(UniPc::new(2, flat), Err(Error::Parameter { what: "sigma_data", .. })));
}
