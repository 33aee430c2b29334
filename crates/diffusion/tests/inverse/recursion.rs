//! One number measured once, data N(0, 1): y = 1.5 = data + 0.5 n, so the posterior has mean 1.2 and variance 0.2. Every
//! linear sampler is a recursion of mean and variance, found here both by hand and from the implementation.

use diffusion::exact::Gaussian;
use diffusion::inverse::*;
use diffusion::*;

type Guided = PiGdm<Gaussian<Edm>, Matrix>;

const ETA: f64 = 0.2;

fn measured() -> Measurement<Matrix> {
    Measurement::new(Matrix::new(vec![vec![1.0]]).unwrap(), vec![1.5], 0.5).unwrap()
}

fn guided(spread: f64) -> Guided {
    PiGdm::new(Gaussian::isotropic(Edm::default(), 1, 0.0, 1.0).unwrap(), measured(), spread).unwrap()
}

fn grid(steps: usize) -> Grid {
    Grid::karras(&Edm::default(), 0.01, 100.0, 7.0, steps).unwrap()
}

/// Mean and variance at the end, from what a step does to 0 and to 1 and with its draw: `x -> a x + b + c z`.
fn by_the_step(model: &Guided, method: &impl Step<Vec<f64>, Memory = ()>, steps: usize) -> (f64, f64) {
    let grid = grid(steps);
    let (mut mean, mut variance) = (0.0, 1e4);
    for (number, w) in grid.times().windows(2).enumerate() {
        // Two draws tell c from b.
        let go = |x: f64, seed: u64| {
            let mut rng = Rng::new(seed);
            let z = rng.clone().normal_f64(1, 1)[0];
            (method.step(model, vec![x], w[0], w[1], &mut (), &mut rng)[0], z)
        };
        let ((at_0, z), (at_1, _), (other, other_z)) = (go(0.0, number as u64), go(1.0, number as u64), go(0.0, 5000));
        let (a, c) = (at_1 - at_0, (at_0 - other) / (z - other_z));
        mean = a * mean + at_0 - c * z;
        variance = a * a * variance + c * c;
    }
    let last = grid.times()[steps - 1];
    let at = |x: f64| model.denoise(&vec![x], last)[0];
    let a = at(1.0) - at(0.0);
    (a * mean + at(0.0), a * a * variance)
}

/// The same by hand. With `g = 1/(1 + sigma²)`: D = g x, r² = g sigma², gradient g (y - g x)/(r² + sigma_y²).
fn by_hand(steps: usize, published: bool) -> (f64, f64) {
    let mut sigmas = grid(steps).times().to_vec();
    sigmas.push(0.0);
    let (mut mean, mut variance) = (0.0, 1e4);
    for w in sigmas.windows(2) {
        let (sigma, next) = (w[0], w[1]);
        let g = 1.0 / (1.0 + sigma * sigma);
        let r2 = g * sigma * sigma;
        let kept = (1.0 - ETA * ETA).sqrt() * next / sigma;
        let weight = if published { r2 } else { sigma * sigma * (1.0 - kept) };
        let pull = weight * g / (r2 + 0.25);
        let a = g + kept * (1.0 - g) - pull * g;
        mean = a * mean + pull * 1.5;
        variance = a * a * variance + (ETA * next).powi(2);
    }
    (mean, variance)
}

#[test]
fn the_exact_factor_reaches_the_posterior_and_the_published_one_the_maximum_likelihood() {
    let model = guided(1.0);
    for steps in [20, 100, 1000] {
        for published in [false, true] {
            let (mean, variance) = by_hand(steps, published);
            let step = PiGdmStep { guided: &model, eta: ETA, published };
            let ours = by_the_step(&model, &step, steps);
            // The published step at 1000 steps recovers b from a difference of numbers of order 1e4.
            assert!((ours.0 - mean).abs() < 1e-7 && (ours.1 - variance).abs() < 1e-7, "{steps} {published}: {ours:?}");
        }
    }
    // Where they go: N(1.2, 0.2), up to the first order in the steps; the measured 1.5 without its spread.
    let exact = [250, 500, 1000].map(|steps| by_hand(steps, false));
    let off = exact.map(|(_, variance)| 0.2 - variance);
    assert!(exact.iter().all(|(mean, _)| (mean - 1.2).abs() < 5e-3), "{exact:?}");
    assert!(off[2] > 0.0 && off[2] < 5e-3 && off[0] > off[1] && off[1] > off[2], "{off:?}");
    let (mean, variance) = by_hand(1000, true);
    assert!((mean - 1.5).abs() < 5e-3 && variance < 0.01, "{mean} {variance}");
}

