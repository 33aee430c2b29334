use std::time::Instant;

use diffusion::Rng;
use diffusion::couple::{Assignment, assignment, squared_distances};

use super::{is_permutation, normals};

fn total(cost: &[f64], order: &[usize]) -> f64 {
    order.iter().enumerate().map(|(i, j)| cost[i * order.len() + j]).sum()
}

/// The least total cost over all permutations.
fn brute_force(cost: &[f64], n: usize) -> f64 {
    fn rest(cost: &[f64], n: usize, row: usize, taken: u32) -> f64 {
        if row == n {
            return 0.0;
        }
        let free = (0..n).filter(|j| taken & (1 << j) == 0);
        free.map(|j| cost[row * n + j] + rest(cost, n, row + 1, taken | 1 << j)).fold(f64::INFINITY, f64::min)
    }
    rest(cost, n, 0, 0)
}

/// The potentials are feasible and reach the cost of the assignment, so neither can be improved.
fn proves_itself(cost: &[f64], a: &Assignment) -> bool {
    let n = a.order.len();
    let scale = cost.iter().fold(1.0, |m: f64, c| m.max(c.abs())) * (n + 1) as f64;
    let feasible = (0..n * n).all(|k| a.rows[k / n] + a.columns[k % n] <= cost[k] + 1e-12 * scale);
    let dual: f64 = a.rows.iter().chain(&a.columns).sum();
    is_permutation(&a.order) && feasible && (total(cost, &a.order) - dual).abs() < 1e-12 * scale
}

#[test]
fn assignments_are_as_cheap_as_brute_force_finds() {
    let mut rng = Rng::new(1);
    for n in 0..=7 {
        for _ in 0..40 {
            let smooth = rng.normal_f64(1, n * n);
            // Small integers: many ties, and costs below zero.
            let ties: Vec<f64> = smooth.iter().map(|c| (2.0 * c).round()).collect();
            for cost in [smooth, ties] {
                let found = assignment(&cost, n).unwrap();
                assert!((total(&cost, &found.order) - brute_force(&cost, n)).abs() < 1e-12, "{cost:?}");
                assert!(proves_itself(&cost, &found));
            }
        }
    }
}

#[test]
fn large_assignments_carry_a_proof_of_optimality() {
    for (seed, n, dim) in [(2, 64, 1), (3, 256, 2), (4, 300, 40)] {
        let cost = squared_distances(&normals(seed, n, dim), &normals(seed + 100, n, dim), n).unwrap();
        assert!(proves_itself(&cost, &assignment(&cost, n).unwrap()));
    }
    let equal = vec![3.0; 100 * 100];
    assert!(proves_itself(&equal, &assignment(&equal, 100).unwrap()));
}

#[test]
fn transport_on_the_line_is_sorting() {
    let n = 200;
    let (data, noise) = (normals(5, n, 1), normals(6, n, 1));
    let order = assignment(&squared_distances(&data, &noise, n).unwrap(), n).unwrap().order;
    let rank = |x: &[f64], i: usize| x.iter().filter(|y| **y < x[i]).count();
    assert!((0..n).all(|i| rank(&data, i) == rank(&noise, order[i])));
}

#[test]
fn points_that_are_not_finite_still_get_a_permutation() {
    let n = 6;
    let mut data = normals(7, n, 2);
    (data[3], data[8]) = (f64::NAN, f64::INFINITY);
    let cost = squared_distances(&data, &normals(8, n, 2), n).unwrap();
    assert!(is_permutation(&assignment(&cost, n).unwrap().order));
}

#[test]
fn a_batch_of_256_is_assigned_in_a_few_milliseconds() {
    let n = 256;
    let times = (0..5).map(|seed| {
        let cost = squared_distances(&normals(seed, n, 2), &normals(seed + 50, n, 2), n).unwrap();
        let start = Instant::now();
        assert!(is_permutation(&assignment(&cost, n).unwrap().order));
        start.elapsed().as_secs_f64() * 1e3
    });
    let best = times.fold(f64::INFINITY, f64::min);
    println!("256 points: {best:.2} ms");
    assert!(best < 30.0, "{best} ms"); // three times the budget of 10 ms, for busy machines
}
