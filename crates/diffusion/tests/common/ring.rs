//! A ring of eight normals, its probability flow from the same eight states on every path, and where it leads.

use diffusion::exact::Mixture;
use diffusion::*;

pub type State = Vec<f64>;

/// Eight normals of width 0.3 on a circle of radius 2.
pub fn ring(path: AnyPath) -> Mixture<AnyPath> {
    Mixture::ring(path, 8, 2.0, 0.3).unwrap()
}

/// Eight states at `sigma/alpha = 10`, the same for every path in units of its alpha.
pub fn starts(path: &AnyPath) -> Vec<State> {
    let c = path.at(path.time(-(10f64.ln())));
    Rng::new(21).normal_f64(8, 2).chunks(2).map(|z| vec![c.sigma * z[0], c.sigma * z[1]]).collect()
}

/// From `sigma/alpha = 10` to 0.05 in `n` steps.
pub fn grid(path: &AnyPath, n: usize) -> Grid {
    Grid::karras(path, 0.05, 10.0, 7.0, n + 1).unwrap().without_clean_step()
}

/// Where a method carries the starts.
pub fn run<S: Step<State>>(method: &S, path: &AnyPath, n: usize) -> Vec<State> {
    let (model, grid) = (ring(path.clone()), grid(path, n));
    let one = |x: State| sample(&model, method, &grid, x, &mut Rng::new(0), &mut |_| {}).x;
    starts(path).into_iter().map(one).collect()
}

/// The classical Runge-Kutta method on the probability-flow ODE, `steps` of the same grid.
pub fn reference(path: &AnyPath, steps: usize) -> Vec<State> {
    let (model, grid) = (ring(path.clone()), grid(path, steps));
    let solve = |mut x: State| {
        for w in grid.times().windows(2) {
            let h = w[1] - w[0];
            let at = |k: &State, a: f64| x.clone().axpby(1.0, a * h, k);
            let k1 = velocity(&model, &x, w[0]);
            let k2 = velocity(&model, &at(&k1, 0.5), w[0] + 0.5 * h);
            let k3 = velocity(&model, &at(&k2, 0.5), w[0] + 0.5 * h);
            let k4 = velocity(&model, &at(&k3, 1.0), w[1]);
            x = x.iter().enumerate().map(|(i, x)| x + h / 6.0 * (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i])).collect();
        }
        x
    };
    starts(path).into_iter().map(solve).collect()
}

/// Root mean square distance.
pub fn rms(a: &[State], b: &[State]) -> f64 {
    let squares: f64 = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / a.len() as f64).sqrt()
}
