//! Progressive distillation: students that halve the steps of their teachers, down to one. arXiv:2202.00512.

use burn::tensor::Tensor;
use diffusion::distil::{Metric, progressive};
use diffusion::{Batch, Grid, Path, Rng, Sampler, Space};

use super::denoiser::Denoiser;
use super::fit::fit;
use super::recipe::FitSection;
use super::student::{Lesson, See, Student};
use super::walk::walk;
use crate::Error;

/// Steps of the first student; each of the next ones has half of the one before.
const FIRST: usize = 32;
/// Largest weight of a sample.
const WEIGHT: f64 = 100.0;

/// A denoiser for each number of steps, from [`FIRST`] down to 1.
pub struct Progressive {
    students: Vec<(usize, Denoiser)>,
}

impl Progressive {
    /// Trains the students one after another, the recipe's steps in equal parts.
    ///
    /// # Errors
    /// A teacher that is missing, divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Progressive, Error> {
        let rounds: Vec<usize> = std::iter::successors(Some(FIRST), |n| (*n > 1).then_some(n / 2)).collect();
        let options =
            FitSection { steps: (lesson.recipe.train.steps / rounds.len() as u64).max(1), ..lesson.recipe.train };
        let mut students: Vec<(usize, Denoiser)> = Vec::new();
        for steps in rounds {
            let teacher = students.last().map_or(lesson.teacher(), |(_, student)| Ok(student))?;
            let network = student(lesson, teacher, steps, &options)?;
            let student = teacher.with_network(network);
            students.push((steps, student));
        }
        Ok(Progressive { students })
    }

    fn of(&self, evaluations: usize) -> &(usize, Denoiser) {
        let fits = self.students.iter().find(|(steps, _)| *steps <= evaluations);
        fits.unwrap_or(&self.students[self.students.len() - 1])
    }
}

fn student(lesson: &Lesson, teacher: &Denoiser, steps: usize, options: &FitSection) -> Result<nets::ToyMlp, Error> {
    let path = &teacher.path;
    let times = times(path, 2 * steps);
    fit(teacher.network(), options, &lesson.device, &mut |net: &nets::ToyMlp, rng, _| {
        let picks: Vec<usize> =
            rng.uniform(options.batch, 1).into_iter().map(|u| 2 * ((u * steps as f64) as usize)).collect();
        let of = |shift: usize| picks.iter().map(|i| times[i + shift]).collect::<Vec<f64>>();
        let (t, middle, s) = (of(0), of(1), of(2));
        let data = lesson.data(rng);
        let noise = data.randn_like(rng);
        let (alpha, sigma): (Vec<f64>, Vec<f64>) = t.iter().map(|t| path.at(*t)).map(|c| (c.alpha, c.sigma)).unzip();
        let x = data.axpby_rows(&alpha, &sigma, &noise);
        let estimate = |x: &Tensor<2>, t: &[f64]| teacher.estimates(x, t);
        let task = progressive(path, &estimate, x, &t, &middle, &s)?;
        // The weight grows without limit towards the data, where the student has little left to do.
        let weight = task.weight.iter().map(|w| w.min(WEIGHT)).collect();
        let task = diffusion::distil::Lesson { weight, ..task };
        Ok(task.losses(teacher.estimates_of(net, &task.input, &task.t), Metric::Squared))
    })
}

/// `n + 1` times, evenly spaced in the path's own time from noise to data, both included.
fn times(path: &dyn Path, n: usize) -> Vec<f64> {
    let (start, end) = path.span();
    (0..=n).map(|i| end + (start - end) * i as f64 / n as f64).collect()
}

impl Student for Progressive {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let (steps, model) = self.of(evaluations);
        let grid = Grid::uniform_t(&model.path, *steps)?;
        Ok(walk(model, &Sampler::Ddim { eta: 0.0 }, &grid, like, rng, see))
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        self.students[0].1.direction(x, level)
    }
}
