//! What one network of the chain learns: a regression on noised codes, or the likelihood of the codes.

use burn::tensor::{Device, Tensor, TensorData};
use collider::zjets::EventEncoding;
use diffusion::{Objective, Regression, Rng, regression};
use kernels::TableKernel;
use nets::{Noise, bayes};

use super::network::{EventNet, Posterior};
use super::recipe::EventRecipe;
use super::rows::EventRow;
use super::tokens::Tokens;
use crate::Error;
use crate::train::{Stage, TableQuestion};

/// One network of the chain and its loss.
pub struct EventStage<'a> {
    recipe: &'a EventRecipe,
    encoding: &'a EventEncoding,
    stage: usize,
    task: Task,
    /// Number of training events, among which a Bayesian network's divergence from its prior is shared out.
    events: usize,
}

enum Task {
    Regression(Objective),
    Likelihood(Tokens),
}

/// `[B, columns]` of rows.
fn table(rows: &[EventRow], device: &Device, of: impl Fn(&EventRow) -> &Vec<f32>) -> Tensor<2> {
    let data: Vec<f32> = rows.iter().flat_map(|row| of(row).iter().copied()).collect();
    let columns = data.len() / rows.len();
    Tensor::from_data(TensorData::new(data, [rows.len(), columns]), device)
}

fn line(values: Vec<f32>, device: &Device) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), device)
}

impl<'a> EventStage<'a> {
    /// The recipe's objective on the recipe's path, or the likelihood; learnt from so many events.
    pub fn new(
        recipe: &'a EventRecipe,
        encoding: &'a EventEncoding,
        stage: usize,
        events: usize,
    ) -> Result<EventStage<'a>, Error> {
        let task = if recipe.network.has_likelihood() {
            Task::Likelihood(Tokens::of(recipe, stage))
        } else {
            Task::Regression(recipe.objective.build(&recipe.path()?))
        };
        Ok(EventStage { recipe, encoding, stage, task, events })
    }

    fn problem(
        objective: &Objective,
        rows: &[EventRow],
        rng: &mut Rng,
        device: &Device,
    ) -> Result<(Regression<2>, Tensor<2>), Error> {
        let drawn = objective.draw(rng, rows.len())?;
        let codes = table(rows, device, |row| &row.codes);
        let noise = objective.coupling.noise(&codes, rng);
        let mut problem = regression(&drawn, codes, noise);
        problem.weight = problem.weight * line(rows.iter().map(|row| row.weight).collect(), device);
        Ok((problem, table(rows, device, |row| &row.condition)))
    }

    /// The regression for the kernel; only such stages have one.
    fn question(&self, rows: &[EventRow], rng: &mut Rng) -> Result<TableQuestion, Error> {
        let Task::Regression(objective) = &self.task else { unreachable!("networks with a likelihood have no kernel") };
        let (problem, condition) = EventStage::problem(objective, rows, rng, &Device::flex())?;
        Ok(TableQuestion::new(problem, condition))
    }
}

impl Stage for EventStage<'_> {
    type Row = EventRow;
    type Net = Posterior;
    type Kernel = TableKernel;

    fn network(&self, device: &Device) -> Posterior {
        Posterior::new(self.recipe, self.encoding, self.stage, device)
    }

    fn kernel(&self, net: &Posterior) -> Option<TableKernel> {
        match net.plain() {
            Some(EventNet::Residual(net)) => Some(TableKernel::new(net)),
            _ => None,
        }
    }

    fn load(&self, kernel: &mut TableKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(&self, net: &Posterior, rows: &[EventRow], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        match &self.task {
            Task::Regression(objective) => {
                let (problem, condition) = EventStage::problem(objective, rows, rng, device)?;
                let (input, level) = (problem.input.clone(), problem.noise_level.clone());
                let output = net.regress(input, level, condition, &weight_noise(rng));
                Ok(problem.losses(output.expect("the recipe's network is a regression's")))
            }
            Task::Likelihood(tokens) => {
                let mut numbers = Vec::new();
                let slopes: Vec<f32> = rows.iter().map(|row| tokens.write(&row.codes, &mut numbers) as f32).collect();
                let columns = tokens.families().len();
                let x = Tensor::from_data(TensorData::new(numbers, [rows.len(), columns]), device);
                let density = net.log_density(x, table(rows, device, |row| &row.condition), &weight_noise(rng));
                let density = density.expect("the recipe's network has a density") + line(slopes, device);
                Ok(density.neg() * line(rows.iter().map(|row| row.weight).collect(), device))
            }
        }
    }

    fn gradient(&self, kernel: &TableKernel, rows: &[EventRow], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        Ok(self.question(rows, rng)?.gradient(kernel))
    }

    fn loss(&self, kernel: &TableKernel, rows: &[EventRow], rng: &mut Rng) -> Result<f64, Error> {
        Ok(self.question(rows, rng)?.loss(kernel))
    }

    fn penalty(&self, parameters: &[f32]) -> Option<(f64, Vec<f32>)> {
        let bayes = self.recipe.bayes.as_ref()?;
        let (means, log_variances) = parameters.split_at(parameters.len() / 2);
        let kl = bayes::kl(means, log_variances, bayes.prior_precision);
        let share = 1.0 / self.events as f64;
        let gradient = kl.mean.into_iter().chain(kl.log_variance).map(|g| g * share as f32).collect();
        Some((kl.value * share, gradient))
    }
}

/// Noise for the outputs of Bayesian layers, the next draws of `rng`.
fn weight_noise(rng: &Rng) -> Noise {
    let mut rng = rng.clone();
    Noise::new(move |rows, columns| rng.normal(rows, columns))
}
