//! A network with weights that are not special, and a batch of inputs and targets of the right size.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Gradients, Tensor};
use cloudchamber::Error;
use cloudchamber::diffusion::Rng;
use cloudchamber::kernels::CloudKernel;
use cloudchamber::model::{Model, cloud_network};
use cloudchamber::nets::{
    self, AnyCloudNet, Atoms, CloudNet, CloudShape, Egnn, EgnnConfig, EpicConfig, ParameterInfo,
    ParticleTransformerConfig,
};
use cloudchamber::recipe::NetworkKind;
use cloudchamber::tensors::Array;

use crate::engine::Engine;

/// Condition columns of a model of five classes.
const CONDITIONS: usize = 15;
/// Features of a particle.
const FEATURES: usize = 3;
/// Features of an atom beside its place: five elements and a charge.
const ATOM_FEATURES: usize = 6;

/// A network of particles, or one of atoms in space.
pub enum Network {
    Cloud(AnyCloudNet),
    Egnn(Egnn),
}

impl Network {
    /// Names and shapes of its parameters.
    pub fn inventory(&self) -> Vec<ParameterInfo> {
        match self {
            Network::Cloud(net) => nets::inventory(net),
            Network::Egnn(net) => nets::inventory(net),
        }
    }

    fn values(&self) -> Vec<f32> {
        match self {
            Network::Cloud(net) => nets::values(net),
            Network::Egnn(net) => nets::values(net),
        }
    }

    /// The same on a device.
    pub fn on(&self, device: &Device) -> Network {
        match self {
            Network::Cloud(net) => Network::Cloud(net.clone().fork(device)),
            Network::Egnn(net) => Network::Egnn(net.clone().fork(device)),
        }
    }

    /// The same on a device with a tape, which follows its parameters.
    pub fn taped(&self, tape: &Device) -> Network {
        match self {
            Network::Cloud(net) => Network::Cloud(net.clone().fork(tape).train()),
            Network::Egnn(net) => Network::Egnn(net.clone().fork(tape).train()),
        }
    }

    /// The same with these parameters.
    pub fn load(self, parameters: &[f32]) -> Network {
        match self {
            Network::Cloud(net) => Network::Cloud(nets::load(net, parameters)),
            Network::Egnn(net) => Network::Egnn(nets::load(net, parameters)),
        }
    }

    /// Gradients of all parameters.
    pub fn gradients(&self, gradients: &Gradients) -> Vec<f32> {
        match self {
            Network::Cloud(net) => nets::gradients(net, gradients),
            Network::Egnn(net) => nets::gradients(net, gradients),
        }
    }

    /// Its output on tensors, `[B, P, F]`.
    pub fn forward(&self, x: Tensor<3>, mask: Tensor<3>, noise: Tensor<2>, condition: Tensor<2>) -> Tensor<3> {
        match self {
            Network::Cloud(net) => net.forward(x, mask, noise, condition),
            Network::Egnn(net) => {
                let [batch, atoms, columns] = x.dims();
                let positions = x.clone().slice([0..batch, 0..atoms, 0..3]);
                let atoms = Atoms { positions, features: x.slice([0..batch, 0..atoms, 3..columns]) };
                let Atoms { positions, features } = net.forward(atoms, mask, noise, condition);
                Tensor::cat(vec![positions, features], 2)
            }
        }
    }

    /// Its kernel, with these parameters.
    pub fn kernel(&self, parameters: &[f32]) -> CloudKernel {
        let mut kernel = match self {
            Network::Cloud(net) => CloudKernel::new(net),
            Network::Egnn(net) => CloudKernel::egnn(net),
        };
        kernel.load(parameters);
        kernel
    }
}

