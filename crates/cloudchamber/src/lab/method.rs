//! A method trained on one target: its samples, its way from noise to data, and its field.

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::couple::reflow;
use diffusion::{AnyPath, Denoise, Grid, Objective, Path, Preconditioned, Rng, Sampler, regression, velocity};
use nets::{ToyMlp, ToyMlpConfig};

use super::fit::fit;
use super::recipe::{Kind, LabRecipe};
use super::{Point, Target};
use crate::Error;

/// Streams of the seed's random numbers.
mod stream {
    pub const SCALE: u64 = 1;
    pub const DATA: u64 = 2;
    pub const SAMPLES: u64 = 3;
}

/// Evaluations with which a teacher makes the pairs of a reflow.
const REFLOW_EVALUATIONS: usize = 40;
/// Octaves of the network's Fourier features of the noise level.
const OCTAVES: usize = 4;

/// A trained method.
pub struct Trained {
    /// What it was trained by.
    pub recipe: LabRecipe,
    /// Training time, s; its teacher's is its own.
    pub seconds: f64,
    path: AnyPath,
    /// Networks see `(x - centre)/spread`.
    centre: Point,
    spread: f64,
    network: ToyMlp,
    device: Device,
}

impl Trained {
    /// Trains by a recipe; `teacher` is the trained method that the recipe names.
    ///
    /// # Errors
    /// Impossible constants in the recipe, divergence, interruption, a teacher that is missing.
    pub fn new(recipe: &LabRecipe, target: &Target, teacher: Option<&Trained>) -> Result<Trained, Error> {
        let started = Instant::now();
        let device = Device::flex();
        let seed = recipe.train.seed;
        device.seed(seed);
        let (centre, spread) = standard(target, &mut Rng::new(seed).stream(stream::SCALE));
        let path = recipe.path.build()?;
        let config = ToyMlpConfig::new(2).with_hidden(recipe.network.width, recipe.network.layers);
        let network = config.with_frequencies(OCTAVES).init(&device);
        let objective = Objective { coupling: recipe.coupling.build(), ..recipe.objective.build(&path) };
        let tape = device.clone().autodiff();
        let pairs = |rng: &mut Rng| -> Result<(Tensor<2>, Tensor<2>), Error> {
            let batch = recipe.train.batch;
            let mut data_rng = rng.clone().stream(stream::DATA);
            match (recipe.kind, teacher) {
                (Kind::Regression, _) => {
                    let points: Vec<Point> = target.sample(&mut data_rng, batch).into_iter().map(|(p, _)| p).collect();
                    let data = tensor(&points, centre, spread, &tape);
                    let noise = objective.coupling.noise(&data, rng);
                    Ok((data, noise))
                }
                (Kind::Reflow, Some(teacher)) => {
                    let like = Tensor::zeros([batch, 2], &device);
                    let sampler = teacher.recipe.sample.sampler()?;
                    let grid = teacher.grid(REFLOW_EVALUATIONS)?;
                    let (data, noise) = reflow(&teacher.model(), &sampler, &grid, &like, &mut data_rng);
                    Ok((data.autodiff(), noise.autodiff()))
                }
                (Kind::Reflow, None) => Err(Error::argument("teacher", "nothing", "a trained method")),
            }
        };
        let network = fit(network, &recipe.train, &device, &mut |net: &ToyMlp, rng, _| {
            let drawn = objective.draw(rng, recipe.train.batch)?;
            let (data, noise) = pairs(rng)?;
            let problem = regression(&drawn, data, noise);
            Ok(problem.losses(net.forward(problem.input.clone(), problem.noise_level.clone())))
        })?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(Trained { recipe: recipe.clone(), seconds, path, centre, spread, network, device })
    }

