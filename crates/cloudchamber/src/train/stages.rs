//! The two regression problems of a run: the jet-level network, and the cloud network given jet-level quantities.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use collider::encode::{Encoding, QUANTITIES, Row};
use collider::model::{JET_LEVEL_TARGET, class_condition, jet_level_path, mask};
use diffusion::{Cloud, Coupling, Objective, Rng, Times, Weight, regression};
use nets::{AnyCloudNet, CloudNet, ResidualMlp};

use crate::Error;
use crate::model::{cloud_network, table_network};
use crate::recipe::Recipe;

/// A network and its loss.
pub trait Stage: Sync {
    /// The network.
    type Net: Module + Sync;

    /// The network, freshly initialised.
    fn network(&self, device: &Device) -> Self::Net;

    /// Loss of each row, `[B]`; row `r` is sample `rng.first + r`.
    fn losses(&self, net: &Self::Net, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error>;
}

/// Eight standard normal codes given the class, by EDM's denoiser (arXiv:2206.00364).
pub struct TableStage<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// The encoding.
    pub encoding: &'a Encoding,
}

impl Stage for TableStage<'_> {
    type Net = ResidualMlp;

    fn network(&self, device: &Device) -> ResidualMlp {
        table_network(self.recipe, self.encoding, device)
    }

    fn losses(&self, net: &ResidualMlp, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        // Codes have unit spread in every direction, so the noise levels that matter lie around one.
        let objective = Objective {
            path: Box::new(jet_level_path()),
            target: JET_LEVEL_TARGET,
            weight: Weight::Edm { sigma_data: 1.0 },
            times: Times::LogNormal { mean: -0.5, std: 1.4 },
            coupling: Coupling::Independent,
        };
        let drawn = objective.draw(rng, rows.len())?;
        let codes: Vec<f32> = rows.iter().flat_map(|row| row.level).collect();
        let codes = Tensor::<2>::from_data(TensorData::new(codes, [rows.len(), QUANTITIES.len()]), device);
        let noise = objective.coupling.noise(&codes, rng);
        let classes: Vec<usize> = rows.iter().map(|row| row.class).collect();
        let classes = class_condition(&classes, self.encoding.classes.len(), device);
        let problem = regression(&drawn, codes, noise);
        let output = net.forward(problem.input.clone(), problem.noise_level.clone(), classes);
        Ok(problem.losses(output))
    }
}

/// The cloud given class and jet-level codes, which are hidden from some rows so that guidance can be used in sampling.
pub struct CloudStage<'a> {
    recipe: &'a Recipe,
    encoding: &'a Encoding,
    objective: Objective,
}

impl<'a> CloudStage<'a> {
    /// The recipe's objective on the recipe's path.
    pub fn new(recipe: &'a Recipe, encoding: &'a Encoding) -> Result<CloudStage<'a>, Error> {
        let objective = recipe.objective.build(&recipe.path.build()?);
        Ok(CloudStage { recipe, encoding, objective })
    }
}

impl Stage for CloudStage<'_> {
    type Net = AnyCloudNet;

    fn network(&self, device: &Device) -> AnyCloudNet {
        cloud_network(self.recipe, self.encoding, device)
    }

    fn losses(&self, net: &AnyCloudNet, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        let (batch, capacity) = (rows.len(), self.encoding.capacity);
        let drawn = self.objective.draw(rng, batch)?;
        let hidden = rng.uniform(batch, 1);
        let mut condition = Vec::with_capacity(batch * self.encoding.cloud_conditions());
        for (row, u) in rows.iter().zip(hidden) {
            let hide = u < self.recipe.objective.label_dropout;
            self.encoding.push_cloud_condition(&mut condition, row.class, &row.level, row.count, hide);
        }
        let shape = [batch, self.encoding.cloud_conditions()];
        let condition = Tensor::<2>::from_data(TensorData::new(condition, shape), device);
        let codes: Vec<f32> = rows.iter().flat_map(|row| row.particles.iter().flatten().copied()).collect();
        let counts: Vec<usize> = rows.iter().map(|row| row.count).collect();
        let mask = mask(&counts, capacity, device);
        let data = Cloud::new(Tensor::from_data(TensorData::new(codes, [batch, capacity, 3]), device), mask.clone());
        let noise = self.objective.coupling.noise(&data, rng);
        let problem = regression(&drawn, data.x, noise.x);
        let output = net.forward(problem.input.clone(), mask.clone(), problem.noise_level.clone(), condition);
        Ok(problem.masked_losses(output, mask))
    }
}