/// What is measured.
pub struct Problem {
    /// Name in the table.
    pub name: String,
    /// What another program needs to build the network.
    pub config: serde_json::Value,
    /// Operations in the matrix products of a forward pass, padding not counted.
    pub operations: u64,
    /// The network.
    pub network: Network,
    /// Its parameters in the order of [`nets::values`].
    pub parameters: Vec<f32>,
    /// Jets.
    pub batch: usize,
    /// Particle slots per jet.
    pub particles: usize,
    /// Numbers of a particle.
    pub features: usize,
    /// Condition columns.
    pub conditions: usize,
    /// Noisy clouds, \[batch, particles, features\], zero in padding.
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
    /// EPiC, a particle transformer and an E(n)-equivariant network of like width.
    pub fn fresh(size: (usize, usize, bool)) -> Vec<Problem> {
        let device = Device::flex();
        let shape = CloudShape { features: FEATURES, conditions: CONDITIONS };
        let (width, global) = (128, 64);
        let (epic_layers, blocks, heads) = (6, 4, 8);
        device.seed(1);
        let epic = AnyCloudNet::epic(&EpicConfig { shape, width, global, layers: epic_layers }, &device);
        let config = ParticleTransformerConfig { shape, width, heads, layers: blocks, global };
        let transformer = AnyCloudNet::transformer(&config, &device);
        let shape = CloudShape { features: ATOM_FEATURES, conditions: 0 };
        let neighbours = size.1 as f64;
        let egnn =
            EgnnConfig { shape, width, layers: blocks, global, neighbours, spline: None, kinds: 1, shared: false };
        let egnn = egnn.init(&device);
        let about = |kind, layers, conditions| config_of(kind, width, layers, heads, global, conditions);
        let mut molecules = about("egnn", blocks, 0);
        molecules["neighbours"] = size.1.into();
        vec![
            Problem::new("epic", about("epic", epic_layers, CONDITIONS), Network::Cloud(epic), size, CONDITIONS),
            Problem::new(
                "transformer",
                about("transformer", blocks, CONDITIONS),
                Network::Cloud(transformer),
                size,
                CONDITIONS,
            ),
            Problem::new("egnn", molecules, Network::Egnn(egnn), size, 0),
        ]
    }

    /// The cloud network of a model file.
    pub fn of_model(path: &Path, batch: usize, full: bool) -> Result<Problem, Error> {
        let model = Model::load(path)?;
        let (n, encoding) = (&model.recipe.network, &model.meta.encoding);
        let network = Network::Cloud(nets::load(cloud_network(&model.recipe, encoding, &Device::flex()), &model.cloud));
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
        network: Network,
        (batch, particles, full): (usize, usize, bool),
        conditions: usize,
    ) -> Problem {
        let mut rng = Rng::new(1);
        let parameters = awakened(&network, &mut rng);
        let network = network.load(&parameters);
        let features = match &network {
            Network::Cloud(_) => FEATURES,
            Network::Egnn(_) => 3 + ATOM_FEATURES,
        };
        // Ten particles to a full jet, unless all are to be full: padding must not matter.
        let least = if full { particles } else { particles.min(10) };
        let counts = rng.uniform(batch, 1).into_iter().map(|u| least + (u * (particles - least + 1) as f64) as usize);
        let mask: Vec<f32> = counts.flat_map(|n| (0..particles).map(move |p| if p < n { 1.0 } else { 0.0 })).collect();
        let mut cloud = || -> Vec<f32> {
            let values = rng.normal(batch, particles * features);
            values.chunks_exact(features).zip(&mask).flat_map(|(v, m)| v.iter().map(move |v| v * m)).collect()
        };
        let (x, target) = (cloud(), cloud());
        let weight = rng.uniform(batch, 1).into_iter().map(|u| 0.5 + u as f32).collect();
        let (noise, condition) = (rng.normal(batch, 1), rng.normal(batch, conditions));
        let name = name.to_string();
        let sizes = mask.chunks(particles).map(|m| m.iter().filter(|m| **m != 0.0).count()).collect::<Vec<_>>();
        let operations = network.kernel(&parameters).operations(&sizes);
        Problem {
            name,
            config,
            operations,
            network,
            parameters,
            batch,
            particles,
            features,
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
        let cloud = [self.batch, self.particles, self.features];
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
        for info in self.network.inventory() {
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
fn awakened(network: &Network, rng: &mut Rng) -> Vec<f32> {
    let mut values = network.values();
    let mut at = 0;
    for info in network.inventory() {
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
