//! Error control: proportional to the tolerance, at the cost of its fifth root, each sample for itself.

use std::cell::Cell;

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::{Gaussian, Mixture};
use diffusion::flow::{DenoiseRows, DormandPrince, PreconditionedRows, RungeKutta, Solved};
use diffusion::*;

const TOLERANCES: [f64; 4] = [1e-6, 1e-7, 1e-9, 1e-11];

/// Slope of `ln y` against `ln x`, by least squares.
fn slope(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) = (x.iter().map(|v| v.ln()).collect(), y.iter().map(|v| v.ln()).collect());
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let covariance: f64 = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum();
    covariance / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
}

fn rms(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    let squares: f64 = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / a.len() as f64).sqrt()
}

fn solve<P: Path>(model: &Each<&Mixture<P>>, tolerance: f64, x: Samples, from: f64, to: f64) -> Solved<Samples> {
    DormandPrince::with_tolerance(tolerance).flow(model, x, from, to).unwrap()
}

fn noise(n: usize, scale: f64) -> Samples {
    Samples(vec![vec![0.0; 2]; n]).randn_like(&mut Rng::new(4)).scale(scale)
}

#[test]
fn the_error_follows_the_tolerance_and_the_cost_its_fifth_root() {
    for name in ["edm", "vp", "linear"] {
        let path: AnyPath = name.parse().unwrap();
        let ring = Mixture::ring(path.clone(), 8, 2.0, 0.3).unwrap();
        let model = Each(&ring);
        let (start, end) = (path.time(-(0.01f64.ln())), path.time(-(40f64.ln())));
        let x = noise(12, path.at(end).sigma);
        // The truth: the classical method with steps far below those of the tightest tolerance.
        let times = Grid::karras(&path, 0.01, 40.0, 7.0, 6001).unwrap().times().to_vec();
        let rk4 = |x: &Vec<f64>| {
            let mut rng = Rng::new(0);
            times.windows(2).fold(x.clone(), |x, w| RungeKutta::RK4.step(&ring, x, w[0], w[1], &mut (), &mut rng))
        };
        let truth: Vec<Vec<f64>> = x.0.iter().map(rk4).collect();
        let solved = TOLERANCES.map(|tolerance| solve(&model, tolerance, x.clone(), end, start));
        let errors = solved.each_ref().map(|s| rms(&s.x.0, &truth));
        let of_error = slope(&TOLERANCES, &errors);
        assert!((of_error - 1.0).abs() < 0.2, "{name}: error ~ tolerance^{of_error}, {errors:?}");
        assert!(errors.iter().zip(TOLERANCES).all(|(e, tolerance)| *e < 100.0 * tolerance), "{name}: {errors:?}");
        // Refused steps, up to a third of all at loose tolerances, become rare: the fifth root shows in the accepted ones.
        let steps = solved.each_ref().map(|s| s.accepted.iter().sum::<usize>() as f64);
        let of_steps = slope(&TOLERANCES[2..], &steps[2..]);
        assert!((of_steps + 0.2).abs() < 0.03, "{name}: steps ~ tolerance^{of_steps}, {steps:?}");
    }
}

#[test]
fn the_flow_of_a_normal_is_exact_to_the_tolerance_in_both_directions() {
    let path = VpLinear::default();
    let model = Gaussian::new(path, vec![0.5, -1.0], vec![0.6, 0.3]).unwrap();
    let (x, from) = (vec![0.8, -1.4], 0.9);
    let method = DormandPrince::with_tolerance(1e-9);
    let there = method.flow(&model, x.clone(), from, 0.02).unwrap();
    let (near, far) = (model.flow(&there.x, 0.02), model.flow(&x, from));
    assert!(near.iter().zip(&far).all(|(a, b)| (a - b).abs() < 1e-7), "{near:?} {far:?}");
    let back = method.flow(&model, there.x, 0.02, from).unwrap();
    assert!(back.x.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-7), "{:?}", back.x);
    assert_eq!(there.evaluations[0], 2 + 6 * (there.accepted[0] + there.rejected[0]));
}

#[test]
fn a_sample_is_solved_alike_alone_and_in_a_batch() {
    let ring = Mixture::ring(Edm::default(), 8, 2.0, 0.3).unwrap();
    let x = noise(7, 80.0);
    let together = solve(&Each(&ring), 1e-6, x.clone(), 80.0, 0.002);
    assert!(together.accepted.iter().min() < together.accepted.iter().max(), "samples have steps of their own");
    for (r, x) in x.0.into_iter().enumerate() {
        let alone = DormandPrince::with_tolerance(1e-6).flow(&ring, x, 80.0, 0.002).unwrap();
        assert_eq!(alone.x, together.x.0[r]);
        assert_eq!(alone.evaluations[0], together.evaluations[r]);
    }
}

