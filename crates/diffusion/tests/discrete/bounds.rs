//! Bounds on the likelihood of independent tokens, whose entropy is known.

use diffusion::discrete::{Categorical, Probabilities, Replacement, Schedule, Tokens, elbo, masked_elbo};
use diffusion::exact::Factorised;
use diffusion::*;

use super::common::mean;

const TOKENS: [[f64; 3]; 3] = [[0.2, 0.5, 0.3], [0.05, 0.05, 0.9], [0.6, 0.3, 0.1]];

fn model(replacement: Replacement, schedule: Schedule) -> (Categorical, Factorised) {
    let process = Categorical::new(3, replacement, schedule).unwrap();
    (process, Factorised::new(process, TOKENS.map(|p| p.to_vec()).to_vec()).unwrap())
}

fn steps(n: usize) -> Grid {
    Grid::new((0..n).map(|i| 1.0 - i as f64 / n as f64).collect()).unwrap()
}

/// The expected bound of one token by enumeration of all data and all pairs of neighbouring states, from the laws of single
/// steps: `E[ln q(x_1..x_T | data) - ln p(x_0..x_T)]`.
fn enumerated(process: &Categorical, p: &[f64], n: usize) -> f64 {
    let times: Vec<f64> = (0..=n).map(|i| i as f64 / n as f64).collect();
    let exact = |state: usize, t: f64| -> Vec<f64> {
        let joint: Vec<f64> = p.iter().enumerate().map(|(k, p)| p * process.marginal(k, t)[state]).collect();
        let total: f64 = joint.iter().sum();
        joint.iter().map(|q| if total > 0.0 { q / total } else { 0.0 }).collect()
    };
    let log = |w: f64, q: f64| if w > 0.0 { w * q.ln() } else { 0.0 };
    let mut total = 0.0;
    for (k, p) in p.iter().enumerate() {
        for (i, q) in process.marginal(k, 1.0).into_iter().enumerate() {
            total -= p * log(q, process.stationary()[i]);
        }
        for w in times.windows(2) {
            let (s, t) = (w[0], w[1]);
            let before = process.marginal(k, s);
            for (j, pj) in before.iter().enumerate().filter(|(_, pj)| **pj > 0.0) {
                for (i, forward) in process.transition(j, s, t).into_iter().enumerate().filter(|(_, f)| *f > 0.0) {
                    let estimate = exact(i, t);
                    let back = if s == 0.0 { estimate[k] } else { process.reverse(i, &estimate, t, s).unwrap()[j] };
                    total += p * pj * forward * (forward.ln() - back.ln());
                }
            }
        }
    }
    total
}

#[test]
fn a_single_token_loses_nothing_at_any_number_of_steps() {
    // Given the exact posterior of the data, the model's chain is the true reverse chain: the bound is tight.
    for replacement in [Replacement::Mask, Replacement::Uniform] {
        for schedule in [Schedule::Linear, Schedule::Cosine, Schedule::Polynomial { power: 3.0 }] {
            let (process, _) = model(replacement, schedule);
            for p in TOKENS {
                let entropy: f64 = -p.iter().map(|p| p * p.ln()).sum::<f64>();
                for n in [1, 2, 7, 30] {
                    let bound = enumerated(&process, &p, n);
                    assert!((bound - entropy).abs() < 1e-12, "{process:?}, {n} steps: {bound} {entropy}");
                }
            }
        }
    }
}

