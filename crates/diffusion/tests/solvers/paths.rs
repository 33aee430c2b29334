//! The sub-VP and trigonometric paths by their definitions, and both ends of every path in single precision.

use burn::tensor::{Device, Tensor};
use diffusion::*;

use super::all_paths;

#[test]
fn the_noise_of_the_sub_vp_path_is_the_square_of_vps() {
    let (vp, sub) = (VpLinear::default(), SubVp::default());
    for t in [1e-4, 0.1, 0.5, 0.9, 1.0] {
        assert!((sub.at(t).sigma / vp.at(t).sigma.powi(2) - 1.0).abs() < 1e-12);
        assert_eq!(sub.at(t).alpha, vp.at(t).alpha);
    }
}

#[test]
fn the_trigonometric_path_is_a_quarter_of_a_circle_at_constant_speed() {
    for t in [0.0, 0.2, 0.5, 1.0] {
        let c = Trig.at(t);
        assert!((c.alpha.hypot(c.sigma) - 1.0).abs() < 1e-15);
        assert!((c.dalpha.hypot(c.dsigma) - std::f64::consts::FRAC_PI_2).abs() < 1e-15);
        assert!((c.sigma.atan2(c.alpha) - std::f64::consts::FRAC_PI_2 * t).abs() < 1e-15);
    }
    assert_eq!(Trig.at(1.0).alpha, 0.0);
}

#[test]
fn new_paths_invert_their_ends() {
    for name in ["sub-vp", "trig"] {
        let path: AnyPath = name.parse().unwrap();
        assert_eq!((path.time(f64::INFINITY), path.time(f64::NEG_INFINITY)), (0.0, 1.0), "{name}");
        for lambda in [-3.0, 0.0, 2.0, 12.0, 25.0] {
            assert!((path.at(path.time(lambda)).lambda() - lambda).abs() < 1e-9, "{name} at {lambda}");
        }
    }
    assert!(matches!(SubVp::new(0.1, 0.05), Err(Error::Parameter { value: 0.05, .. })));
}

#[test]
fn both_ends_of_every_path_are_finite_in_single_precision() {
    let device = Device::flex();
    let finite = |x: &Tensor<2>| x.to_data().iter::<f32>().all(|v| v.is_finite());
    for (name, path) in all_paths() {
        let (start, end) = path.span();
        for target in Target::NAMES {
            let target: Target = target.parse().unwrap();
            for t in [start, end] {
                let row = target.row(path.at(t));
                let numbers = [row.skip, row.out, row.input, row.noise];
                assert!(numbers.iter().all(|v| (*v as f32).is_finite()), "{target:?} on {name} at {t}: {numbers:?}");
            }
            let objective = Objective {
                path: Box::new(path.clone()),
                target,
                weight: Weight::Flat,
                times: Times::Uniform,
                coupling: Coupling::Independent,
            };
            let mut rng = Rng::new(1);
            let drawn = objective.draw(&mut rng, 500).unwrap();
            let data = Tensor::<2>::ones([500, 2], &device);
            let noise = data.randn_like(&mut rng);
            let problem = regression(&drawn, data, noise);
            assert!(finite(&problem.input) && finite(&problem.target) && finite(&problem.noise_level), "{name}");
        }
        // One step out of the noise, one step as far as the data end allows, by every sampler.
        let near = start + 1e-6 * (end - start);
        for times in [vec![end, start + 0.5 * (end - start)], vec![start + 1e-3 * (end - start), near]] {
            let grid = Grid::new(times).unwrap();
            let model =
                Preconditioned { path: path.clone(), target: Target::V, network: |x: Tensor<2>, _| x.scale(0.3) };
            for sampler in Sampler::NAMES {
                let mut rng = Rng::new(2);
                let x = grid.prior(&path, &Tensor::<2>::zeros([3, 2], &device), &mut rng);
                let done = sampler.parse::<Sampler>().unwrap().run(&model, &grid, x, &mut rng, &mut |_| {});
                assert!(finite(&done.x), "{sampler} on {name} along {:?}", grid.times());
            }
        }
    }
}
