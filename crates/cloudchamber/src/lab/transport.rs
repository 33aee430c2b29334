//! The distance between two samples of the plane, with the floor that the number of points sets.

use diffusion::couple::assignment;

use super::Point;

/// Exact Wasserstein-2 distance of two equally large samples: the root of the least mean squared distance over all pairings.
pub fn wasserstein2(a: &[Point], b: &[Point]) -> f64 {
    wasserstein2_by(a, b, |a, b| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2))
}

/// The same for another squared distance.
pub fn wasserstein2_by(a: &[Point], b: &[Point], square: impl Fn(&Point, &Point) -> f64) -> f64 {
    assert_eq!(a.len(), b.len(), "samples of different sizes");
    let n = a.len();
    let cost: Vec<f64> = a.iter().flat_map(|a| b.iter().map(|b| square(a, b))).collect();
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