#[test]
fn tokens_that_belong_together_cost_more_the_fewer_the_steps() {
    // Two copies of one token, entropy ln 3. Within a step they are drawn independently, which loses their tie.
    let n = 4000;
    let data = Tokens::new((0..n).flat_map(|i| [i % 3, i % 3]).collect(), 2).unwrap();
    for replacement in [Replacement::Mask, Replacement::Uniform] {
        let (process, _) = model(replacement, Schedule::Cosine);
        let posterior = |x: &Tokens, t: f64| {
            let seen: Vec<Vec<f64>> = (0..3).map(|k| process.marginal(k, t)).collect();
            let both = |pair: &[u32]| {
                let joint: Vec<f64> = seen.iter().map(|q| q[pair[0] as usize] * q[pair[1] as usize]).collect();
                let total: f64 = joint.iter().sum();
                joint.iter().map(|q| q / total).collect::<Vec<f64>>().repeat(2)
            };
            Probabilities { values: x.values.chunks(2).flat_map(both).collect(), classes: 3 }
        };
        let excess = [2, 10, 80].map(|many| {
            let (centre, error) = mean(&elbo(&process, &posterior, &steps(many), &data, &mut Rng::new(7)).unwrap());
            (centre - 3f64.ln(), error)
        });
        let above = |a: (f64, f64), b: (f64, f64)| a.0 - b.0 > 4.0 * a.1.hypot(b.1);
        assert!(above(excess[0], excess[1]) && above(excess[1], excess[2]), "{replacement:?}: {excess:?}");
        assert!(excess[2].0 > -4.0 * excess[2].1 && excess[2].0 < 0.1, "{replacement:?}: {excess:?}");
    }
}

#[test]
fn drawn_bounds_scatter_around_the_entropy() {
    let n = 6_000;
    for (replacement, schedule) in [
        (Replacement::Mask, Schedule::Linear),
        (Replacement::Mask, Schedule::Cosine),
        (Replacement::Uniform, Schedule::Cosine),
    ] {
        let (process, exact) = model(replacement, schedule);
        let data = exact.data(&mut Rng::new(1), n);
        let found = elbo(&process, &|x, t| exact.posterior(x, t).unwrap(), &steps(8), &data, &mut Rng::new(2)).unwrap();
        let (centre, error) = mean(&found);
        let sigmas = (centre - exact.entropy()) / error;
        assert!(sigmas.abs() < 4.0, "{replacement:?} {schedule:?}: {centre}, {sigmas} sigmas");
    }
}

#[test]
fn the_continuous_bound_of_masks_is_the_entropy_whatever_the_schedule() {
    let n = 6_000;
    for schedule in [Schedule::Linear, Schedule::Cosine, Schedule::Polynomial { power: 2.0 }] {
        let (process, exact) = model(Replacement::Mask, schedule);
        let data = exact.data(&mut Rng::new(3), n);
        let known = exact.log_mass(&data).unwrap();
        let found = masked_elbo(&process, &|x, t| exact.posterior(x, t).unwrap(), &data, 32, &mut Rng::new(4)).unwrap();
        // Sequence by sequence the bound is -ln p, here: compare the two, free of the scatter of ln p.
        let excess: Vec<f64> = found.iter().zip(&known).map(|(bound, log)| bound + log).collect();
        let (centre, error) = mean(&excess);
        assert!(centre.abs() < 4.0 * error, "{schedule:?}: {centre} ± {error}");
    }
    let (process, exact) = model(Replacement::Uniform, Schedule::Linear);
    let data = exact.data(&mut Rng::new(3), 1);
    assert!(masked_elbo(&process, &|x, t| exact.posterior(x, t).unwrap(), &data, 4, &mut Rng::new(4)).is_err());
}

#[test]
fn a_wrong_model_pays_the_divergence_from_the_truth() {
    // Masks: a model with probabilities r in place of p costs KL(p | r) more, at any number of steps.
    let (process, exact) = model(Replacement::Mask, Schedule::Linear);
    let wrong = Factorised::new(process, vec![vec![1.0; 3]; 3]).unwrap();
    let data = exact.data(&mut Rng::new(5), 6_000);
    let found = elbo(&process, &|x, t| wrong.posterior(x, t).unwrap(), &steps(5), &data, &mut Rng::new(6)).unwrap();
    let (centre, error) = mean(&found);
    // -ln r is ln 3 for every token.
    assert!((centre - 3.0 * 3f64.ln()).abs() < 4.0 * error, "{centre} ± {error}");
}
