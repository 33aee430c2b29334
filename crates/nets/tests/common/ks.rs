//! Kolmogorov and Smirnov's distance of a sample from a density.

/// `sqrt(n) D` above this has the probability 2 exp(-2 x^2) = 1e-5.
pub const LIMIT: f64 = 2.47;

/// `sqrt(n)` times the largest difference between the sample's distribution function and that of `density`, which is
/// integrated by the trapezoidal rule from `low` to `high`, where it must lie.
pub fn distance(mut sample: Vec<f64>, low: f64, high: f64, density: impl Fn(&[f64]) -> Vec<f64>) -> f64 {
    const CELLS: usize = 20_000;
    let step = (high - low) / CELLS as f64;
    let grid: Vec<f64> = (0..=CELLS).map(|i| low + step * i as f64).collect();
    let density = density(&grid);
    let mut below = vec![0.0];
    for pair in density.windows(2) {
        below.push(below.last().unwrap() + 0.5 * step * (pair[0] + pair[1]));
    }
    let total = below[CELLS];
    assert!((total - 1.0).abs() < 2e-3, "the density integrates to {total}");
    let function = |x: f64| {
        let place = ((x - low) / step).clamp(0.0, CELLS as f64 - 1e-9);
        let cell = place as usize;
        (below[cell] + (below[cell + 1] - below[cell]) * (place - cell as f64)) / total
    };
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let gap = |(i, x): (usize, &f64)| {
        let f = function(*x);
        (f - i as f64 / n).abs().max(((i + 1) as f64 / n - f).abs())
    };
    n.sqrt() * sample.iter().enumerate().map(gap).fold(0.0, f64::max)
}
