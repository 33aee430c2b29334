//! Transition laws, posteriors and schedules.

use diffusion::discrete::{Categorical, Probabilities, Replacement, Schedule, Tokens};
use diffusion::exact::Factorised;
use diffusion::*;

fn all() -> Vec<Categorical> {
    let schedules = Schedule::NAMES.map(|name| name.parse::<Schedule>().unwrap());
    let kinds = [Replacement::Uniform, Replacement::Mask];
    kinds.iter().flat_map(|kind| schedules.map(|s| Categorical::new(4, *kind, s).unwrap())).collect()
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-13)
}

/// `sum_j p_j row(j)`.
fn mixed(p: &[f64], row: impl Fn(usize) -> Vec<f64>) -> Vec<f64> {
    let mut sum = vec![0.0; p.len()];
    for (j, p) in p.iter().enumerate() {
        sum.iter_mut().zip(row(j)).for_each(|(sum, q)| *sum += p * q);
    }
    sum
}

#[test]
fn steps_compose_as_chapman_and_kolmogorov_say() {
    for process in all() {
        for (s, t) in [(0.0, 0.3), (0.2, 0.5), (0.5, 1.0), (0.9, 0.95)] {
            for k in 0..4 {
                let step = |j| process.transition(j, s, t);
                assert!(close(&mixed(&process.marginal(k, s), step), &process.marginal(k, t)), "{process:?}");
            }
            let between = 0.5 * (s + t);
            for j in 0..process.states() {
                let direct = process.transition(j, s, t);
                let by_way = mixed(&process.transition(j, s, between), |i| process.transition(i, between, t));
                assert!(close(&direct, &by_way), "{process:?} {s} {t}: {direct:?} {by_way:?}");
            }
        }
    }
}

#[test]
fn posteriors_sum_to_one_and_average_to_the_marginal() {
    for process in all() {
        for (s, t) in [(0.1, 0.4), (0.5, 0.6), (0.3, 1.0), (0.0, 0.2)] {
            for k in 0..4 {
                let seen = process.marginal(k, t);
                for (state, p) in seen.iter().enumerate() {
                    let total: f64 = process.posterior(state, k, t, s).iter().sum();
                    let expected = f64::from(u8::from(*p > 0.0));
                    assert!((total - expected).abs() < 1e-13, "{process:?}, {state} from {k}: {total}");
                }
                let earlier = mixed(&seen, |state| process.posterior(state, k, t, s));
                assert!(close(&earlier, &process.marginal(k, s)), "{process:?}: {earlier:?}");
            }
            for state in 0..process.states() {
                let reverse = process.reverse(state, &[0.1, 0.2, 0.3, 0.4], t, s).unwrap();
                assert!((reverse.iter().sum::<f64>() - 1.0).abs() < 1e-13);
            }
        }
    }
}

#[test]
fn masked_tokens_are_unmasked_at_the_schedules_pace_and_never_touched_again() {
    // MDLM, eq. 7: a masked token becomes class k with probability (a_s - a_t)/(1 - a_t) p_k, an unmasked one stays.
    for name in Schedule::NAMES {
        let schedule: Schedule = name.parse().unwrap();
        let process = Categorical::new(3, Replacement::Mask, schedule).unwrap();
        let (t, s, p) = (0.7, 0.6, [0.2, 0.5, 0.3]);
        let pace = (schedule.survival(s) - schedule.survival(t)) / (1.0 - schedule.survival(t));
        assert!(close(&process.reverse(3, &p, t, s).unwrap(), &[0.2 * pace, 0.5 * pace, 0.3 * pace, 1.0 - pace]));
        assert_eq!(process.reverse(1, &p, t, s).unwrap(), [0.0, 1.0, 0.0, 0.0]);
    }
}

#[test]
fn the_linear_schedule_is_d3pms_absorbing_one() {
    // D3PM, appendix A.2.3: beta_i = 1/(T - i + 1) masks one T-th of the tokens per step.
    let process = Categorical::new(2, Replacement::Mask, Schedule::Linear).unwrap();
    let steps = 20;
    for i in 1..=steps {
        let (s, t) = (f64::from(i - 1) / f64::from(steps), f64::from(i) / f64::from(steps));
        let beta = 1.0 / f64::from(steps - i + 1);
        assert!((process.transition(0, s, t)[2] - beta).abs() < 1e-12, "step {i}");
    }
}

