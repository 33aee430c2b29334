//! Samplers on tensors, clouds and pairs: the same numbers as on plain vectors, finite from pure noise, free of the batch.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::exact::Gaussian;
use diffusion::*;

fn host<const D: usize>(x: &Tensor<D>) -> Vec<f32> {
    x.to_data().try_to_vec().unwrap()
}

/// The perfect denoiser of `N(0, 1)` data as a tensor model: `D = alpha x/(alpha² + sigma²)`, a `Data` network.
fn unit_normal<X: Space>(path: AnyPath) -> impl Denoise<X> {
    struct Model(AnyPath);
    impl<X: Space> Denoise<X> for Model {
        fn path(&self) -> &dyn Path {
            &self.0
        }
        fn denoise(&self, x: &X, t: f64) -> X {
            let c = self.0.at(t);
            x.clone().scale(c.alpha / (c.alpha.powi(2) + c.sigma.powi(2)))
        }
    }
    Model(path)
}

#[test]
fn a_batch_of_tensors_is_sampled_like_its_rows_one_by_one() {
    let device = Device::flex();
    for name in Sampler::NAMES {
        let sampler: Sampler = name.parse().unwrap();
        let path: AnyPath = "vp".parse().unwrap();
        let grid = Grid::edm(&path, 10).unwrap();
        let rng = Rng::new(5).at(100);
        let go = |like: Tensor<2>, mut rng: Rng| {
            let x = grid.prior(&path, &like, &mut rng);
            host(&sampler.run(&unit_normal(path.clone()), &grid, x, &mut rng, &mut |_| {}).x)
        };
        let batch = go(Tensor::zeros([4, 3], &device), rng.clone());
        let part = go(Tensor::zeros([2, 3], &device), rng.clone().at(101));
        assert_eq!(part, batch[3..9], "{name}: a sample depends on its batch");
        let exact = Gaussian::isotropic(path.clone(), 3, 0.0, 1.0).unwrap();
        for row in 0..4 {
            let mut rng = rng.clone().at(100 + row as u64);
            let x = grid.prior(&path, &vec![0.0; 3], &mut rng);
            let alone = sampler.run(&exact, &grid, x, &mut rng, &mut |_| {}).x;
            let close = alone.iter().zip(&batch[3 * row..]).all(|(a, b)| (*a as f32 - b).abs() < 1e-5);
            assert!(close, "{name}, row {row}: {alone:?} against {:?}", &batch[3 * row..3 * row + 3]);
        }
    }
}

#[test]
fn every_sampler_is_finite_from_pure_noise_on_every_path_with_every_target() {
    let device = Device::flex();
    for path in AnyPath::NAMES {
        let path: AnyPath = path.parse().unwrap();
        let grids = [Grid::uniform_t(&path, 5).unwrap(), Grid::edm(&path, 5).unwrap()];
        for target in Target::NAMES {
            // Bounded: what grows with x, the stages of a method of high order would multiply beyond single precision.
            let network = |x: Tensor<2>, noise: f64| x.tanh().scale(0.3).add_scalar(0.1 * noise);
            let model = Preconditioned { path: path.clone(), target: target.parse().unwrap(), network };
            for (sampler, grid) in Sampler::NAMES.iter().flat_map(|s| grids.iter().map(move |g| (s, g))) {
                let mut rng = Rng::new(1);
                let x = grid.prior(&path, &Tensor::<2>::zeros([3, 2], &device), &mut rng);
                let done = sampler.parse::<Sampler>().unwrap().run(&model, grid, x, &mut rng, &mut |_| {});
                assert!(host(&done.x).iter().all(|v| v.is_finite()), "{sampler} on {path:?} with {target}");
            }
        }
    }
}

#[test]
fn from_pure_noise_the_first_step_is_the_exact_one() {
    // For N(0, 1) data on the linear path at t = 1 the estimate is 0 and nothing of the data is in x: x_s = sigma_s x.
    let model = unit_normal::<Vec<f64>>("linear".parse().unwrap());
    for sampler in ["ddim", "euler", "dpmpp2m"] {
        let grid = Grid::new(vec![1.0, 0.4]).unwrap().without_clean_step();
        let sampler: Sampler = sampler.parse().unwrap();
        let x = sampler.run(&model, &grid, vec![1.7], &mut Rng::new(0), &mut |_| {}).x;
        assert!((x[0] - 0.4 * 1.7).abs() < 1e-14, "{sampler:?}");
    }
}