    /// The method as a model of standardised points.
    fn model(&self) -> impl Denoise<Tensor<2>> + '_ {
        Preconditioned {
            path: self.path.clone(),
            target: self.recipe.objective.target(),
            network: |x: Tensor<2>, noise: f64| {
                let level = Tensor::full([x.dims()[0], 1], noise, &self.device);
                self.network.forward(x, level)
            },
        }
    }

    /// The grid that costs `evaluations`, or as near below as the sampler allows.
    fn grid(&self, evaluations: usize) -> Result<Grid, Error> {
        let sampler = self.recipe.sample.sampler()?;
        let steps = (1..=evaluations).rev();
        for n in steps {
            let grid = self.recipe.sample.grid(&self.path, n)?;
            if n == 1 || sampler.evaluations(&grid) <= evaluations {
                return Ok(grid);
            }
        }
        Err(Error::argument("evaluations", evaluations, "at least 1"))
    }

    /// `n` samples of `seed`, and the states on the way if asked for.
    fn run(&self, evaluations: usize, seed: u64, n: usize, way: &mut Vec<Vec<Point>>) -> Result<Vec<Point>, Error> {
        let (sampler, grid): (Sampler, Grid) = (self.recipe.sample.sampler()?, self.grid(evaluations)?);
        let mut rng = Rng::new(seed).stream(stream::SAMPLES);
        let start = grid.prior(&self.path, &Tensor::<2>::zeros([n, 2], &self.device), &mut rng);
        let done = sampler.run(&self.model(), &grid, start, &mut rng, &mut |p| {
            // States are shown on the scale of the data, whatever the path does to it.
            let coef = self.path.at(p.t);
            way.push(self.points(&p.x.clone().mul_scalar(1.0 / coef.alpha.hypot(coef.sigma))));
        });
        let last = self.points(&done.x);
        way.push(last.clone());
        Ok(last)
    }

    /// `n` samples of `seed` with `evaluations` of the network each.
    ///
    /// # Errors
    /// A recipe whose grid is impossible.
    pub fn samples(&self, evaluations: usize, seed: u64, n: usize) -> Result<Vec<Point>, Error> {
        self.run(evaluations, seed, n, &mut Vec::new())
    }

    /// `n` ways from noise to data; every state is divided by the spread of unit data at its time.
    ///
    /// # Errors
    /// A recipe whose grid is impossible.
    pub fn trajectories(&self, evaluations: usize, seed: u64, n: usize) -> Result<Vec<Vec<Point>>, Error> {
        let mut way = Vec::new();
        self.run(evaluations, seed, n, &mut way)?;
        Ok((0..n).map(|i| way.iter().map(|states| states[i]).collect()).collect())
    }

    /// The direction in which the probability flow carries points of the plane towards the data, at noise `sigma/alpha = level`.
    pub fn field(&self, points: &[Point], level: f64) -> Vec<Point> {
        let t = self.path.time(-level.ln());
        let coef = self.path.at(t);
        let x = tensor(points, self.centre, self.spread, &self.device).mul_scalar(coef.alpha.hypot(coef.sigma));
        let flow = velocity(&self.model(), &x, t).neg();
        rows(&flow).into_iter().map(|[x, y]| [self.spread * x, self.spread * y]).collect()
    }

    fn points(&self, x: &Tensor<2>) -> Vec<Point> {
        let place = |v: f64, axis: usize| self.centre[axis] + self.spread * v;
        rows(x).into_iter().map(|[x, y]| [place(x, 0), place(y, 1)]).collect()
    }
}

/// Centre and spread (root mean variance per axis) of a target.
fn standard(target: &Target, rng: &mut Rng) -> (Point, f64) {
    let points = target.sample(rng, 20_000);
    let n = points.len() as f64;
    let centre = [0, 1].map(|axis| points.iter().map(|(p, _)| p[axis]).sum::<f64>() / n);
    let variance = |axis: usize| points.iter().map(|(p, _)| (p[axis] - centre[axis]).powi(2)).sum::<f64>() / n;
    (centre, (0.5 * (variance(0) + variance(1))).sqrt().max(1e-12))
}

fn tensor(points: &[Point], centre: Point, spread: f64, device: &Device) -> Tensor<2> {
    let values: Vec<f32> =
        points.iter().flat_map(|p| [0, 1].map(|axis| ((p[axis] - centre[axis]) / spread) as f32)).collect();
    Tensor::from_data(TensorData::new(values, [points.len(), 2]), device)
}

fn rows(x: &Tensor<2>) -> Vec<Point> {
    let values: Vec<f64> = x.to_data().iter::<f64>().collect();
    values.chunks_exact(2).map(|p| [p[0], p[1]]).collect()
}
