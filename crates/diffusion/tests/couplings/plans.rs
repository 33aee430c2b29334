use diffusion::Rng;
use diffusion::couple::{Plan, Sinkhorn, assignment, squared_distances};

use super::{is_permutation, normals};

fn plan(epsilon: f64, cost: &[f64], n: usize) -> Plan {
    Sinkhorn::new(epsilon).unwrap().plan(cost, n).unwrap()
}

fn expense(cost: &[f64], plan: &Plan) -> f64 {
    cost.iter().zip(&plan.mass).map(|(c, p)| c * p).sum()
}

#[test]
fn rows_and_columns_of_a_plan_sum_to_one_at_every_epsilon() {
    for n in [1, 2, 7, 64] {
        let cost = squared_distances(&normals(1, n, 2), &normals(2, n, 2), n).unwrap();
        for epsilon in [1e-4, 0.01, 0.05, 1.0, 100.0] {
            let plan = plan(epsilon, &cost, n);
            for k in 0..n {
                let row: f64 = (0..n).map(|j| plan.mass[k * n + j]).sum();
                let column: f64 = (0..n).map(|i| plan.mass[i * n + k]).sum();
                assert!((row - 1.0).abs() < 1e-12 && (column - 1.0).abs() < 1e-12, "{n} {epsilon}: {row} {column}");
            }
            assert!(plan.mass.iter().all(|m| *m >= 0.0));
            assert!(epsilon < 0.2 || plan.error <= 1e-4, "{n} {epsilon}: {} after {}", plan.error, plan.iterations);
        }
    }
}

#[test]
fn a_plan_has_the_gibbs_form_that_makes_it_optimal() {
    // P_ij P_kl / (P_il P_kj) = exp(-(c_ij + c_kl - c_il - c_kj)/eps): the only such matrix with these marginals.
    let (n, epsilon) = (5, 0.3);
    let cost = squared_distances(&normals(3, n, 2), &normals(4, n, 2), n).unwrap();
    let sharp = Sinkhorn { tolerance: 1e-13, iterations: 10_000, ..Sinkhorn::new(epsilon).unwrap() };
    let p = sharp.plan(&cost, n).unwrap().mass;
    let scale = epsilon * cost.iter().sum::<f64>() / (n * n) as f64;
    for (i, j, k, l) in [(0, 1, 2, 3), (4, 0, 1, 2), (3, 3, 0, 1)] {
        let at = |i: usize, j: usize| i * n + j;
        let ratio = (p[at(i, j)] * p[at(k, l)] / (p[at(i, l)] * p[at(k, j)])).ln();
        let exact = -(cost[at(i, j)] + cost[at(k, l)] - cost[at(i, l)] - cost[at(k, j)]) / scale;
        assert!((ratio - exact).abs() < 1e-9 * (1.0 + exact.abs()), "{ratio} {exact}");
    }
}

#[test]
fn plans_lead_from_exact_transport_to_the_independent_coupling() {
    let n = 32;
    let cost = squared_distances(&normals(5, n, 2), &normals(6, n, 2), n).unwrap();
    let exact = assignment(&cost, n).unwrap().order;
    let least: f64 = exact.iter().enumerate().map(|(i, j)| cost[i * n + j]).sum();
    let mean = cost.iter().sum::<f64>() / n as f64;
    let expenses = [1e-3, 0.01, 0.1, 1.0, 1e6].map(|epsilon| expense(&cost, &plan(epsilon, &cost, n)));
    assert!(expenses.windows(2).all(|e| e[0] < e[1]), "{expenses:?}");
    // An entropic plan costs at most eps ln n per row more than the exact one.
    assert!(expenses[0] >= least - 1e-9 && expenses[0] - least < 1e-3 * mean * (n as f64).ln());
    assert!((expenses[4] / mean - 1.0).abs() < 1e-5);
    let sharp = plan(1e-4, &cost, n);
    assert_eq!(sharp.draw(&mut Rng::new(0)), exact);
}

#[test]
fn drawn_permutations_have_the_plan_as_their_mean_within_five_sigmas() {
    let n = 6;
    let cost = squared_distances(&normals(7, n, 2), &normals(8, n, 2), n).unwrap();
    let plan = plan(0.2, &cost, n);
    let draws = 10_000;
    let mut seen = vec![0.0; n * n];
    let mut rng = Rng::new(9);
    for _ in 0..draws {
        let order = plan.draw(&mut rng);
        assert!(is_permutation(&order));
        order.iter().enumerate().for_each(|(i, j)| seen[i * n + j] += 1.0);
    }
    assert_eq!(rng.draw, draws);
    for (count, p) in seen.iter().zip(&plan.mass) {
        let n = draws as f64;
        // Entries of almost no mass: allow the count of one draw.
        let sigma = (n * p * (1.0 - p)).sqrt().max(0.2);
        assert!((count - n * p).abs() < 5.0 * sigma, "{count} instead of {}", n * p);
    }
}

#[test]
fn large_plans_are_drawn_as_permutations_too() {
    let n = 128;
    let cost = squared_distances(&normals(10, n, 3), &normals(11, n, 3), n).unwrap();
    for epsilon in [0.01, 0.1, 10.0] {
        let plan = plan(epsilon, &cost, n);
        let order = plan.draw(&mut Rng::new(1));
        assert!(is_permutation(&order));
        assert_eq!(order, plan.draw(&mut Rng::new(1)));
        // No pair outside the plan's support.
        assert!(order.iter().enumerate().all(|(i, j)| plan.mass[i * n + j] > 1e-12));
    }
}

#[test]
fn a_batch_of_256_gets_its_entropic_permutation_in_a_fraction_of_a_second() {
    let n = 256;
    let cost = squared_distances(&normals(12, n, 2), &normals(13, n, 2), n).unwrap();
    let start = std::time::Instant::now();
    let plan = plan(0.05, &cost, n);
    let solved = start.elapsed();
    let order = plan.draw(&mut Rng::new(0));
    let all = start.elapsed();
    println!("256 points: plan {solved:.1?} in {} iterations, drawn in {:.1?}", plan.iterations, all - solved);
    assert!(is_permutation(&order) && all.as_secs_f64() < 2.0, "{all:?}");
}
