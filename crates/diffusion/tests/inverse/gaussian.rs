//! Normal data with any covariance: the posterior is known, and so are all the guided estimates.

use diffusion::exact::{FullComponent, FullMixture, Gaussian};
use diffusion::inverse::*;
use diffusion::*;

use burn::tensor::{Device, Tensor, TensorData};

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `L L^T + 0.1` for a random `L`.
fn covariance(dim: usize) -> Vec<Vec<f64>> {
    let l = Rng::new(1).normal_f64(dim, dim);
    let row = |i: usize| &l[i * dim..(i + 1) * dim];
    let entry = |i: usize, j: usize| dot(row(i), row(j)) + if i == j { 0.1 } else { 0.0 };
    (0..dim).map(|i| (0..dim).map(|j| entry(i, j)).collect()).collect()
}

fn problem(path: AnyPath, sigma: f64) -> (FullMixture<AnyPath>, Measurement<Matrix>) {
    let prior = FullComponent::new(1.0, vec![0.5, -1.0, 2.0, 0.0], &covariance(4)).unwrap();
    let a = Matrix::new(vec![vec![1.0, 0.5, -0.3, 0.2], vec![0.0, 1.0, 1.0, -1.0]]).unwrap();
    (FullMixture::new(path, vec![prior]).unwrap(), Measurement::new(a, vec![1.0, -0.7], sigma).unwrap())
}

/// Solves a small symmetric positive definite system by elimination.
fn solve(mut m: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        for i in k + 1..n {
            let f = m[i][k] / m[k][k];
            let pivot = m[k].clone();
            m[i].iter_mut().zip(pivot).for_each(|(a, p)| *a -= f * p);
            b[i] -= f * b[k];
        }
    }
    for k in (0..n).rev() {
        b[k] = (b[k] - (k + 1..n).map(|j| m[k][j] * b[j]).sum::<f64>()) / m[k][k];
    }
    b
}

#[test]
fn the_posterior_of_a_normal_obeys_its_information_form() {
    // Precision C'^-1 = C^-1 + A^T A/sigma_y², and C'^-1 m' = C^-1 m + A^T y/sigma_y²: check C' (C^-1 + ..) = 1 columnwise.
    let (prior, measured) = problem("edm".parse().unwrap(), 0.4);
    let posterior = prior.posterior("edm".parse().unwrap(), &measured).unwrap();
    let (before, after) = (&prior.components()[0], &posterior.components()[0]);
    let a = measured.operator();
    let information = |x: &[f64]| -> Vec<f64> {
        let seen = a.adjoint(&a.apply(x).unwrap()).unwrap();
        solve(before.covariance(), x.to_vec()).iter().zip(seen).map(|(p, s)| p + s / 0.16).collect()
    };
    let shifted = a.adjoint(measured.outcome(0).unwrap()).unwrap();
    let right: Vec<f64> =
        solve(before.covariance(), before.mean.clone()).iter().zip(shifted).map(|(p, s)| p + s / 0.16).collect();
    assert!(information(&after.mean).iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-10));
    for (k, column) in after.covariance().iter().enumerate() {
        let unit = information(column);
        assert!(unit.iter().enumerate().all(|(i, u)| (u - f64::from(u8::from(i == k))).abs() < 1e-10), "{unit:?}");
    }
}

#[test]
fn without_noise_the_posterior_has_no_spread_where_it_was_measured() {
    let (prior, measured) = problem("edm".parse().unwrap(), 0.0);
    let posterior = prior.posterior("edm".parse().unwrap(), &measured).unwrap();
    assert_eq!(posterior.components()[0].variances.len(), 2);
    for x in posterior.data(&mut Rng::new(2), 20) {
        let seen = measured.operator().apply(&x).unwrap();
        assert!(seen.iter().zip(measured.outcome(0).unwrap()).all(|(a, y)| (a - y).abs() < 1e-12));
    }
}