#[test]
fn a_step_means_the_same_on_every_path() {
    // In units of alpha = 1 a variance-preserving state is the same state: x/alpha at equal sigma/alpha.
    let (vp, edm) = (VpLinear::default(), Edm::default());
    let on_vp = PiGdm::new(Gaussian::isotropic(vp, 1, 0.3, 0.7).unwrap(), measured(), 0.9).unwrap();
    let on_edm = PiGdm::new(Gaussian::isotropic(edm, 1, 0.3, 0.7).unwrap(), measured(), 0.9).unwrap();
    for (noise, next) in [(20.0f64, 5.0f64), (1.5, 1.2), (0.3, 0.1)] {
        let times = [noise, next].map(|r| vp.time(-r.ln()));
        let alpha = times.map(|t| vp.at(t).alpha);
        for published in [false, true] {
            let (a, b) =
                (PiGdmStep { guided: &on_vp, eta: 0.0, published }, PiGdmStep { guided: &on_edm, eta: 0.0, published });
            let mut rng = Rng::new(0);
            let x = a.step(&on_vp, vec![0.8 * noise * alpha[0]], times[0], times[1], &mut (), &mut rng);
            let u = b.step(&on_edm, vec![0.8 * noise], noise, next, &mut (), &mut rng);
            assert!((x[0] / alpha[1] - u[0]).abs() < 1e-9 * noise, "{noise} {published}: {} {}", x[0] / alpha[1], u[0]);
        }
    }
}

#[test]
fn dps_goes_down_the_gradient_of_the_misfit_in_variance_preserving_units() {
    let a = Matrix::new(vec![vec![1.0, 0.5, -1.0], vec![0.2, -1.0, 0.4]]).unwrap();
    let measured = Measurement::new(&a, vec![1.5, -0.3], 0.1).unwrap();
    let (means, stds) = (vec![0.3, -0.2, 1.0], vec![0.7, 1.2, 0.5]);
    let (vp, edm, zeta) = (VpLinear::default(), Edm::default(), 0.4);
    let (on_vp, on_edm) = (
        Gaussian::new(vp, means.clone(), stds.clone()).unwrap(),
        Gaussian::new(edm, means.clone(), stds.clone()).unwrap(),
    );
    let (noise, next): (f64, f64) = (1.5, 0.9);
    let [t, s] = [noise, next].map(|r| vp.time(-r.ln()));
    let x = vec![0.4, -0.8, 0.3];
    let inner = Ddim { eta: 0.0 };
    let dps = Dps { prior: &on_vp, measured: measured.clone(), inner, zeta };
    let ours = dps.step(&on_vp, x.clone(), t, s, &mut (), &mut Rng::new(0));
    // On a variance-preserving path the state is in those units already: the pull is minus zeta times the gradient.
    let misfit = |x: &Vec<f64>| {
        let seen = a.apply(&on_vp.denoise(x, t)).unwrap();
        measured.outcome(0).unwrap().iter().zip(seen).map(|(y, a)| (y - a).powi(2)).sum::<f64>().sqrt()
    };
    let plain = inner.step(&on_vp, x.clone(), t, s, &mut (), &mut Rng::new(0));
    for j in 0..3 {
        let h = 1e-6;
        let beside = |h: f64| misfit(&(0..3).map(|i| x[i] + if i == j { h } else { 0.0 }).collect());
        let slope = (beside(h) - beside(-h)) / (2.0 * h);
        assert!((ours[j] - plain[j] + zeta * slope).abs() < 1e-8, "{j}: {} {slope}", ours[j] - plain[j]);
    }
    // The same state on another path takes the same step.
    let alpha = [t, s].map(|t| vp.at(t).alpha);
    let dps = Dps { prior: &on_edm, measured, inner, zeta };
    let there = dps.step(&on_edm, x.scale(1.0 / alpha[0]), noise, next, &mut (), &mut Rng::new(0));
    assert!(ours.iter().zip(there).all(|(a, b)| (a / alpha[1] - b).abs() < 1e-9));
}