#[test]
fn padding_stays_zero_and_pairs_are_sampled_together() {
    let device = Device::flex();
    let path: AnyPath = "edm".parse().unwrap();
    let mask = Tensor::<3>::from_data([[[1.0], [0.0]], [[1.0], [1.0]]], &device);
    let like = (Cloud::new(Tensor::zeros([2, 2, 3], &device), mask), Tensor::<2>::zeros([2, 4], &device));
    let grid = Grid::edm(&path, 6).unwrap();
    for name in Sampler::NAMES {
        let mut rng = Rng::new(2);
        let x = grid.prior(&path, &like, &mut rng);
        let done = name.parse::<Sampler>().unwrap().run(&unit_normal(path.clone()), &grid, x, &mut rng, &mut |_| {});
        let (cloud, rest) = (host(&done.x.0.x), host(&done.x.1));
        assert!(cloud.iter().enumerate().all(|(i, v)| (*v != 0.0) != (3..6).contains(&i)), "{name}: {cloud:?}");
        assert!(rest.iter().all(|v| v.is_finite() && v.abs() < 10.0));
    }
}

#[test]
fn masked_losses_are_the_mean_over_real_particles() {
    let device = Device::flex();
    let path: AnyPath = "linear".parse().unwrap();
    let objective = Objective {
        path: Box::new(path),
        target: Target::Velocity,
        weight: Weight::Flat,
        times: Times::Uniform,
        coupling: Coupling::Independent,
    };
    let drawn = objective.draw(&mut Rng::new(1), 2).unwrap();
    // Three slots of one feature; one and three real particles. With zero noise the velocity is minus the data.
    let data = Tensor::<3>::from_data([[[1.0], [0.0], [0.0]], [[1.0], [2.0], [3.0]]], &device);
    let mask = Tensor::<3>::from_data([[[1.0], [0.0], [0.0]], [[1.0], [1.0], [1.0]]], &device);
    let problem = regression(&drawn, data.clone(), data.zeros_like());
    let output = Tensor::<3>::from_data([[[0.5], [9.0], [9.0]], [[0.0], [0.0], [0.0]]], &device);
    assert_eq!(host(&problem.masked_losses(output.clone(), mask)), [2.25, 14.0 / 3.0]);
    let plain = host(&problem.losses(output));
    assert_eq!(plain, [(2.25 + 81.0 + 81.0) / 3.0, 14.0 / 3.0]);
    let level: Vec<f32> = drawn.iter().map(|d| (0.25 * (d.t / (1.0 - d.t)).ln()) as f32).collect();
    assert!(host(&problem.noise_level).iter().zip(&level).all(|(a, b)| (a - b).abs() < 1e-6));
    assert_eq!(problem.noise_level.dims(), [2, 1]);
}

/// The derivative by automatic differentiation, not by hand.
#[test]
fn losses_on_the_host_are_those_of_tensors_and_so_are_their_derivatives() {
    let device = Device::flex();
    let mut rng = Rng::new(5);
    let (samples, particles, features) = (4, 5, 3);
    let counts = [5, 2, 0, 3];
    let mask: Vec<f32> =
        counts.iter().flat_map(|&n| (0..particles).map(move |p| if p < n { 1.0 } else { 0.0 })).collect();
    let mut numbers = |n: usize| rng.normal(1, n);
    let cloud = |data: Vec<f32>| Tensor::<3>::from_data(TensorData::new(data, [samples, particles, features]), &device);
    let size = samples * particles * features;
    let (data, noise, output) = (numbers(size), numbers(size), numbers(size));
    let objective = Objective {
        path: Box::new(Edm::default()),
        target: Target::Edm { sigma_data: 1.0 },
        weight: Weight::Edm { sigma_data: 1.0 },
        times: Times::LogNormal { mean: -1.0, std: 1.4 },
        coupling: Coupling::Independent,
    };
    let drawn = objective.draw(&mut Rng::new(6), samples).unwrap();
    let problem = regression(&drawn, cloud(data), cloud(noise));
    let on_mask = Tensor::<3>::from_data(TensorData::new(mask.clone(), [samples, particles, 1]), &device);

    let leaf = cloud(output.clone()).autodiff().require_grad();
    let tape = |x: Tensor<3>| x.autodiff();
    let taped = diffusion::Regression {
        input: tape(problem.input.clone()),
        target: tape(problem.target.clone()),
        noise_level: problem.noise_level.clone().autodiff(),
        weight: problem.weight.clone().autodiff(),
    };
    let losses = taped.masked_losses(leaf.clone(), tape(on_mask));
    let expected = host(&losses.clone().inner());
    let gradient = host(&leaf.grad(&losses.sum().backward()).unwrap());

    let on_host = problem.into_host();
    let one = particles * features;
    for i in 0..samples {
        let mut d = vec![0.0; one];
        let mask = &mask[i * particles..(i + 1) * particles];
        let loss = on_host.loss(i, &output[i * one..(i + 1) * one], mask, &mut d);
        assert!((loss - f64::from(expected[i])).abs() < 1e-5 * (1.0 + loss), "{loss} against {}", expected[i]);
        for (d, g) in d.iter().zip(&gradient[i * one..(i + 1) * one]) {
            assert!((d - g).abs() < 1e-6 * (1.0 + g.abs()), "{d} against {g}");
        }
    }
}