#[test]
fn the_full_mixture_of_round_components_is_the_round_mixture() {
    use diffusion::exact::{Component, Mixture};
    let path: AnyPath = "vp".parse().unwrap();
    let parts = [(0.3, [1.0, 0.0], 0.4), (0.7, [-1.0, 0.5], 0.7)];
    let round = parts.map(|(weight, mean, std)| Component { weight, mean: mean.to_vec(), std });
    let full = parts.map(|(w, m, s)| FullComponent::isotropic(w, m.to_vec(), s).unwrap());
    let round = Mixture::new(path.clone(), round.to_vec()).unwrap();
    let full = FullMixture::new(path, full.to_vec()).unwrap();
    for x in Rng::new(3).normal_f64(10, 2).chunks(2) {
        for t in [0.1, 0.5, 0.9] {
            assert!((round.log_density(x, t) - full.log_density(x, t)).abs() < 1e-12);
            let (a, b) = (round.denoise(&x.to_vec(), t), full.denoise(&x.to_vec(), t));
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }
}

#[test]
fn derivatives_of_the_full_mixture_are_its_central_differences() {
    for (path, sigma) in [("vp", 0.0), ("linear", 0.3), ("edm", 0.3)] {
        // The noiseless posterior has directions of zero variance too.
        let path: AnyPath = path.parse().unwrap();
        let (prior, measured) = problem(path.clone(), sigma);
        let second = FullComponent::isotropic(0.5, vec![1.0, 1.0, -1.0, 0.0], 0.6).unwrap();
        let both = FullMixture::new(path.clone(), vec![prior.components()[0].clone(), second]).unwrap();
        let model = both.posterior(path, &measured).unwrap();
        let mut rng = Rng::new(4);
        for t in [0.3, 0.6, 0.9] {
            let [x, v, w] = [(); 3].map(|()| rng.normal_f64(1, 4));
            let (_, change) = model.jvp(&x, t, &v, 0.4);
            let h = 1e-5;
            let at = |h: f64| model.denoise(&x.clone().axpby(1.0, h, &v), t + 0.4 * h);
            let difference = at(h).axpby(0.5 / h, -0.5 / h, &at(-h));
            assert!(change.iter().zip(&difference).all(|(a, b)| (a - b).abs() < 1e-6 * (1.0 + a.abs())), "{change:?}");
            let (_, pullback) = model.vjp(&x, t);
            let forward = model.jvp(&x, t, &v, 0.0).1;
            assert!((dot(&pullback(&w), &v) - dot(&w, &forward)).abs() < 1e-10 * (1.0 + dot(&w, &forward).abs()));
        }
    }
}

#[test]
fn moment_matching_is_the_exact_posterior_of_any_normal() {
    // The denoiser of the posterior is another closed form: MMPS must be it at every point and time, on every path.
    for (name, sigma) in [("edm", 0.4), ("vp", 0.1), ("linear", 1.0), ("edm", 0.0)] {
        let path: AnyPath = name.parse().unwrap();
        let (prior, measured) = problem(path.clone(), sigma);
        let exact = prior.posterior(path.clone(), &measured).unwrap();
        let guided = Mmps { tolerance: 1e-13, ..Mmps::new(prior, measured) };
        for (number, t) in [0.05, 0.3, 0.7, 0.99].into_iter().enumerate() {
            let c = path.at(t);
            let x = Rng::new(number as u64).normal_f64(1, 4).scale(c.alpha.hypot(c.sigma));
            let (ours, truth) = (guided.denoise(&x, t), exact.denoise(&x, t));
            assert!(ours.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-8), "{name} {t}: {ours:?} {truth:?}");
        }
    }
}

#[test]
fn guided_estimates_stay_finite_where_the_path_is_pure_noise() {
    // At t = 1 of the linear path alpha is 0, and the exact guided estimate is the posterior mean whatever x is.
    let path: AnyPath = "linear".parse().unwrap();
    let (prior, measured) = problem(path.clone(), 0.4);
    let mean = prior.posterior(path, &measured).unwrap().mean();
    let guided = Mmps::new(prior, measured).denoise(&vec![0.3, -1.0, 0.2, 0.9], 1.0);
    // Asked at alpha/sigma = 1e-4 instead: the estimate moves by 1e-4 of the data's spread.
    assert!(guided.iter().zip(&mean).all(|(a, b)| (a - b).abs() < 2e-3), "{guided:?} {mean:?}");
}

