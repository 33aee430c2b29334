//! DDPM's two variances on normal data: the sampler as a linear map, against the paper's own recursion.

use diffusion::exact::Gaussian;
use diffusion::*;

const STEPS: usize = 1000;

/// Final variance over the data's, from what the implementation does to 0 and to 1: `x -> a x + b z`.
fn by_the_sampler(method: &DdpmAncestral, s: f64) -> f64 {
    let path = DdpmTable::default();
    let model = Gaussian::isotropic(path.clone(), 1, 0.0, s).unwrap();
    let grid = Grid::uniform_t(&path, STEPS).unwrap();
    let mut variance = 1.0;
    for (number, w) in grid.times().windows(2).enumerate() {
        let go = |x: f64| {
            let mut rng = Rng::new(number as u64);
            method.step(&model, vec![x], w[0], w[1], &mut (), &mut rng)[0]
        };
        let z = Rng::new(number as u64).normal_f64(1, 1)[0];
        let (gain, noise) = (go(1.0) - go(0.0), go(0.0) / z);
        variance = gain * gain * variance + noise * noise;
    }
    let last = *grid.times().last().unwrap();
    let gain = model.denoise(&vec![1.0], last)[0];
    (gain * gain * variance + model.posterior_variance(last)[0]) / (s * s)
}

/// The same from Ho, Jain & Abbeel, eq. 4, 6, 7: betas from 1e-4 to 0.02, posterior mean of N(0, s²) data put in for x_0.
fn by_the_paper(lower: bool, s: f64) -> f64 {
    let beta = |t: usize| 1e-4 + (0.02 - 1e-4) * (t - 1) as f64 / (STEPS - 1) as f64;
    let mut bar = vec![1.0; STEPS + 1];
    for t in 1..=STEPS {
        bar[t] = bar[t - 1] * (1.0 - beta(t));
    }
    let gain = |t: usize| bar[t].sqrt() * s * s / (bar[t] * s * s + 1.0 - bar[t]);
    let mut variance = 1.0;
    for t in (2..=STEPS).rev() {
        let of_data = bar[t - 1].sqrt() * beta(t) / (1.0 - bar[t]);
        let of_state = (1.0 - beta(t)).sqrt() * (1.0 - bar[t - 1]) / (1.0 - bar[t]);
        let added = if lower { (1.0 - bar[t - 1]) / (1.0 - bar[t]) * beta(t) } else { beta(t) };
        variance = (of_data * gain(t) + of_state).powi(2) * variance + added;
    }
    let posterior = s * s * (1.0 - bar[1]) / (bar[1] * s * s + 1.0 - bar[1]);
    (gain(1).powi(2) * variance + posterior) / (s * s)
}

#[test]
fn both_variances_follow_the_papers_recursion() {
    for s in [1.0, 0.5, 0.01] {
        for (variance, lower) in [(Variance::Posterior, true), (Variance::Forward, false)] {
            let (ours, theirs) = (by_the_sampler(&DdpmAncestral { variance }, s), by_the_paper(lower, s));
            assert!((ours / theirs - 1.0).abs() < 1e-9, "{variance:?} at s = {s}: {ours} against {theirs}");
        }
    }
}

#[test]
fn beta_is_exact_for_standard_normal_data_and_beta_tilde_falls_short() {
    // With s = 1 every x_t is standard normal, and beta = 1 - alpha_t² Var[x_s] keeps it so; the rest is by the recursion above.
    let ratio = |variance, s| by_the_sampler(&DdpmAncestral { variance }, s);
    assert!((ratio(Variance::Forward, 1.0) - 1.0).abs() < 1e-9);
    assert!((ratio(Variance::Posterior, 1.0) - 0.99117).abs() < 1e-5);
    assert!((ratio(Variance::Forward, 0.5) - 1.0034).abs() < 1e-4);
    assert!((ratio(Variance::Posterior, 0.5) - 0.9849).abs() < 1e-4);
}

#[test]
fn ddim_with_eta_one_is_ddpm_with_the_posterior_variance() {
    for name in AnyPath::NAMES {
        let path: AnyPath = name.parse().unwrap();
        let model = Gaussian::isotropic(path.clone(), 3, 0.3, 0.6).unwrap();
        let grid = Grid::edm(&path, 12).unwrap();
        let run = |sampler: Sampler| {
            let mut rng = Rng::new(8);
            let x = grid.prior(&path, &vec![0.0; 3], &mut rng);
            sampler.run(&model, &grid, x, &mut rng, &mut |_| {}).x
        };
        let (ddim, ddpm) = (run(Sampler::Ddim { eta: 1.0 }), run("ddpm".parse().unwrap()));
        assert!(ddim.iter().zip(&ddpm).all(|(a, b)| (a - b).abs() < 1e-9), "{name}");
    }
}

#[test]
fn at_half_eta_the_injected_variance_is_a_quarter_of_the_posterior_one() {
    // The paper's eta multiplies the standard deviation (eq. 16): variance eta² beta-tilde.
    let path = VpLinear::default();
    let model = Gaussian::isotropic(path, 1, 0.0, 1.0).unwrap();
    let (t, s) = (0.6, 0.4);
    let injected = |eta: f64| {
        let moved = Ddim { eta }.step(&model, vec![0.0], t, s, &mut (), &mut Rng::new(3))[0];
        (moved / Rng::new(3).normal_f64(1, 1)[0]).powi(2)
    };
    let (from, to) = (path.at(t), path.at(s));
    let posterior = to.sigma.powi(2) / from.sigma.powi(2) * (1.0 - (from.alpha / to.alpha).powi(2));
    assert!((injected(1.0) / posterior - 1.0).abs() < 1e-12);
    assert!((injected(0.5) / posterior - 0.25).abs() < 1e-12);
    assert_eq!(injected(0.0), 0.0);
}