#[test]
fn schedules_go_from_one_to_zero_and_know_their_times() {
    for name in Schedule::NAMES {
        let schedule: Schedule = name.parse().unwrap();
        assert!((schedule.survival(0.0) - 1.0).abs() < 1e-15 && schedule.survival(1.0).abs() < 1e-15, "{name}");
        for t in [0.0, 0.1, 0.5, 0.9, 1.0] {
            assert!((schedule.time(schedule.loss(t)) - t).abs() < 1e-12, "{name} at {t}");
            assert!((schedule.loss(t) + schedule.survival(t) - 1.0).abs() < 1e-15);
        }
    }
    assert!("sometimes".parse::<Schedule>().is_err());
    assert!(Categorical::new(3, Replacement::Mask, Schedule::Polynomial { power: -1.0 }).is_err());
    assert!(Categorical::new(0, Replacement::Mask, Schedule::Linear).is_err());
    assert!(Tokens::new(vec![0; 7], 3).is_err() && Tokens::new(vec![], 0).is_err());
}

#[test]
fn corruption_follows_its_marginals_and_does_not_depend_on_the_batch() {
    let n = 6_000;
    for process in all() {
        let data = Tokens::new([1, 3].repeat(n), 2).unwrap();
        let times: Vec<f64> = (0..n).map(|r| if r % 2 == 0 { 0.3 } else { 0.8 }).collect();
        let x = process.corrupt(&data, &times, &mut Rng::new(1));
        for (parity, t) in [(0, 0.3), (1, 0.8)] {
            for (place, k) in [(0, 1), (1, 3)] {
                for (state, p) in process.marginal(k, t).into_iter().enumerate() {
                    let rows = (0..n).filter(|r| r % 2 == parity);
                    let found = rows.filter(|r| x.values[2 * r + place] as usize == state).count() as f64;
                    let half = n as f64 / 2.0;
                    let sigma = (p * (1.0 - p) * half).sqrt();
                    // 4.5 standard deviations: there are 120 comparisons.
                    assert!((found - p * half).abs() <= 4.5 * sigma + 1e-6, "{process:?} {t} {state}: {found}");
                }
            }
        }
        let part = Tokens::new([1, 3].repeat(10), 2).unwrap();
        let part = process.corrupt(&part, &times[100..110], &mut Rng::new(1).at(100));
        assert_eq!(part.values, x.values[200..220]);
    }
}

#[test]
fn the_exact_model_generates_its_data_in_few_steps() {
    // One token given the exact posterior: each bridge is the exact reverse, however long the step.
    let (n, probabilities) = (6_000, vec![0.1, 0.6, 0.05, 0.25]);
    for process in all() {
        let model = Factorised::new(process, vec![probabilities.clone()]).unwrap();
        let like = Tokens::new(vec![0; n], 1).unwrap();
        let mut rng = Rng::new(2);
        let noise = process.prior(&like, 1.0, &mut rng);
        let grid = Grid::new(vec![1.0, 0.6, 0.2]).unwrap();
        let x = generate(&process, &mut |x, t| model.posterior(x, t).unwrap(), &grid, noise, &mut rng);
        for (k, p) in probabilities.iter().enumerate() {
            let found = x.values.iter().filter(|v| **v as usize == k).count() as f64;
            let sigma = (p * (1.0 - p) * n as f64).sqrt();
            assert!((found - p * n as f64).abs() < 4.5 * sigma, "{process:?}, class {k}: {found}");
        }
    }
}

#[test]
fn an_estimate_that_contradicts_the_state_leaves_it_alone() {
    let process = Categorical::new(2, Replacement::Mask, Schedule::Linear).unwrap();
    let x = Tokens::new(vec![1, 1], 2).unwrap();
    let estimate = Probabilities { values: vec![1.0, 0.0, 1.0, 0.0], classes: 2 };
    assert_eq!(process.bridge(x.clone(), &estimate, 0.5, 0.4, &mut Rng::new(0)), x);
    assert_eq!(process.finish(x.clone(), &estimate, 0.5, &mut Rng::new(0)), x);
}
