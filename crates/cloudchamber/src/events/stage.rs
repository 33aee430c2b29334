//! The regression problem of one network of the chain.

use burn::tensor::{Device, Tensor, TensorData};
use collider::zjets::EventEncoding;
use diffusion::{Objective, Regression, Rng, regression};
use kernels::TableKernel;
use nets::ResidualMlp;

use super::model::network;
use super::recipe::EventRecipe;
use super::rows::EventRow;
use crate::Error;
use crate::train::{Stage, TableQuestion};

/// One network of the chain and its loss.
pub struct EventStage<'a> {
    recipe: &'a EventRecipe,
    encoding: &'a EventEncoding,
    stage: usize,
    objective: Objective,
}

impl<'a> EventStage<'a> {
    /// The recipe's objective on the recipe's path.
    pub fn new(recipe: &'a EventRecipe, encoding: &'a EventEncoding, stage: usize) -> Result<EventStage<'a>, Error> {
        let objective = recipe.objective.build(&recipe.path.build()?);
        Ok(EventStage { recipe, encoding, stage, objective })
    }

    fn problem(&self, rows: &[EventRow], rng: &mut Rng, device: &Device) -> Result<(Regression<2>, Tensor<2>), Error> {
        let drawn = self.objective.draw(rng, rows.len())?;
        let table = |of: fn(&EventRow) -> &Vec<f32>| -> Tensor<2> {
            let data: Vec<f32> = rows.iter().flat_map(of).copied().collect();
            let columns = data.len() / rows.len();
            Tensor::from_data(TensorData::new(data, [rows.len(), columns]), device)
        };
        let codes = table(|row| &row.codes);
        let noise = self.objective.coupling.noise(&codes, rng);
        let mut problem = regression(&drawn, codes, noise);
        let weights: Vec<f32> = rows.iter().map(|row| row.weight).collect();
        problem.weight = problem.weight * Tensor::from_data(TensorData::new(weights, [rows.len()]), device);
        Ok((problem, table(|row| &row.condition)))
    }

    fn question(&self, rows: &[EventRow], rng: &mut Rng) -> Result<TableQuestion, Error> {
        let (problem, condition) = self.problem(rows, rng, &Device::flex())?;
        Ok(TableQuestion::new(problem, condition))
    }
}

impl Stage for EventStage<'_> {
    type Row = EventRow;
    type Net = ResidualMlp;
    type Kernel = TableKernel;

    fn network(&self, device: &Device) -> ResidualMlp {
        network(self.recipe, self.encoding, self.stage, device)
    }

    fn kernel(&self, net: &ResidualMlp) -> TableKernel {
        TableKernel::new(net)
    }

    fn load(&self, kernel: &mut TableKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(&self, net: &ResidualMlp, rows: &[EventRow], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        let (problem, condition) = self.problem(rows, rng, device)?;
        let output = net.forward(problem.input.clone(), problem.noise_level.clone(), condition);
        Ok(problem.losses(output))
    }

    fn gradient(&self, kernel: &TableKernel, rows: &[EventRow], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        Ok(self.question(rows, rng)?.gradient(kernel))
    }

    fn loss(&self, kernel: &TableKernel, rows: &[EventRow], rng: &mut Rng) -> Result<f64, Error> {
        Ok(self.question(rows, rng)?.loss(kernel))
    }
}