#[test]
fn samples_by_moment_matching_have_the_posterior_mean_and_covariance() {
    let path: AnyPath = "edm".parse().unwrap();
    let (prior, measured) = problem(path.clone(), 0.4);
    let exact = prior.posterior(path.clone(), &measured).unwrap();
    let guided = Mmps::new(prior, measured);
    let grid = Grid::edm(&path, 40).unwrap();
    let n = 2000;
    let samples: Vec<Vec<f64>> = (0..n)
        .map(|number| {
            let mut rng = Rng::new(5).at(number);
            let x = grid.prior(&path, &vec![0.0; 4], &mut rng);
            Sampler::DpmSolverPp2M.run(&guided, &grid, x, &mut rng, &mut |_| {}).x
        })
        .collect();
    let truth = exact.components()[0].covariance();
    let mean = |i: usize| samples.iter().map(|x| x[i]).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..4).map(mean).collect();
    for i in 0..4 {
        // Five standard errors, and 1 % of the spread for 40 steps.
        let pull = (means[i] - exact.mean()[i]).abs() / truth[i][i].sqrt();
        assert!(pull < 5.0 / (n as f64).sqrt() + 0.01, "mean {i}: {pull}");
        for j in 0..=i {
            let c = samples.iter().map(|x| (x[i] - means[i]) * (x[j] - means[j])).sum::<f64>() / n as f64;
            let scale = (truth[i][i] * truth[j][j]).sqrt();
            let error = ((1.0 + (truth[i][j] / scale).powi(2)) / n as f64).sqrt();
            assert!((c - truth[i][j]).abs() / scale < 5.0 * error + 0.02, "covariance {i} {j}: {c} {}", truth[i][j]);
        }
    }
}

#[test]
fn pseudoinverse_guidance_is_exact_for_round_normals_of_its_spread() {
    for (name, spread) in [("edm", 1.0), ("vp", 0.6), ("linear", 2.0)] {
        let path: AnyPath = name.parse().unwrap();
        let round = FullComponent::isotropic(1.0, vec![0.5, -1.0, 2.0, 0.0], spread).unwrap();
        let prior = FullMixture::new(path.clone(), vec![round]).unwrap();
        let (_, measured) = problem(path.clone(), 0.3);
        let exact = prior.posterior(path.clone(), &measured).unwrap();
        let guided = PiGdm::new(prior, measured, spread).unwrap();
        for t in [0.05, 0.4, 0.8] {
            let x = Rng::new(6).normal_f64(1, 4);
            let (ours, truth) = (guided.denoise(&x, t), exact.denoise(&x, t));
            assert!(ours.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-10), "{name} {t}: {ours:?} {truth:?}");
        }
    }
}

