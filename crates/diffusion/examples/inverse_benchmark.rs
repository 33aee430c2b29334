//! Posterior samplers on a mixture of 25 normals whose posterior is known: sliced Wasserstein distance to exact samples.
//!
//! Data of 8 or 80 numbers: means `(8i, 8j)`, i, j = -2..2, repeated over the coordinates, unit covariance, random weights. One, two
//! or four numbers are measured, `A = U diag(s) V^T` with s uniform in (0, 1) and noise uniform in (0, max s). The problem is that of
//! Cardoso, Janati El Idrissi, Le Corff & Moulines, arXiv:2308.07983, section 4. Arguments: problems per size, samples, steps.
//!
//! `cargo run -p diffusion --release --example inverse_benchmark -- 10 1000 100`

use diffusion::exact::{Component, FullComponent, FullMixture, Mixture};
use diffusion::inverse::*;
use diffusion::*;

type Samples = Vec<Vec<f64>>;

const SLICES: usize = 100;

struct Problem {
    prior: Mixture<Edm>,
    posterior: FullMixture<Edm>,
    measured: Measurement<Matrix>,
}

impl Problem {
    fn draw(dim: usize, measured: usize, seed: u64) -> Result<Problem, Error> {
        let path = Edm::default();
        let mut rng = Rng::new(seed).stream((100 * dim + measured) as u64);
        let weights = rng.uniform(1, 25);
        let mean = |k: usize| (0..dim).map(|c| 8.0 * ([k / 5, k % 5][c % 2] as f64 - 2.0)).collect::<Vec<f64>>();
        let round = |k: usize| Component { weight: weights[k], mean: mean(k), std: 1.0 };
        let full = |k: usize| FullComponent::isotropic(weights[k], mean(k), 1.0);
        let prior = Mixture::new(path, (0..25).map(round).collect())?;
        let normal = rng.normal_f64(measured, dim);
        let svd = Svd::new(&normal.chunks(dim).map(<[f64]>::to_vec).collect::<Vec<_>>())?;
        let mut singular = rng.uniform(1, measured);
        singular.sort_by(|a, b| b.total_cmp(a));
        let sigma = singular[0] * rng.uniform(1, 1)[0];
        let a = Matrix::new(Svd { singular, ..svd }.reconstruct())?;
        let truth = prior.data(&mut rng, 1).remove(0);
        let measured = Measurement::of(a, &truth, sigma, &mut rng)?;
        let posterior =
            FullMixture::new(path, (0..25).map(full).collect::<Result<_, _>>()?)?.posterior(path, &measured)?;
        Ok(Problem { prior, posterior, measured })
    }

    /// Samples of a model by a step, along a grid from sigma = 200, wide against the data's 11.
    fn run<S: Step<Vec<f64>>>(&self, model: &dyn Denoise<Vec<f64>>, step: &S, n: usize, steps: usize) -> Samples {
        let path = Edm::default();
        let grid = Grid::karras(&path, 0.02, 200.0, 7.0, steps).expect("a decreasing grid");
        let like = vec![0.0; self.posterior.mean().len()];
        let one = |number: u64| {
            let mut rng = Rng::new(1).at(number);
            let x = grid.prior(&path, &like, &mut rng);
            sample(model, step, &grid, x, &mut rng, &mut |_| {}).x
        };
        (0..n as u64).map(one).collect()
    }

