//! A one-dimensional mixture of normals whose distance from any sampler's output is known without Monte Carlo noise.
//!
//! The probability flow is monotone in one dimension: it carries the quantiles of the noise end to those of the data.
//! One state here is a whole row of such quantiles, every coordinate a problem of its own. A stochastic step carries
//! each quantile to a normal law; the mixture of these laws is taken at its quantiles again.

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

/// Noises that stand for a standard normal: means of as many equal shares, scaled to variance 1.
const NOISES: usize = 64;

/// W2 between the law that a stochastic sampler has at the end of EDM's grid and the data, without random numbers.
pub fn law_w2<S>(method: &S, steps: usize, noise: &[f64], data: &[f64]) -> f64
where
    S: Stochastic<Vec<f64>, Memory = ()>,
{
    let model = Line::new();
    let grid = Grid::edm(&Edm::default(), steps).expect("a grid");
    let shares = normal_shares();
    let mut x = noise.to_vec();
    for w in grid.times().windows(2) {
        let go = |z: f64| method.step_with(&model, x.clone(), w[0], w[1], &mut (), &mut |x| vec![z; x.len()]);
        let (mean, moved) = (go(0.0), go(1.0));
        let spread = |(mean, moved): (&f64, &f64)| shares.map(|z| mean + z * (moved - mean));
        let mut all: Vec<f64> = mean.iter().zip(&moved).flat_map(spread).collect();
        all.sort_by(f64::total_cmp);
        x = all.chunks(NOISES).map(|share| share.iter().sum::<f64>() / NOISES as f64).collect();
    }
    let last = grid.times()[grid.times().len() - 1];
    distance(&model.denoise(&x, last), data)
}

/// The mean of `z` over the share between the quantiles `a` and `b` is `(density(a) - density(b)) NOISES`.
fn normal_shares() -> [f64; NOISES] {
    let below = |x: f64| 0.5 * libm::erfc(-x / 2f64.sqrt());
    let density = |i: usize| {
        let (mut low, mut high) = (-40.0, 40.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if below(middle) < i as f64 / NOISES as f64 { low = middle } else { high = middle }
        }
        if i == 0 || i == NOISES { 0.0 } else { (-0.5 * low * low).exp() / std::f64::consts::TAU.sqrt() }
    };
    let means: [f64; NOISES] = std::array::from_fn(|i| (density(i) - density(i + 1)) * NOISES as f64);
    let variance = means.iter().map(|z| z * z).sum::<f64>() / NOISES as f64;
    means.map(|z| z / variance.sqrt())
}