/// Every method's samples of a batch of tensors, and of its rows one by one.
#[test]
fn batches_of_tensors_are_guided_like_their_rows_alone() {
    let path = Edm::default();
    let one = Gaussian::new(path, vec![1.0, -0.5, 0.2], vec![0.5, 1.0, 2.0]).unwrap();
    let a = Matrix::new(vec![vec![1.0, 2.0, -1.0], vec![0.5, 0.0, 1.0]]).unwrap();
    let outcomes = vec![vec![0.3, 1.0], vec![-1.0, 0.5], vec![2.0, -0.4]];
    let all = Measurement::per_sample(&a, outcomes.clone(), 0.3).unwrap();
    let grid = Grid::edm(&path, 8).unwrap();
    let device = Device::flex();
    let noise = Rng::new(7).normal_f64(3, 3);
    let batch: Vec<f32> = noise.iter().map(|z| 80.0 * *z as f32).collect();
    let batch = Tensor::<2>::from_data(TensorData::new(batch, [3, 3]), &device);
    let dps = |zeta| Dps { prior: Each(one.clone()), measured: all.clone(), inner: DdpmAncestral::default(), zeta };
    let mut rng = Rng::new(8);
    let quiet = &mut |_: &Progress<Tensor<2>>| {};
    let many = [
        Sampler::Heun.run(&Mmps::new(Each(one.clone()), all.clone()), &grid, batch.clone(), &mut rng.clone(), quiet),
        sample(&Each(one.clone()), &dps(0.2), &grid, batch.clone(), &mut rng.clone(), quiet),
        sample(&Each(one.clone()), &Ddrm::new(all.clone()).unwrap(), &grid, batch, &mut rng, quiet),
    ]
    .map(|done| done.x.to_host());
    for row in 0..3 {
        let alone = Measurement::new(&a, outcomes[row].clone(), 0.3).unwrap();
        let x: Vec<f64> = noise[3 * row..3 * row + 3].iter().map(|z| f64::from(80.0 * *z as f32)).collect();
        let mut rng = Rng::new(8).at(row as u64);
        let quiet = &mut |_: &Progress<Vec<f64>>| {};
        let dps = Dps { prior: &one, measured: alone.clone(), inner: DdpmAncestral::default(), zeta: 0.2 };
        let few = [
            Sampler::Heun.run(&Mmps::new(&one, alone.clone()), &grid, x.clone(), &mut rng.clone(), quiet),
            sample(&one, &dps, &grid, x.clone(), &mut rng.clone(), quiet),
            sample(&one, &Ddrm::new(alone).unwrap(), &grid, x, &mut rng, quiet),
        ];
        for (many, few) in many.iter().zip(few) {
            // Single precision against double over eight steps.
            assert!(many[row].iter().zip(&few.x).all(|(a, b)| (a - b).abs() < 1e-3), "{:?} {:?}", many[row], few.x);
        }
    }
}

/// A derivative that no data could have, as a network's may come out: with `sigma² J` near `-sigma_y²` the quotient would be anything.
#[test]
fn moment_matching_leaves_alone_what_a_negative_covariance_cannot_guide() {
    struct Wrong(Edm);
    impl Denoise<Vec<f64>> for Wrong {
        fn path(&self) -> &dyn Path {
            &self.0
        }
        fn denoise(&self, x: &Vec<f64>, _: f64) -> Vec<f64> {
            vec![0.5 * x[0], -0.01 * x[1]]
        }
    }
    impl Vjp<Vec<f64>> for Wrong {
        fn vjp<'a>(&'a self, x: &Vec<f64>, t: f64) -> (Vec<f64>, Pullback<'a, Vec<f64>>) {
            (self.denoise(x, t), Box::new(|v: &Vec<f64>| vec![0.5 * v[0], -0.01 * v[1]]))
        }
    }
    let x = vec![1.0, -2.0];
    for (row, sigma) in [([0.0, 1.0], 0.2), ([0.0, 1.0], 0.1999), ([0.0, 1.0], 0.05)] {
        let measured = Measurement::new(Matrix::new(vec![row.to_vec()]).unwrap(), vec![3.0], sigma).unwrap();
        let guided = Mmps::new(Wrong(Edm::default()), measured).denoise(&x, 2.0);
        assert_eq!(guided, [0.5, 0.02], "sigma_y {sigma}");
    }
    // Where it is a covariance, 4 * 0.5 of it, the estimate moves as it must: (2/(2 + 0.04)) of the misfit 3 - 0.5.
    let measured = Measurement::new(Matrix::new(vec![vec![1.0, 0.0]]).unwrap(), vec![3.0], 0.2).unwrap();
    let guided = Mmps::new(Wrong(Edm::default()), measured).denoise(&x, 2.0);
    assert!((guided[0] - (0.5 + 2.5 * 2.0 / 2.04)).abs() < 1e-12 && guided[1] == 0.02, "{guided:?}");
}
