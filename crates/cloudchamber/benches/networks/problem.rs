//! A network with weights that are not special, and a batch of inputs and targets of the right size.

use std::path::Path;

use burn::tensor::Device;
use cloudchamber::Error;
use cloudchamber::diffusion::Rng;
use cloudchamber::model::{Model, cloud_network};
use cloudchamber::nets::{self, AnyCloudNet, CloudShape, EpicConfig, ParticleTransformerConfig};
use cloudchamber::recipe::NetworkKind;
use cloudchamber::tensors::Array;

use crate::engine::Engine;

/// Condition columns of a model of five classes.
const CONDITIONS: usize = 15;
/// Features of a particle.
const FEATURES: usize = 3;

/// What is measured.
pub struct Problem {
    /// Name in the table.
    pub name: String,
    /// What another program needs to build the network.
    pub config: serde_json::Value,
    /// The network.
    pub network: AnyCloudNet,
    /// Its parameters in the order of [`nets::values`].
    pub parameters: Vec<f32>,
    /// Jets.
    pub batch: usize,
    /// Particle slots per jet.
    pub particles: usize,
    /// Condition columns.
    pub conditions: usize,
    /// Noisy clouds, \[batch, particles, 3\], zero in padding.
    pub x: Vec<f32>,
    /// \[batch, particles\].
    pub mask: Vec<f32>,
    /// Noise levels, \[batch\].
    pub noise: Vec<f32>,
    /// \[batch, conditions\].
    pub condition: Vec<f32>,
    /// What the network should return, like `x`.
    pub target: Vec<f32>,
    /// Weights of the losses, \[batch\].
    pub weight: Vec<f32>,
}

impl Problem {
    /// EPiC of the size of the bundled model, and a particle transformer of like width.
    pub fn fresh(batch: usize, particles: usize, full: bool) -> Vec<Problem> {
        let device = Device::flex();
        let shape = CloudShape { features: FEATURES, conditions: CONDITIONS };
        let (width, global) = (128, 64);
        let (epic_layers, blocks, heads) = (6, 4, 8);
        device.seed(1);
        let epic = AnyCloudNet::epic(&EpicConfig { shape, width, global, layers: epic_layers }, &device);
        let config = ParticleTransformerConfig { shape, width, heads, layers: blocks, global };
        let transformer = AnyCloudNet::transformer(&config, &device);
        let about = |kind, layers| config_of(kind, width, layers, heads, global, CONDITIONS);
        vec![
            Problem::new("epic", about("epic", epic_layers), epic, (batch, particles, full), CONDITIONS),
            Problem::new(
                "transformer",
                about("transformer", blocks),
                transformer,
                (batch, particles, full),
                CONDITIONS,
            ),
        ]
    }

    /// The cloud network of a model file.
    pub fn of_model(path: &Path, batch: usize, full: bool) -> Result<Problem, Error> {
        let model = Model::load(path)?;
        let (n, encoding) = (&model.recipe.network, &model.meta.encoding);
        let network = nets::load(cloud_network(&model.recipe, encoding, &Device::flex()), &model.cloud);
        let kind = match n.kind {
            NetworkKind::Epic => "epic",
            NetworkKind::Transformer => "transformer",
        };
        let conditions = encoding.cloud_conditions();
        let config = config_of(kind, n.width, n.layers, n.heads, n.latent, conditions);
        Ok(Problem::new(&model.meta.name, config, network, (batch, encoding.capacity, full), conditions))
    }

    fn new(
        name: &str,
        config: serde_json::Value,
        network: AnyCloudNet,
        (batch, particles, full): (usize, usize, bool),
        conditions: usize,
    ) -> Problem {
        let mut rng = Rng::new(1);
        let parameters = awakened(&network, &mut rng);
        let network = nets::load(network, &parameters);
        // Ten particles to a full jet, unless all are to be full: padding must not matter.
        let least = if full { particles } else { particles.min(10) };
        let counts = rng.uniform(batch, 1).into_iter().map(|u| least + (u * (particles - least + 1) as f64) as usize);
        let mask: Vec<f32> = counts.flat_map(|n| (0..particles).map(move |p| if p < n { 1.0 } else { 0.0 })).collect();
        let mut cloud = || -> Vec<f32> {
            let values = rng.normal(batch, particles * FEATURES);
            values.chunks_exact(FEATURES).zip(&mask).flat_map(|(v, m)| v.iter().map(move |v| v * m)).collect()
        };
        let (x, target) = (cloud(), cloud());
        let weight = rng.uniform(batch, 1).into_iter().map(|u| 0.5 + u as f32).collect();
        let (noise, condition) = (rng.normal(batch, 1), rng.normal(batch, conditions));
        let name = name.to_string();
        Problem {
            name,
            config,
            network,
            parameters,
            batch,
            particles,
            conditions,
            x,
            mask,
            noise,
            condition,
            target,
            weight,
        }
    }

    /// Weights, inputs, outputs, loss and gradients as named arrays.
    pub fn dump(&self, engine: &Engine) -> Vec<(String, Array)> {
        let (loss, gradient) = engine.gradient();
        let array = |what: &str, shape: &[usize], data: &[f32]| {
            (format!("{}/{what}", self.name), Array { shape: shape.to_vec(), data: data.to_vec() })
        };
        let cloud = [self.batch, self.particles, FEATURES];
        let mut all = vec![
            array("input/x", &cloud, &self.x),
            array("input/mask", &[self.batch, self.particles, 1], &self.mask),
            array("input/noise", &[self.batch, 1], &self.noise),
            array("input/condition", &[self.batch, self.conditions], &self.condition),
            array("input/target", &cloud, &self.target),
            array("input/weight", &[self.batch], &self.weight),
            array("output", &cloud, &engine.forward()),
            array("loss", &[1], &[loss as f32]),
        ];
        let mut at = 0;
        for info in nets::inventory(&self.network) {
            let end = at + info.shape.iter().product::<usize>();
            all.push(array(&format!("parameter/{}", info.name), &info.shape, &self.parameters[at..end]));
            all.push(array(&format!("gradient/{}", info.name), &info.shape, &gradient[at..end]));
            at = end;
        }
        all
    }
}

fn config_of(
    kind: &str,
    width: usize,
    layers: usize,
    heads: usize,
    latent: usize,
    conditions: usize,
) -> serde_json::Value {
    serde_json::json!({"kind": kind, "width": width, "layers": layers, "heads": heads, "latent": latent, "conditions": conditions})
}

/// The parameters with noise in place of matrices that start at zero: an output of zeros would agree with anything.
fn awakened(network: &AnyCloudNet, rng: &mut Rng) -> Vec<f32> {
    let mut values = nets::values(network);
    let mut at = 0;
    for info in nets::inventory(network) {
        let part = &mut values[at..at + info.shape.iter().product::<usize>()];
        at += part.len();
        if part.iter().all(|v| *v == 0.0) {
            let scale = 1.0 / (info.shape[0] as f32).sqrt();
            let noise = rng.normal(1, part.len());
            part.iter_mut().zip(noise).for_each(|(v, z)| *v = scale * z);
        }
    }
    values
}
