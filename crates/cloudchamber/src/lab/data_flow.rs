//! Flow matching from one distribution to another, with or without a condition: `x_t = (1 - t) data + t source`.
//!
//! The network learns `v = E[source - data | x_t, condition]`. Tong et al., arXiv:2302.00482 (eight Gaussians to moons);
//! Cheng & Schwing, arXiv:2503.10636 (with conditions).

use burn::tensor::{Device, Tensor};
use diffusion::flow::DormandPrince;
use diffusion::{Batch, Rng, Space};
use nets::ToyMlp;

use super::fit::fit;
use super::method::SCALE;
use super::pairs::Pairs;
use super::standard::{Standard, column};
use super::student::{Lesson, See, Student};
use super::{LabRecipe, Point, Target};
use crate::Error;

/// Stream of the seed's random numbers that conditions of samples are drawn from.
const CONDITIONS: u64 = 4;

/// A flow from a source to the data.
pub struct DataFlow {
    network: ToyMlp,
    pairs: Pairs,
    standard: Standard,
}

impl DataFlow {
    /// Trains by a recipe on a target.
    ///
    /// # Errors
    /// A source that does not exist, divergence, interruption.
    pub fn learn(recipe: &LabRecipe, target: &Target) -> Result<DataFlow, Error> {
        let standard = Standard::of(target, &mut Rng::new(recipe.train.seed).stream(SCALE));
        DataFlow::train(&Lesson { recipe, target, standard, teacher: None, device: Device::flex() })
    }

    /// Trains by a lesson.
    ///
    /// # Errors
    /// As [`DataFlow::learn`].
    pub(super) fn train(lesson: &Lesson) -> Result<DataFlow, Error> {
        let pairs = Pairs::of(lesson)?;
        let (options, device) = (&lesson.recipe.train, &lesson.device);
        let network = lesson.network(2 + pairs.width());
        let network = fit(network, options, device, &mut |net: &ToyMlp, rng, _| {
            let pair = pairs.draw(lesson, rng)?;
            let t = rng.uniform(options.batch, 1);
            let rest: Vec<f64> = t.iter().map(|t| 1.0 - t).collect();
            let x = pair.data.clone().axpby_rows(&rest, &t, &pair.source);
            let error = velocity(net, &x, &t, pair.condition.as_ref()) - (pair.source - pair.data);
            Ok(error.powi_scalar(2).mean_dim(1).squeeze_dim(1))
        })?;
        Ok(DataFlow { network, pairs, standard: lesson.standard })
    }

    /// Sources carried to the data by `steps` Euler steps, or by the adaptive solver where `steps` is `None`; each is told what there is to
    /// tell of the data at its number in `beside`. Also the mean number of evaluations.
    ///
    /// # Errors
    /// [`diffusion::Error::Tolerance`] if a flow is too rough for the adaptive solver (tolerances 1e-4).
    pub fn carry(
        &self,
        steps: Option<usize>,
        sources: &[Point],
        beside: &[(Point, usize)],
    ) -> Result<(Vec<Point>, f64), Error> {
        let device = Device::flex();
        let (x, condition) = (self.standard.tensor(sources, &device), self.pairs.condition(beside, &device));
        let Some(steps) = steps else {
            let solver = DormandPrince { rtol: 1e-4, atol: 1e-4, ..DormandPrince::default() };
            let rate = |x: &Tensor<2>, t: &[f64], rows: &[usize]| {
                let told = condition.as_ref().map(|c| {
                    let rows: Vec<i32> = rows.iter().map(|r| *r as i32).collect();
                    c.clone().select(0, Tensor::from_ints(rows.as_slice(), &c.device()))
                });
                velocity(&self.network, x, t, told.as_ref())
            };
            let done = solver.solve(&rate, x, 1.0, 0.0)?;
            let evaluations = done.evaluations.iter().sum::<usize>() as f64 / sources.len() as f64;
            return Ok((self.standard.points(&done.x), evaluations));
        };
        let x = self.euler(steps, x, condition.as_ref(), &mut |_| {});
        Ok((self.standard.points(&x), steps as f64))
    }

    fn euler(
        &self,
        steps: usize,
        start: Tensor<2>,
        condition: Option<&Tensor<2>>,
        see: &mut dyn FnMut(&Tensor<2>),
    ) -> Tensor<2> {
        let (rows, h) = (start.dims()[0], 1.0 / steps as f64);
        (0..steps).fold(start, |x, k| {
            see(&x);
            let v = velocity(&self.network, &x, &vec![1.0 - k as f64 * h; rows], condition);
            x.axpby(1.0, -h, &v)
        })
    }
}

/// The network's velocity, each sample at its own time.
fn velocity(net: &ToyMlp, x: &Tensor<2>, t: &[f64], condition: Option<&Tensor<2>>) -> Tensor<2> {
    let rows = x.dims()[0];
    let input = Tensor::cat([Some(x), condition].into_iter().flatten().cloned().collect(), 1);
    net.forward(input, column(t, &x.device())).slice([0..rows, 0..2])
}

impl Student for DataFlow {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let condition = self.pairs.conditions(&mut rng.clone().stream(CONDITIONS), like.dims()[0], &like.device());
        let start = self.pairs.source(rng, like);
        Ok(self.euler(evaluations.max(1), start, condition.as_ref(), see))
    }

    /// Every place is given the condition of some data.
    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let rows = x.dims()[0];
        let condition = self.pairs.conditions(&mut Rng::new(0).stream(CONDITIONS), rows, &x.device());
        velocity(&self.network, &x, &vec![level / (1.0 + level); rows], condition.as_ref()).neg()
    }
}
