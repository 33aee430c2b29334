//! A trained network of the chain at work: codes of a stage out of conditions and random numbers.

use burn::tensor::{Device, Tensor, TensorData};
use collider::zjets::{EventEncoding, STAGES};
use diffusion::{AnyPath, Grid, Preconditioned, Rng, Sampler, Target};
use kernels::{TableBatch, TableKernel};
use nets::host;

use super::model::EventModel;
use super::network::EventNet;
use super::recipe::EventRecipe;
use super::tokens::Tokens;
use crate::Error;

/// Sets the seed of a model's weights apart from that of the events.
const WEIGHTS: u64 = 0x5745_4947;

/// How regression networks are sampled.
pub struct Solver {
    /// The path.
    pub path: AnyPath,
    /// What the network's output is.
    pub target: Target,
    /// The sampler.
    pub sampler: Sampler,
    /// Its times.
    pub grid: Grid,
}

/// One network of the chain.
pub struct Maker {
    stage: usize,
    network: Network,
}

enum Network {
    Residual(Box<TableKernel>),
    Likelihood(Box<EventNet>, Tokens),
}

impl Maker {
    /// The network with these parameters of a plain one.
    pub fn new(recipe: &EventRecipe, encoding: &EventEncoding, stage: usize, parameters: &[f32]) -> Maker {
        let net = nets::load(EventNet::new(recipe, encoding, stage, &Device::flex()), parameters);
        let network = match net {
            EventNet::Residual(net) => Network::Residual(Box::new(TableKernel::new(&net))),
            net => Network::Likelihood(Box::new(net), Tokens::of(recipe, stage)),
        };
        Maker { stage, network }
    }

    /// Codes of as many rows as `conditions` has, `[rows, features]`, and evaluations of the network per row; row `r` uses the random
    /// numbers of sample `rng.first + r`. Regression networks need a solver.
    pub fn make(
        &self,
        solver: Option<&Solver>,
        conditions: Vec<f32>,
        rows: usize,
        rng: &Rng,
    ) -> Result<(Vec<f32>, usize), Error> {
        let (features, device) = (STAGES[self.stage].features, Device::flex());
        let tensor = |data: Vec<f32>| {
            let columns = data.len() / rows;
            Tensor::<2>::from_data(TensorData::new(data, [rows, columns]), &device)
        };
        match &self.network {
            Network::Residual(kernel) => {
                let solver = solver.ok_or_else(|| Error::argument("sampler", "nothing", "a sampler for this model"))?;
                let network = |x: Tensor<2>, noise: f64| {
                    let batch = TableBatch { x: &host(x), noise: &vec![noise as f32; rows], condition: &conditions };
                    tensor(kernel.forward(&batch))
                };
                let model = Preconditioned { path: solver.path.clone(), target: solver.target, network };
                let zero = Tensor::<2>::zeros([rows, features], &device);
                let mut rng = rng.clone();
                let start = solver.grid.prior(&solver.path, &zero, &mut rng);
                let sampled = solver.sampler.run(&model, &solver.grid, start, &mut rng, &mut |_| {});
                Ok((host(sampled.x), sampled.evaluations))
            }
            Network::Likelihood(net, tokens) => {
                let conditions = tensor(conditions);
                let numbers = match &**net {
                    EventNet::Flow(flow) => flow.from_noise(tensor(rng.clone().normal(rows, features)), conditions),
                    EventNet::Gpt(gpt) => {
                        let mut each: Vec<Rng> = (0..rows).map(|r| rng.clone().at(rng.first + r as u64)).collect();
                        gpt.sample(conditions, |row| each[row].uniform(1, 1)[0])
                    }
                    EventNet::Residual(_) => unreachable!("those have a kernel"),
                };
                let mut codes = Vec::with_capacity(rows * features);
                host(numbers).chunks_exact(features).for_each(|row| tokens.read(row, &mut codes));
                Ok((codes, 1))
            }
        }
    }
}

/// Parameters of the plain networks of a model's chain: draw number `draw` of a Bayesian model's weights, keyed by `seed`.
pub fn parameters(model: &EventModel, seed: u64, draw: u32) -> Vec<Vec<f32>> {
    let drawn = |(stage, flat): (usize, &Vec<f32>)| {
        if model.recipe.bayes.is_none() {
            return flat.clone();
        }
        let (means, log_variances) = flat.split_at(flat.len() / 2);
        let mut rng = Rng::new(seed ^ WEIGHTS).stream(stage as u64).at(u64::from(draw));
        nets::bayes::draw(means, log_variances, &rng.normal(1, means.len()))
    };
    model.networks.iter().enumerate().map(drawn).collect()
}