    fn methods(&self, n: usize, steps: usize) -> Result<Vec<(&'static str, Samples)>, Error> {
        let (prior, measured, solver) = (&self.prior, &self.measured, DpmSolverPp2M);
        let mmps = Mmps::new(prior, measured.clone());
        let pigdm = PiGdm::new(prior, measured.clone(), 1.0)?;
        let wide = PiGdm::new(prior, measured.clone(), 11.0)?; // the data's own standard deviation
        let strict = PiGdm::new(prior, measured.clone(), 0.0)?;
        let published = PiGdmStep { guided: &pigdm, eta: 0.2, published: true };
        let dps = |zeta| Dps { prior, measured: measured.clone(), inner: DdpmAncestral::default(), zeta };
        let langevin = PosteriorLangevin::new(measured.clone(), 10, 0.2, true)?;
        Ok(vec![
            ("exact samples (the floor)", self.posterior.data(&mut Rng::new(2), n)),
            ("exact guided estimate, DPM-Solver++(2M)", self.run(&self.posterior, &solver, n, steps)),
            ("MMPS, DPM-Solver++(2M)", self.run(&mmps, &solver, n, steps)),
            ("MMPS, DDIM, eta 1", self.run(&mmps, &Ddim { eta: 1.0 }, n, steps)),
            ("Pi-GDM of spread 11, DPM-Solver++(2M)", self.run(&wide, &solver, n, steps)),
            ("Pi-GDM of spread 1, DPM-Solver++(2M)", self.run(&pigdm, &solver, n, steps)),
            ("Pi-GDM of spread 1, DDIM, eta 1", self.run(&pigdm, &Ddim { eta: 1.0 }, n, steps)),
            ("Pi-GDM of spread 1, published step, eta 0.2", self.run(&pigdm, &published, n, steps)),
            ("DPS's likelihood (Pi-GDM of spread 0), DDIM, eta 1", self.run(&strict, &Ddim { eta: 1.0 }, n, steps)),
            ("DPS, DDPM, zeta 0.1", self.run(prior, &dps(0.1), n, steps)),
            ("DPS, DDPM, zeta 1", self.run(prior, &dps(1.0), n, steps)),
            ("DDRM", self.run(prior, &Ddrm::new(measured.clone())?, n, steps)),
            ("annealed Langevin, 10 per level", self.run(prior, &langevin, n, steps)),
            ("no guidance, DPM-Solver++(2M)", self.run(prior, &solver, n, steps)),
        ])
    }
}

/// Root mean square over random directions of the 2-Wasserstein distance of the projections, which pairs sorted values.
fn sliced_wasserstein(a: &Samples, b: &Samples) -> f64 {
    let dim = a[0].len();
    let directions = Rng::new(3).normal_f64(SLICES, dim);
    let sorted = |samples: &Samples, direction: &[f64]| {
        let length = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
        let along = |x: &Vec<f64>| x.iter().zip(direction).map(|(x, d)| x * d / length).sum();
        let mut values: Vec<f64> = samples.iter().map(along).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let squares = directions.chunks(dim).map(|d| {
        let (a, b) = (sorted(a, d), sorted(b, d));
        a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64
    });
    (squares.sum::<f64>() / SLICES as f64).sqrt()
}

/// Mean and its standard error.
fn summary(values: &[f64]) -> String {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    if mean < 1e3 { format!("{mean:.2} ± {:.2}", (variance / n).sqrt()) } else { "diverges".to_owned() }
}

fn main() -> Result<(), Error> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |place: usize, default: usize| numbers.get(place).copied().unwrap_or(default).max(2);
    let (problems, samples, steps) = (number(0, 10), number(1, 1000), number(2, 100));
    println!("{} problems per dimension, {samples} samples, {steps} steps, {SLICES} slices", 3 * problems);
    let mut table: Vec<(&str, [Vec<f64>; 2])> = Vec::new();
    for (column, dim) in [8, 80].into_iter().enumerate() {
        for measured in [1, 2, 4] {
            for seed in 0..problems as u64 {
                let problem = Problem::draw(dim, measured, seed)?;
                let exact = problem.posterior.data(&mut Rng::new(4), samples);
                for (row, (name, found)) in problem.methods(samples, steps)?.into_iter().enumerate() {
                    if table.len() <= row {
                        table.push((name, [Vec::new(), Vec::new()]));
                    }
                    table[row].1[column].push(sliced_wasserstein(&found, &exact));
                }
            }
        }
    }
    println!("\n| method | d = 8 | d = 80 |\n|---|---|---|");
    for (name, [small, large]) in &table {
        println!("| {name} | {} | {} |", summary(small), summary(large));
    }
    Ok(())
}
