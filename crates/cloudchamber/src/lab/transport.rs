//! The distance between two samples of the plane, with the floor that the number of points sets.

use diffusion::couple::{assignment, squared_distances};

use super::Point;

/// Exact Wasserstein-2 distance of two equally large samples: the root of the least mean squared distance over all pairings.
pub fn wasserstein2(a: &[Point], b: &[Point]) -> f64 {
    assert_eq!(a.len(), b.len(), "samples of different sizes");
    let flat = |points: &[Point]| points.iter().flatten().copied().collect::<Vec<f64>>();
    let n = a.len();
    let cost = squared_distances(&flat(a), &flat(b), n).expect("as many points on either side");
    let order = assignment(&cost, n).expect("distances are finite").order;
    (order.iter().enumerate().map(|(i, j)| cost[i * n + j]).sum::<f64>() / n as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_copy_is_as_far_as_the_shift() {
        let a: Vec<Point> = (0..50).map(|i| [(f64::from(i) * 0.7).sin(), (f64::from(i) * 1.3).cos()]).collect();
        let mut b: Vec<Point> = a.iter().map(|p| [p[0] + 0.3, p[1] - 0.4]).collect();
        b.reverse();
        assert!((wasserstein2(&a, &b) - 0.5).abs() < 1e-9);
    }
}