#[test]
fn samples_follow_the_recursion_within_five_standard_errors() {
    let (model, grid) = (guided(1.0), grid(20));
    for published in [false, true] {
        let step = PiGdmStep { guided: &model, eta: ETA, published };
        let n = 5_000;
        let draw = |number: u64| {
            let mut rng = Rng::new(1).at(number);
            let x = grid.prior(&Edm::default(), &vec![0.0], &mut rng);
            let done = sample(&model, &step, &grid, x, &mut rng, &mut |_| {});
            assert_eq!(done.evaluations, 20);
            done.x[0]
        };
        let all: Vec<f64> = (0..n).map(draw).collect();
        let mean = all.iter().sum::<f64>() / n as f64;
        let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        let (m, v) = by_the_step(&model, &step, 20);
        // The last step is the loop's D_y = D + sigma² grad, not D + r² grad: a part in 1e4 at sigma = 0.01.
        assert!((mean - m).abs() < 5.0 * (v / n as f64).sqrt() + 1e-4, "{mean} {m}");
        assert!((variance / v - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt() + 1e-3, "{variance} {v}");
    }
}

#[test]
fn every_sampler_reaches_the_posterior_with_exact_guidance() {
    // Deterministic solvers of the guided flow carry N(0, 100²) to N(1.2, 0.2): the flow of N(1.2, .2) from -+ one sigma.
    let model = guided(1.0);
    for (sampler, steps, tolerance) in [("heun", 60, 2e-3), ("dpmpp2m", 100, 2e-3), ("ddim", 1000, 4e-3)] {
        let go = |x: f64| {
            let sampler: Sampler = sampler.parse().unwrap();
            sampler.run(&model, &grid(steps), vec![x], &mut Rng::new(0), &mut |_| {}).x[0]
        };
        let truth = Gaussian::isotropic(Edm::default(), 1, 1.2, 0.2f64.sqrt()).unwrap();
        for x in [-100.0, 0.0, 100.0] {
            let exact = truth.flow(&[x], 100.0)[0];
            assert!((go(x) - exact).abs() < tolerance, "{sampler}: {} {exact}", go(x));
        }
    }
}

#[test]
fn the_likelihood_of_dps_is_biased_by_a_known_amount() {
    // Spread 0: y taken as N(D, sigma_y²), whose guided estimate with g = 1/(1 + sigma²) is D_y = g x + sigma² g (y - g x)/sigma_y².
    // The flow d x/d ln sigma = x - D_y is linear. In v = 1/(1 + sigma²), with sigma_y = 1/2, it is solved by
    //     x = h(v) (c + 2 y int v'^(-1/2) e^(2v') dv'),   h(v) = v^(-1/2) e^(-2v),
    // and the integral by its series, sum 2^k v^(k + 1/2)/(k! (k + 1/2)).
    let integral = |v: f64| {
        let next = |(k, term): &(f64, f64)| Some((k + 1.0, term * 2.0 * v / (k + 1.0)));
        let terms = std::iter::successors(Some((0.0, v.sqrt())), next);
        terms.take(40).map(|(k, term)| term / (k + 0.5)).sum::<f64>()
    };
    let h = |v: f64| (-2.0 * v).exp() / v.sqrt();
    let flow = |(from, to): (f64, f64), x: f64, y: f64| {
        let (start, end) = (1.0 / (1.0 + from * from), 1.0 / (1.0 + to * to));
        h(end) * (x / h(start) + 2.0 * y * (integral(end) - integral(start)))
    };
    // The loop ends with the estimate at the last time.
    let (last, g) = (0.01f64, 1.0 / (1.0 + 0.01f64.powi(2)));
    let estimate = |x: f64, y: f64| g * x + 4.0 * last * last * g * (y - g * x);
    let exact = |x: f64| estimate(flow((100.0, last), x, 1.5), 1.5);
    let run = |x: f64| Sampler::Heun.run(&guided(0.0), &grid(400), vec![x], &mut Rng::new(0), &mut |_| {}).x[0];
    for x in [-100.0, 0.0, 100.0] {
        assert!((run(x) - exact(x)).abs() < 2e-3, "{x}: {} {}", run(x), exact(x));
    }
    // From sigma = infinity to 0 the mean is 4 y e^(-2) int_0^1 e^(2w²) dw and the variance e^(-4): pulled too far, and all
    // but a tenth of the posterior's 0.2 lost.
    let (far, near) = (1e5, 1e-5);
    let simpson = |n: i32| {
        let f = |i: i32| (2.0 * (f64::from(i) / f64::from(n)).powi(2)).exp();
        let weight = |i: i32| if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
        (0..=n).map(|i| weight(i) * f(i)).sum::<f64>() / (3.0 * f64::from(n))
    };
    let (centre, width) = (flow((far, near), 0.0, 1.5), flow((far, near), far, 0.0));
    assert!((centre - 6.0 * (-2f64).exp() * simpson(100)).abs() < 1e-4, "{centre}");
    assert!((width * width - (-4f64).exp()).abs() < 1e-6, "{width}");
}

/// Mean and variance of DPS by its algorithm 1, the law carried from step to step by quadrature: for data N(0, 1) the estimate is
/// `sqrt(abar) u`, the ancestral step a normal, and the gradient of `|y - sqrt(abar) u|` is `-+ sqrt(abar)`, which is why the law
/// is not normal.
fn by_algorithm_1(zeta: f64, steps: usize) -> (f64, f64) {
    // beta from 0.1 to 20: abar(t) = exp(-int beta).
    let abar = |i: usize| {
        let t = i as f64 / steps as f64;
        (-0.1 * t - 0.5 * 19.9 * t * t).exp()
    };
    // Spacing below the narrowest step's width: the trapezoidal rule is exact to rounding but at the jump, where it is of first order.
    let (h, half) = (0.01, 500);
    let place = |i: i32| h * f64::from(i);
    let mut density: Vec<f64> = (-half..=half).map(|i| (-0.5 * place(i).powi(2)).exp()).collect();
    for i in (2..=steps).rev() {
        let (from, to) = (abar(i), abar(i - 1));
        let beta = 1.0 - from / to;
        let gain = (to.sqrt() * beta * from.sqrt() + (1.0 - beta).sqrt() * (1.0 - to)) / (1.0 - from);
        let width = (beta * (1.0 - to) / (1.0 - from)).sqrt();
        let mut next = vec![0.0; density.len()];
        for (u, mass) in (-half..=half).map(place).zip(&density) {
            let centre = gain * u + zeta * from.sqrt() * (1.5 - from.sqrt() * u).signum();
            let reach = |side: f64| (((centre + side * 6.0 * width) / h).round() as i32).clamp(-half, half);
            for j in reach(-1.0)..=reach(1.0) {
                next[(j + half) as usize] += mass * (-0.5 * ((place(j) - centre) / width).powi(2)).exp();
            }
        }
        let total: f64 = next.iter().sum();
        density = next.into_iter().map(|p| p / total).collect();
    }
    let moment = |p: i32| (-half..=half).map(place).zip(&density).map(|(u, m)| u.powi(p) * m).sum::<f64>();
    (abar(1).sqrt() * moment(1), abar(1) * (moment(2) - moment(1).powi(2)))
}

#[test]
fn dps_has_the_law_of_its_algorithm_which_depends_on_the_number_of_steps() {
    let prior = Gaussian::isotropic(VpLinear::default(), 1, 0.0, 1.0).unwrap();
    let n = 1000;
    let run = |zeta: f64, steps: usize| {
        let method = Dps { prior: &prior, measured: measured(), inner: DdpmAncestral::default(), zeta };
        let grid = Grid::uniform_t(&VpLinear::default(), steps).unwrap();
        let draw = |number: u64| {
            let mut rng = Rng::new(2).at(number);
            let x = grid.prior(&VpLinear::default(), &vec![0.0], &mut rng);
            sample(&prior, &method, &grid, x, &mut rng, &mut |_| {}).x[0]
        };
        let all: Vec<f64> = (0..n).map(draw).collect();
        let mean = all.iter().sum::<f64>() / n as f64;
        (mean, all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64)
    };
    let exact = [100, 300].map(|steps| by_algorithm_1(0.03, steps));
    for (steps, (mean, variance)) in [100, 300].into_iter().zip(exact) {
        let (m, v) = run(0.03, steps);
        // Five standard errors; the variance's would be sqrt(2/n) for a normal.
        assert!((m - mean).abs() < 5.0 * (variance / n as f64).sqrt() + 1e-3, "{steps}: {m} {mean}");
        assert!((v / variance - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt() + 0.02, "{steps}: {v} {variance}");
    }
    // Three times the steps pull three times as hard, and neither is N(1.2, 0.2).
    assert!(exact[0].0 < 0.8 && exact[1].0 > 1.3 && exact[0].1 > 0.5 && exact[1].1 < 0.1, "{exact:?}");
    assert!(run(0.3, 100).0 > 1.4, "a stronger pull ends at the maximum likelihood, 1.5");
}

#[test]
fn langevin_at_a_level_has_the_variance_of_its_step() {
    // x <- x - h a (x - m) + sqrt(2h) z is stationary at N(m, 1/(a (1 - h a/2))); a = 1/(1 + tau²) + 1/sigma_y², m a = y/sigma_y².
    for name in ["edm", "vp", "linear"] {
        let path: AnyPath = name.parse().unwrap();
        let prior = Gaussian::isotropic(path.clone(), 1, 0.0, 1.0).unwrap();
        let tau: f64 = 0.3;
        let (t, s) = (path.time(-(2.0 * tau).ln()), path.time(-tau.ln()));
        let alpha = path.at(s).alpha;
        for rate in [0.2, 0.8] {
            let method = PosteriorLangevin::new(measured(), 1, rate, false).unwrap();
            let go = |x: f64, seed| {
                let mut rng = Rng::new(seed);
                let z = rng.clone().normal_f64(1, 1)[0];
                // The step first carries x to the level in units of alpha = 1.
                let x = vec![x * path.at(t).alpha];
                (method.step(&prior, x, t, s, &mut (), &mut rng)[0] / alpha, z)
            };
            let ((at_0, z), (at_1, _), (other, other_z)) = (go(0.0, 1), go(1.0, 1), go(0.0, 2));
            let (gain, noise) = (at_1 - at_0, (at_0 - other) / (z - other_z));
            let (mean, variance) = ((at_0 - noise * z) / (1.0 - gain), noise * noise / (1.0 - gain * gain));
            let a = 1.0 / (1.0 + tau * tau) + 4.0;
            let h = rate / (1.0 / (tau * tau) + 4.0);
            assert!((mean - 6.0 / a).abs() < 1e-9, "{name}: {mean}");
            assert!((variance * a * (1.0 - 0.5 * h * a) - 1.0).abs() < 1e-9, "{name}: {variance}");
        }
    }
}

#[test]
fn annealed_langevin_samples_the_posterior() {
    let path = Edm::default();
    let prior = Gaussian::isotropic(path, 1, 0.0, 1.0).unwrap();
    let grid = Grid::karras(&path, 0.1, 10.0, 7.0, 15).unwrap();
    for annealed in [false, true] {
        let method = PosteriorLangevin::new(measured(), 60, 0.2, annealed).unwrap();
        let n = 2000;
        let draw = |number: u64| {
            let mut rng = Rng::new(3).at(number);
            let x = grid.prior(&path, &vec![0.0], &mut rng);
            sample(&prior, &method, &grid, x, &mut rng, &mut |_| {}).x[0]
        };
        let all: Vec<f64> = (0..n).map(draw).collect();
        let mean = all.iter().sum::<f64>() / n as f64;
        let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        // Five standard errors, and the level 0.1 (the annealed likelihood is 4 % wider) with chains of 60 steps.
        assert!((mean - 1.2).abs() < 5.0 * (0.2 / n as f64).sqrt() + 0.02, "{annealed}: {mean}");
        assert!((variance / 0.2 - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt() + 0.05, "{annealed}: {variance}");
    }
    assert!(matches!(
        PosteriorLangevin::new(Measurement::new(Mask::new(&[true]).unwrap(), vec![0.0], 0.0).unwrap(), 1, 0.1, true),
        Err(Error::Parameter { what: "sigma_y", .. })
    ));
}
