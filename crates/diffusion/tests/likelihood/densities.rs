//! Likelihoods against the entropy of a ring and the density of normals.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::{Gaussian, Mixture};
use diffusion::flow::*;
use diffusion::*;

/// Entropy of eight normals of width 0.3 on a circle of radius 2, by the trapezoidal rule on a grid of spacing 0.02, which is
/// exact to rounding for a smooth function that vanishes at the edges.
fn ring_entropy(ring: &Mixture<Edm>) -> f64 {
    let h = 0.02;
    let at = |i: i32, j: i32| {
        let log = ring.log_density(&[h * f64::from(i), h * f64::from(j)], 0.0);
        -log * log.exp() * h * h
    };
    (-250..=250).flat_map(|i| (-250..=250).map(move |j| (i, j))).map(|(i, j)| at(i, j)).sum()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean error of ln p over 150 samples of the ring, sample by sample: free of the scatter of ln p itself.
fn ring_error(ring: &Mixture<Edm>, solver: &OdeSolver) -> (f64, Vec<usize>) {
    let (model, data) = (Each(ring.clone()), Samples(ring.data(&mut Rng::new(8), 150)));
    let found = log_density(&ExactTrace { model: &model }, solver, data.clone()).unwrap();
    let errors: Vec<f64> = data.0.iter().zip(found.log_density).map(|(x, f)| f - ring.log_density(x, 0.0)).collect();
    (mean(&errors), found.evaluations)
}

#[test]
fn the_ring_has_its_entropy_by_heun_with_an_error_of_second_order() {
    let ring = Mixture::ring(Edm::default(), 8, 2.0, 0.3).unwrap();
    let entropy = ring_entropy(&ring);
    assert!((entropy - 2.479529).abs() < 1e-6, "{entropy}"); // computed independently, with another implementation
    assert!((entropy / 2.0 / std::f64::consts::LN_2 - 1.788602).abs() < 1e-6);
    let heun = |n: usize| {
        let grid = Grid::edm(&Edm::default(), n).unwrap();
        ring_error(&ring, &OdeSolver::Fixed { method: RungeKutta::HEUN, grid }).0
    };
    // Figures of an independent implementation with samples of its own, hence the widths.
    let mut errors = Vec::new();
    for (n, expected, width) in [(18, 0.235, 0.15), (32, 0.072, 0.1), (64, 0.0172, 0.05), (128, 0.0042, 0.05)] {
        errors.push(heun(n));
        assert!((errors[errors.len() - 1] / expected - 1.0).abs() < width, "{n}: {errors:?}");
    }
    errors.push(heun(256));
    assert!((errors[4] / 0.0010 - 1.0).abs() < 0.1, "{errors:?}");
    let order = (errors[3] / errors[4]).log2();
    assert!((order - 2.0).abs() < 0.15, "order {order}: {errors:?}");
    // Where the density of x_0.002 differs from the data's by about (0.002/0.3)² = 4e-5, error control needs no grid.
    let method = DormandPrince::with_tolerance(1e-6);
    let (adaptive, evaluations) = ring_error(&ring, &OdeSolver::Adaptive { method, start: 0.002, end: 80.0 });
    assert!(adaptive.abs() < 1e-4, "{adaptive}");
    assert!(evaluations.iter().all(|n| *n < 500), "{evaluations:?}");
}

#[test]
fn the_ring_has_its_entropy_within_a_thousandth_of_a_nat_in_256_evaluations() {
    let ring = Mixture::ring(Edm::default(), 8, 2.0, 0.3).unwrap();
    let of = |method: RungeKutta| {
        let grid = Grid::edm(&Edm::default(), 256 / method.evaluations() + 1).unwrap();
        let (error, evaluations) = ring_error(&ring, &OdeSolver::Fixed { method, grid });
        assert!(evaluations.iter().all(|n| *n <= 256), "{evaluations:?}");
        error.abs()
    };
    // 4e-5 and its scatter over the samples come from the noise that is left at the start, see above.
    assert!(of(RungeKutta::KUTTA3) < 3e-4 && of(RungeKutta::RK4) < 1e-4 && of(RungeKutta::DOPRI5) < 1e-4);
    assert!(of(RungeKutta::HEUN) > 1e-3, "order 2 is not enough");
}

fn normal(path: AnyPath) -> Gaussian<AnyPath> {
    Gaussian::new(path, vec![0.5, -1.0, 0.0], vec![0.6, 0.3, 1.2]).unwrap()
}

/// `ln p_t(x)` of [`normal`], where `x_t ~ N(alpha m, alpha² s² + sigma²)`.
fn log_normal(x: &[f64], c: Coef) -> f64 {
    let one = |(x, (m, s)): (&f64, (f64, f64))| {
        let variance = (c.alpha * s).powi(2) + c.sigma.powi(2);
        -0.5 * ((x - c.alpha * m).powi(2) / variance + (std::f64::consts::TAU * variance).ln())
    };
    x.iter().zip([(0.5, 0.6), (-1.0, 0.3), (0.0, 1.2)]).map(one).sum()
}

/// What the law at the end of the path, `N(0, sigma²)`, takes away from the exact one at the state that `x` flows to.
fn end_error(end: &[f64], c: Coef) -> f64 {
    let prior: f64 =
        end.iter().map(|x| -0.5 * (x * x / c.sigma.powi(2) + (std::f64::consts::TAU * c.sigma.powi(2)).ln())).sum();
    prior - log_normal(end, c)
}

#[test]
fn densities_of_normals_are_exact_on_every_path_both_ways() {
    for name in ["vp", "edm", "linear", "cosine"] {
        let path: AnyPath = name.parse().unwrap();
        let model = Each(normal(path.clone()));
        let trace = ExactTrace { model: &model };
        let (start, end) = (path.time(-(0.01f64.ln())), path.time(-(30f64.ln())));
        let grid = Grid::karras(&path, 0.01, 30.0, 7.0, 200).unwrap().without_clean_step();
        let solvers = [
            (OdeSolver::Fixed { method: RungeKutta::RK4, grid }, 1e-5),
            (OdeSolver::Adaptive { method: DormandPrince::with_tolerance(1e-8), start, end }, 1e-6),
        ];
        let data = Samples(Rng::new(5).normal_f64(4, 3).chunks(3).map(<[f64]>::to_vec).collect());
        for (solver, tolerance) in &solvers {
            let forward = log_density(&trace, solver, data.clone()).unwrap();
            for r in 0..4 {
                let exact = log_normal(&data.0[r], path.at(start)) + end_error(&forward.x.0[r], path.at(end));
                assert!(
                    (forward.log_density[r] - exact).abs() < *tolerance,
                    "{name}: {} {exact}",
                    forward.log_density[r]
                );
            }
            let backward = sample_with_density(&trace, solver, forward.x.clone()).unwrap();
            let gap = backward.x.clone().axpby(1.0, -1.0, &data);
            assert!(gap.dot(&gap).iter().all(|d| d.sqrt() < *tolerance), "{name}: the flow returns: {gap:?}");
            let same = backward.log_density.iter().zip(&forward.log_density).all(|(a, b)| (a - b).abs() < *tolerance);
            assert!(same, "{name}: the density is the same both ways");
            let bits = forward.bits_per_dim(1.0)[0];
            assert!((bits * 3.0 * std::f64::consts::LN_2 + forward.log_density[0]).abs() < 1e-12);
            assert!((forward.bits_per_dim(1.0 / 256.0)[0] - bits - 8.0).abs() < 1e-12);
        }
    }
}

#[test]
fn rademacher_probes_are_exact_for_a_diagonal_jacobian_and_gaussian_ones_are_not() {
    let model = Each(normal("vp".parse().unwrap()));
    let x = Samples(vec![vec![0.3, -0.4, 1.0]; 5]);
    let (t, rows) = ([0.1, 0.3, 0.5, 0.7, 0.9], [0, 1, 2, 3, 4]);
    let exact = ExactTrace { model: &model }.trace(&x, &t, &rows);
    let probed = |law| Hutchinson::new(&model, &x, law, 1, &mut Rng::new(6)).trace(&x, &t, &rows).1;
    assert!(exact.1.iter().zip(probed(Probe::Rademacher)).all(|(a, b)| (a - b).abs() < 1e-14));
    assert!(exact.1.iter().zip(probed(Probe::Gaussian)).all(|(a, b)| (a - b).abs() > 1e-6));
    assert_eq!(exact.0, model.denoise_rows(&x, &t, &rows));
}

#[test]
fn probed_densities_of_the_ring_are_unbiased_and_a_sample_keeps_its_probe() {
    let path = Edm::default();
    let model = Each(Mixture::ring(path, 8, 2.0, 0.3).unwrap());
    let n = 400;
    let x = Samples(vec![vec![1.2, 0.9]; n]);
    let solver = OdeSolver::Fixed { method: RungeKutta::HEUN, grid: Grid::edm(&path, 24).unwrap() };
    let exact = log_density(&ExactTrace { model: &model }, &solver, Samples(x.0[..1].to_vec())).unwrap().log_density[0];
    for law in [Probe::Rademacher, Probe::Gaussian] {
        let trace = Hutchinson::new(&model, &x, law, 1, &mut Rng::new(9));
        let found = log_density(&trace, &solver, x.clone()).unwrap().log_density;
        let centre = mean(&found);
        let scatter = (found.iter().map(|f| (f - centre).powi(2)).sum::<f64>() / n as f64).sqrt();
        let sigmas = (centre - exact) / (scatter / (n as f64).sqrt());
        assert!(scatter > 1e-3 && sigmas.abs() < 4.0, "{law:?}: {sigmas} sigmas, scatter {scatter}");
    }
    // With steps of its own, a sample is probed by its own probe however many others are left.
    let adaptive = OdeSolver::Adaptive { method: DormandPrince::with_tolerance(1e-4), start: 0.01, end: 80.0 };
    let few = Samples(vec![vec![1.2, 0.9], vec![-2.0, 0.1], vec![0.1, 0.2]]);
    let density = |x: &Samples, first: u64| {
        let trace = Hutchinson::new(&model, x, Probe::Gaussian, 2, &mut Rng::new(9).at(first));
        log_density(&trace, &adaptive, x.clone()).unwrap().log_density
    };
    let together = density(&few, 0);
    for r in 0..3 {
        assert_eq!(density(&Samples(few.0[r..=r].to_vec()), r as u64), together[r..=r]);
    }
}

#[test]
fn networks_on_tensors_have_densities_by_reverse_mode() {
    // The denoiser of N(0, 0.5²) as a network that is told each sample's noise level: its Jacobian is diagonal, so that
    // Rademacher probes are exact and the density is that of the exact model.
    let path = VpLinear::default();
    let network = |x: Tensor<2>, levels: &[f64], _: &[usize]| {
        let gain = |level: &f64| {
            let signal = 1.0 / (1.0 + (8.0 * level).exp());
            (0.25 * signal.sqrt() / (0.25 * signal + 1.0 - signal)) as f32
        };
        let gains: Vec<f32> = levels.iter().map(gain).collect();
        let shape = [levels.len(), 1];
        x * Tensor::<2>::from_data(TensorData::new(gains, shape), &Device::flex())
    };
    let model = PreconditionedRows { path, target: Target::Data, network };
    let data = Tensor::<2>::from_data([[0.3, -0.2], [1.0, 0.4], [-0.5, 0.1]], &Device::flex());
    let exact = Each(Gaussian::isotropic(path, 2, 0.0, 0.5).unwrap());
    let grid = Grid::karras(&path, 0.01, 30.0, 7.0, 40).unwrap();
    let solvers = [
        OdeSolver::Fixed { method: RungeKutta::HEUN, grid },
        OdeSolver::Adaptive { method: DormandPrince::with_tolerance(1e-4), start: 0.01, end: 1.0 },
    ];
    for (solver, tolerance) in solvers.iter().zip([1e-4, 2e-3]) {
        let trace = Hutchinson::new(&model, &data, Probe::Rademacher, 2, &mut Rng::new(1));
        let found = log_density(&trace, solver, data.clone()).unwrap().log_density;
        let known = log_density(&ExactTrace { model: &exact }, solver, Samples(data.to_host())).unwrap().log_density;
        assert!(found.iter().zip(&known).all(|(a, b)| (a - b).abs() < tolerance), "{found:?} {known:?}");
    }
}
