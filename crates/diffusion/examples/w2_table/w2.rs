//! A one-dimensional mixture of normals whose distance from any sampler's output is known without Monte Carlo noise.
//!
//! The probability flow is monotone in one dimension: it carries the quantiles of the noise end to those of the data.
//! One state here is a whole row of such quantiles, every coordinate a problem of its own.

use diffusion::exact::{Component, Mixture};
use diffusion::*;

/// Weight, mean and standard deviation of each component.
pub const MIXTURE: [(f64, f64, f64); 3] = [(0.3, -2.0, 0.3), (0.5, 0.5, 0.5), (0.2, 2.5, 0.2)];

/// The mixture in every coordinate, independently, on the EDM path.
pub struct Line(pub Mixture<Edm>);

impl Line {
    /// The model of [`MIXTURE`].
    pub fn new() -> Line {
        let component = |&(weight, mean, std): &(f64, f64, f64)| Component { weight, mean: vec![mean], std };
        Line(Mixture::new(Edm::default(), MIXTURE.iter().map(component).collect()).expect("a valid mixture"))
    }
}

impl Denoise<Vec<f64>> for Line {
    fn path(&self) -> &dyn Path {
        self.0.path()
    }

    fn denoise(&self, x: &Vec<f64>, t: f64) -> Vec<f64> {
        x.iter().map(|x| self.0.denoise(&vec![*x], t)[0]).collect()
    }
}

/// The middles of `n` equal shares of the mixture with noise `sigma` added, by bisection.
pub fn quantiles(n: usize, sigma: f64) -> Vec<f64> {
    let below = |x: f64| -> f64 {
        MIXTURE.iter().map(|(w, m, s)| w * 0.5 * libm::erfc((m - x) / (s.hypot(sigma) * 2f64.sqrt()))).sum()
    };
    let quantile = |u: f64| {
        let (mut low, mut high) = (-10.0 - 8.0 * sigma, 10.0 + 8.0 * sigma);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if below(middle) < u { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    };
    (0..n).map(|i| quantile((i as f64 + 0.5) / n as f64)).collect()
}

/// Root mean square distance of two rows.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / a.len() as f64).sqrt()
}

/// W2 between a deterministic sampler's output on EDM's grid and the data; `noise` and `data` are [`quantiles`] at 80 and 0.
pub fn exact_w2(sampler: &Sampler, steps: usize, noise: &[f64], data: &[f64]) -> f64 {
    let model = Line::new();
    let grid = Grid::edm(&Edm::default(), steps).expect("a grid");
    let done = sampler.run(&model, &grid, noise.to_vec(), &mut Rng::new(0), &mut |_| {});
    assert_eq!(done.evaluations, sampler.evaluations(&grid));
    distance(&done.x, data)
}
