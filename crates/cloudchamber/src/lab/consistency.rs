//! Consistency models: one evaluation from noise to data, more for better points. arXiv:2303.01469, arXiv:2310.14189.

use std::cell::RefCell;

use burn::tensor::Tensor;
use diffusion::discrete::pick;
use diffusion::distil::{
    Boundary, Metric, consistency_distillation, consistency_training, heun_rows, level_shares, multistep_consistency,
};
use diffusion::{Batch, Edm, Grid, Path, Precond, Rng, Space};
use nets::ToyMlp;

use super::denoiser::unit;
use super::fit::fit;
use super::recipe::Kind;
use super::standard::column;
use super::student::{Lesson, See, Student};
use crate::Error;

/// Least and most noise, in units of the data's spread.
const NOISE: (f64, f64) = (0.01, 20.0);
/// Noise levels that training compares with their neighbours.
const LEVELS: usize = 40;
/// Law of ln sigma by which pairs of neighbours are drawn, EDM's in units of the data's spread.
const LAW: (f64, f64) = (-0.6, 1.6);
/// Where the error turns from quadratic to linear, `0.03 sqrt(2)`: outliers are noise of the method's own target.
const HUBER: f64 = 0.042;

/// A function `f(x, sigma)` that leads to the end of the flow.
pub struct Consistency {
    network: ToyMlp,
    boundary: Boundary,
    path: Edm,
}

impl Consistency {
    /// Trains from data alone, or from the teacher's flow.
    ///
    /// # Errors
    /// A teacher that is missing or not on the path sigma = t, divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Consistency, Error> {
        let (least, most) = NOISE;
        let boundary = Boundary::new(1.0, least)?;
        let path = Edm::new(least, most)?;
        let teacher = if lesson.recipe.kind == Kind::ConsistencyDistillation { Some(lesson.teacher()?) } else { None };
        if teacher.is_some_and(|t| t.path.at(1.0).alpha != 1.0 || t.path.at(1.0).sigma != 1.0) {
            let found = lesson.recipe.teacher.as_deref().unwrap_or_default();
            return Err(Error::argument("teacher", found, "a method on the path \"edm\""));
        }
        let grid = Grid::karras(&path, least, most, 7.0, LEVELS)?;
        let mut levels = grid.times().to_vec();
        levels.reverse();
        let shares = level_shares(&levels, LAW.0, LAW.1)?;
        let batch = lesson.recipe.train.batch;
        let network = fit(lesson.network(2), &lesson.recipe.train, &lesson.device, &mut |net: &ToyMlp, rng, _| {
            let picks: Vec<usize> = rng.uniform(batch, 1).into_iter().map(|u| pick(&shares, u)).collect();
            let of = |shift: usize| picks.iter().map(|i| levels[i + shift]).collect::<Vec<f64>>();
            let (t, s) = (of(1), of(0));
            let data = lesson.data(rng);
            let noise = data.randn_like(rng);
            // The student itself, without gradient, is its own average (arXiv:2310.14189, section 3.2).
            let still = |x: &Tensor<2>, t: &[f64]| read(net, &boundary, x.clone(), t).inner();
            let task = match teacher {
                None => consistency_training(&path, &still, data, &noise, &t, &s)?,
                Some(teacher) => {
                    let x = data.axpby_rows(&vec![1.0; batch], &t, &noise);
                    let step = |x: &Tensor<2>, t: &[f64], s: &[f64]| {
                        heun_rows(&path, &|x: &Tensor<2>, t: &[f64]| teacher.estimates(x, t), x, t, s)
                    };
                    consistency_distillation(&step, &still, x, &t, &s)?
                }
            };
            let output = read(net, &boundary, task.input.clone(), &task.t);
            Ok(task.losses(output, Metric::PseudoHuber { c: HUBER }))
        })?;
        Ok(Consistency { network, boundary, path })
    }

    fn at(&self, x: &Tensor<2>, t: f64) -> Tensor<2> {
        read(&self.network, &self.boundary, x.clone(), &vec![t; x.dims()[0]])
    }
}

/// `f(x, t) = skip x + out F(input x, noise)` with a row of coefficients per sample.
fn read(net: &ToyMlp, boundary: &Boundary, x: Tensor<2>, t: &[f64]) -> Tensor<2> {
    let rows: Vec<Precond> = t.iter().map(|t| boundary.row(*t)).collect();
    let device = x.device();
    let of = |number: fn(&Precond) -> f64| column(&rows.iter().map(number).collect::<Vec<_>>(), &device);
    let output = net.forward(x.clone() * of(|r| r.input), of(|r| r.noise));
    x * of(|r| r.skip) + output * of(|r| r.out)
}

impl Student for Consistency {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        // Renoising to ever lower levels; levels below a tenth of the spread would change nothing but the details.
        let grid = Grid::karras(&self.path, 0.1, NOISE.1, 7.0, evaluations.max(1))?;
        let start = grid.prior(&self.path, like, rng);
        let see = RefCell::new(see);
        let f = |x: &Tensor<2>, t: f64| {
            (see.borrow_mut())(&x.clone().mul_scalar(1.0 / unit(&self.path, t)));
            self.at(x, t)
        };
        Ok(multistep_consistency(&self.path, &f, &grid, start, rng))
    }

    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let x = x.mul_scalar(unit(&self.path, level));
        self.at(&x, level) - x
    }
}
