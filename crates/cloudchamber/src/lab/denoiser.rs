//! Denoisers by regression: path x target x weight x times x coupling. DDPM, score SDEs, EDM and flow matching are all of these.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use diffusion::couple::reflow;
use diffusion::flow::{DenoiseRows, PreconditionedRows};
use diffusion::{AnyPath, Denoise, Grid, Objective, Path, Rng, regression};
use nets::ToyMlp;

use super::fit::fit;
use super::recipe::Kind;
use super::standard::column;
use super::student::{Lesson, See, Student};
use super::walk::{affordable, towards, walk};
use crate::Error;
use crate::recipe::SampleSection;

/// Evaluations with which a teacher makes the pairs of a reflow.
const REFLOW_EVALUATIONS: usize = 40;

/// A network that estimates the data, and how it is sampled.
pub struct Denoiser {
    /// The path it was trained on.
    pub path: AnyPath,
    pub(super) target: diffusion::Target,
    pub(super) network: ToyMlp,
    sample: SampleSection,
}

impl Denoiser {
    /// Trains by the recipe's objective; the pairs of a reflow come from the teacher.
    ///
    /// # Errors
    /// Impossible constants in the recipe, divergence, interruption, a teacher that is missing.
    pub fn train(lesson: &Lesson) -> Result<Denoiser, Error> {
        let recipe = lesson.recipe;
        let path = recipe.path.build()?;
        let objective = Objective { coupling: recipe.coupling.build(), ..recipe.objective.build(&path) };
        let batch = recipe.train.batch;
        let teacher = if recipe.kind == Kind::Reflow { Some(lesson.teacher()?) } else { None };
        let network = fit(lesson.network(2), &recipe.train, &lesson.device, &mut |net: &ToyMlp, rng, _| {
            let drawn = objective.draw(rng, batch)?;
            let (data, noise) = match teacher {
                None => {
                    let data = lesson.data(rng);
                    let noise = objective.coupling.noise(&data, rng);
                    (data, noise)
                }
                Some(teacher) => {
                    let like = Tensor::zeros([batch, 2], &lesson.device);
                    let grid = teacher.grid(REFLOW_EVALUATIONS)?;
                    reflow(teacher, &teacher.sample.sampler()?, &grid, &like, rng)
                }
            };
            let problem = regression(&drawn, data, noise);
            let told = told(recipe.objective.target(), problem.noise_level.clone());
            Ok(problem.losses(net.forward(problem.input.clone(), told)))
        })?;
        Ok(Denoiser { path, target: recipe.objective.target(), network, sample: recipe.sample.clone() })
    }

    /// The grid that costs `evaluations`, or as near below as the sampler allows.
    pub fn grid(&self, evaluations: usize) -> Result<Grid, Error> {
        Ok(affordable(&self.sample, &self.path, evaluations, &|sampler, grid| sampler.evaluations(grid))?.1)
    }

    /// The estimate of each sample at its own time.
    pub fn estimates(&self, x: &Tensor<2>, t: &[f64]) -> Tensor<2> {
        self.estimates_of(&self.network, x, t)
    }

    /// The same with the weights of another network, e.g. one on a tape.
    pub fn estimates_of(&self, network: &ToyMlp, x: &Tensor<2>, t: &[f64]) -> Tensor<2> {
        let rows = PreconditionedRows {
            path: self.path.clone(),
            target: self.target,
            network: |x: Tensor<2>, levels: &[f64], _: &[usize]| {
                let levels = column(levels, &x.device());
                network.forward(x, told(self.target, levels))
            },
        };
        rows.denoise_rows(x, t, &[])
    }

    /// The weights to start a student from.
    pub fn network(&self) -> ToyMlp {
        self.network.clone()
    }

    /// The same kind of denoiser with other weights.
    pub fn with_network(&self, network: ToyMlp) -> Denoiser {
        Denoiser { path: self.path.clone(), target: self.target, network, sample: self.sample.clone() }
    }
}

impl Denoise<Tensor<2>> for Denoiser {
    fn path(&self) -> &dyn Path {
        &self.path
    }

    fn denoise(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
        self.estimates(x, &vec![t; x.dims()[0]])
    }
}

impl Student for Denoiser {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        Ok(walk(self, &self.sample.sampler()?, &self.grid(evaluations)?, like, rng, see))
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        towards(self, x, level)
    }

    fn denoiser(&self) -> Option<&Denoiser> {
        Some(self)
    }
}

/// What the network is told of the noise level `l = ln(sigma/alpha)/4`: for velocities `sigma/(alpha + sigma) = 1/(1 + e^(-4 l))`, the time of
/// the linear path, since a flow is asked at pure noise, where `l` leaves the range that training has seen.
pub fn told(target: diffusion::Target, level: Tensor<2>) -> Tensor<2> {
    if target == diffusion::Target::Velocity { sigmoid(level.mul_scalar(4.0)) } else { level }
}

/// What states at time `t` are divided by to be shown: in units of `alpha + sigma` every path is the straight line from noise to
/// data, so methods on different paths can be compared and a straight way looks straight.
pub fn unit(path: &dyn Path, t: f64) -> f64 {
    let c = path.at(t);
    c.alpha + c.sigma
}