/// A model that counts the samples it is asked about.
struct Counted<M>(M, Cell<usize>);

impl<M: Denoise<Samples>> Denoise<Samples> for Counted<M> {
    fn path(&self) -> &dyn Path {
        self.0.path()
    }
    fn denoise(&self, x: &Samples, t: f64) -> Samples {
        self.0.denoise(x, t)
    }
}

impl<M: DenoiseRows<Samples>> DenoiseRows<Samples> for Counted<M> {
    fn denoise_rows(&self, x: &Samples, t: &[f64], rows: &[usize]) -> Samples {
        assert!(x.rows() == t.len() && x.rows() == rows.len());
        self.1.set(self.1.get() + x.rows());
        self.0.denoise_rows(x, t, rows)
    }
}

#[test]
fn finished_samples_cost_nothing() {
    let ring = Mixture::ring(Edm::default(), 8, 2.0, 0.3).unwrap();
    let model = Counted(Each(&ring), Cell::new(0));
    let done = DormandPrince::default().flow(&model, noise(9, 80.0), 80.0, 0.002).unwrap();
    assert_eq!(done.evaluations.iter().sum::<usize>(), model.1.get());
}

#[test]
fn tensors_are_solved_like_vectors_and_networks_know_their_rows() {
    let path = VpLinear::default();
    // Three normals at different centres, one per sample: the network must be told which samples are left.
    let centres = [-2.0, 0.5, 3.0];
    let network = |x: Tensor<2>, levels: &[f64], rows: &[usize]| {
        let device = x.device();
        let column = |of: &dyn Fn(usize) -> f64| {
            let values: Vec<f32> = (0..rows.len()).map(|i| of(i) as f32).collect();
            Tensor::<2>::from_data(TensorData::new(values, [rows.len(), 1]), &device)
        };
        // D = m + gain (x - alpha m) with alpha, sigma from the level -lambda/4 and s = 0.5.
        let alpha = |i: usize| (1.0 + (8.0 * levels[i]).exp()).powf(-0.5);
        let gain = |i: usize| 0.25 * alpha(i) / (0.25 * alpha(i).powi(2) + 1.0 - alpha(i).powi(2));
        let centre = |i: usize| centres[rows[i]];
        x * column(&gain) + column(&|i| centre(i) * (1.0 - gain(i) * alpha(i)))
    };
    let model = PreconditionedRows { path, target: Target::Data, network };
    let x = Tensor::<2>::from_data([[0.3, -0.2], [2.0, 1.0], [-0.5, 0.1]], &Device::flex());
    let method = DormandPrince { rtol: 1e-4, atol: 1e-4, ..DormandPrince::default() };
    let done = method.flow(&model, x.clone(), 1.0, 0.01).unwrap();
    for (r, row) in x.to_host().into_iter().enumerate() {
        let exact = Gaussian::isotropic(path, 2, centres[r], 0.5).unwrap();
        let alone = method.flow(&exact, row, 1.0, 0.01).unwrap();
        let found = &done.x.to_host()[r];
        assert!(alone.x.iter().zip(found).all(|(a, b)| (a - b).abs() < 1e-4), "{:?} {found:?}", alone.x);
    }
}

#[test]
fn a_tolerance_out_of_reach_is_an_error_with_its_values() {
    let ring = Mixture::ring(Edm::default(), 8, 2.0, 0.3).unwrap();
    let method = DormandPrince { rtol: 1e-9, atol: 1e-9, max_evaluations: 50 };
    let Err(Error::Tolerance { row, t, step, evaluations, rtol, atol }) =
        method.flow(&Each(&ring), noise(3, 80.0), 80.0, 0.002).map(|_| ())
    else {
        panic!("fifty evaluations are not enough");
    };
    assert!(row == 0 && t < 80.0 && t > 0.002 && step < 0.0 && evaluations <= 50 && (rtol, atol) == (1e-9, 1e-9));
    // dx/dt = x² blows up at t = 1: no step is small enough there.
    let blow_up = |x: &Vec<f64>, _: &[f64], _: &[usize]| vec![x[0] * x[0]];
    let stuck = DormandPrince::default().solve(&blow_up, vec![1.0], 0.0, 2.0);
    assert!(matches!(stuck, Err(Error::Tolerance { t, .. }) if (t - 1.0).abs() < 1e-3), "{stuck:?}");
    let clean = DormandPrince::default().flow(&ring, vec![1.0, 1.0], 1.0, 0.0);
    assert!(matches!(clean, Err(Error::Parameter { what: "time", .. })));
    let zero = DormandPrince::with_tolerance(0.0).flow(&ring, vec![1.0, 1.0], 1.0, 0.5);
    assert!(matches!(zero, Err(Error::Parameter { what: "rtol", .. })));
}
