//! The two regression problems of a run: the jet-level network, and the cloud network given jet-level quantities.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use collider::encode::{Encoding, QUANTITIES, Row};
use collider::model::{JET_LEVEL_TARGET, class_condition, jet_level_path, mask};
use collider::networks::{kernel_cloud, tensor_cloud};
use diffusion::{Cloud, Coupling, HostRegression, Objective, Regression, Rng, Times, Weight, regression};
use kernels::{CloudBatch, CloudKernel, TableKernel};
use nets::{AnyCloudNet, CloudNet, ResidualMlp, host};

use super::clouds;
use super::table::TableQuestion;
use super::teacher::{Raw, Teacher};
use crate::Error;
use crate::model::{cloud_network, table_network};
use crate::recipe::Recipe;

/// A network and its loss.
pub trait Stage: Sync {
    /// What it learns from.
    type Row: Sync;
    /// The network on tensors.
    type Net: Module + Sync;
    /// The same network on the CPU.
    type Kernel: Sync;

    /// The network, freshly initialised.
    fn network(&self, device: &Device) -> Self::Net;

    /// The network for the CPU, with the same weights; `None` if it is trained on tensors there, too.
    fn kernel(&self, net: &Self::Net) -> Option<Self::Kernel>;

    /// Gives other weights to the network for the CPU.
    fn load(&self, kernel: &mut Self::Kernel, parameters: &[f32]);

    /// Loss of each row, `[B]`; row `r` is sample `rng.first + r`.
    fn losses(&self, net: &Self::Net, rows: &[Self::Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error>;

    /// Sum of the losses of the same rows on the CPU, and its gradient.
    fn gradient(&self, kernel: &Self::Kernel, rows: &[Self::Row], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error>;

    /// Sum of the losses of the same rows on the CPU.
    fn loss(&self, kernel: &Self::Kernel, rows: &[Self::Row], rng: &mut Rng) -> Result<f64, Error>;

    /// What is added to a batch's mean loss for the parameters alone, and its gradient; nothing for a plain network.
    fn penalty(&self, _parameters: &[f32]) -> Option<(f64, Vec<f32>)> {
        None
    }
}

/// Eight standard normal codes given the class, by EDM's denoiser (arXiv:2206.00364).
pub struct TableStage<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// The encoding.
    pub encoding: &'a Encoding,
}

impl TableStage<'_> {
    /// The regression of a batch, and its conditions.
    fn problem(&self, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<(Regression<2>, Tensor<2>), Error> {
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
        Ok((regression(&drawn, codes, noise), classes))
    }
}

impl Stage for TableStage<'_> {
    type Row = Row;
    type Net = ResidualMlp;
    type Kernel = TableKernel;

    fn network(&self, device: &Device) -> ResidualMlp {
        table_network(self.recipe, self.encoding, device)
    }

    fn kernel(&self, net: &ResidualMlp) -> Option<TableKernel> {
        Some(TableKernel::new(net))
    }

    fn load(&self, kernel: &mut TableKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(&self, net: &ResidualMlp, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        let (problem, classes) = self.problem(rows, rng, device)?;
        let output = net.forward(problem.input.clone(), problem.noise_level.clone(), classes);
        Ok(problem.losses(output))
    }

    fn gradient(&self, kernel: &TableKernel, rows: &[Row], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        let (problem, classes) = self.problem(rows, rng, &Device::flex())?;
        Ok(TableQuestion::new(problem, classes).gradient(kernel))
    }

    fn loss(&self, kernel: &TableKernel, rows: &[Row], rng: &mut Rng) -> Result<f64, Error> {
        let (problem, classes) = self.problem(rows, rng, &Device::flex())?;
        Ok(TableQuestion::new(problem, classes).loss(kernel))
    }
}

/// The cloud given class and jet-level codes, which are hidden from some rows so that guidance can be used in sampling.
///
/// It learns from the jets by the recipe's objective, or from a teacher.
pub struct CloudStage<'a> {
    recipe: &'a Recipe,
    encoding: &'a Encoding,
    objective: Objective,
    teacher: Option<Teacher>,
}

impl<'a> CloudStage<'a> {
    /// The recipe's objective on the recipe's path, unless there is a teacher.
    pub fn new(recipe: &'a Recipe, encoding: &'a Encoding, teacher: Option<Teacher>) -> Result<CloudStage<'a>, Error> {
        let objective = recipe.objective.build(&recipe.path.build()?);
        Ok(CloudStage { recipe, encoding, objective, teacher })
    }
}

/// A batch of clouds: what is asked, and what the network is told.
struct Question {
    problem: Regression<3>,
    mask: Tensor<3>,
    condition: Tensor<2>,
}

/// The same on the host.
struct HostQuestion {
    problem: HostRegression,
    mask: Vec<f32>,
    condition: Vec<f32>,
}

impl HostQuestion {
    fn batch(&self) -> CloudBatch<'_> {
        let HostQuestion { problem, mask, condition } = self;
        CloudBatch { x: &problem.input, mask, noise: &problem.noise_level, condition, pairs: &[] }
    }

    /// Loss of a sample's output, and its derivative.
    fn loss(&self, sample: usize, output: &[f32], d: &mut [f32]) -> f64 {
        let particles = self.mask.len() / self.problem.noise_level.len();
        self.problem.loss(sample, output, &self.mask[sample * particles..(sample + 1) * particles], d)
    }
}

impl CloudStage<'_> {
    fn question(&self, rows: &[Row], rng: &mut Rng, device: &Device, student: &Raw) -> Result<Question, Error> {
        let batch = rows.len();
        let drawn = if self.teacher.is_none() { self.objective.draw(rng, batch)? } else { Vec::new() };
        let hidden = rng.uniform(batch, 1).into_iter().map(|u| u < self.recipe.objective.label_dropout);
        let (data, condition) = self.clean(rows, hidden, device);
        let mask = data.mask.clone();
        let (problem, condition) = match &self.teacher {
            None => {
                let noise = self.objective.coupling.noise(&data, rng);
                (regression(&drawn, data.x, noise.x), condition)
            }
            Some(teacher) => {
                let lesson = teacher.lesson(&data, &condition, student, rng)?;
                (lesson.regression(teacher.path(), self.objective.target), teacher.told(condition, &lesson))
            }
        };
        Ok(Question { problem, mask, condition })
    }

    /// The clouds of a batch, and what the network is told of them; nothing where it is `hidden`.
    pub(super) fn clean(
        &self,
        rows: &[Row],
        hidden: impl IntoIterator<Item = bool>,
        device: &Device,
    ) -> (Cloud, Tensor<2>) {
        let (batch, capacity) = (rows.len(), self.encoding.capacity);
        let mut condition = Vec::with_capacity(batch * self.encoding.cloud_conditions());
        for (row, hide) in rows.iter().zip(hidden) {
            self.encoding.push_cloud_condition(&mut condition, row.class, &row.level, row.count, hide);
        }
        let shape = [batch, self.encoding.cloud_conditions()];
        let condition = Tensor::<2>::from_data(TensorData::new(condition, shape), device);
        let codes: Vec<f32> = rows.iter().flat_map(|row| row.particles.iter().flatten().copied()).collect();
        let counts: Vec<usize> = rows.iter().map(|row| row.count).collect();
        let codes = Tensor::from_data(TensorData::new(codes, [batch, capacity, 3]), device);
        (Cloud::new(codes, mask(&counts, capacity, device)), condition)
    }

    fn host_question(&self, kernel: &CloudKernel, rows: &[Row], rng: &mut Rng) -> Result<HostQuestion, Error> {
        let student = |x: Cloud, noise: &[f64], condition: &Tensor<2>| kernel_cloud(kernel, x, noise, condition);
        let Question { problem, mask, condition } = self.question(rows, rng, &Device::flex(), &student)?;
        Ok(HostQuestion { problem: problem.into_host(), mask: host(mask), condition: host(condition) })
    }

    /// The question on the device of a tape: what a teacher says carries no gradient.
    fn tape_question(&self, net: &AnyCloudNet, rows: &[Row], rng: &mut Rng, tape: &Device) -> Result<Question, Error> {
        let Some(teacher) = &self.teacher else {
            return self.question(rows, rng, tape, &|x, _, _| x);
        };
        let device = &teacher.device;
        let student = |state: Cloud, noise: &[f64], condition: &Tensor<2>| {
            let on_tape = Cloud { x: moved(&state.x, tape), mask: moved(&state.mask, tape) };
            let output = tensor_cloud(net, on_tape, noise, &moved(condition, tape));
            Cloud { x: moved(&output.x, device), mask: state.mask }
        };
        let Question { problem, mask, condition } = self.question(rows, rng, device, &student)?;
        let problem = Regression {
            input: moved(&problem.input, tape),
            noise_level: moved(&problem.noise_level, tape),
            target: moved(&problem.target, tape),
            weight: moved(&problem.weight, tape),
        };
        Ok(Question { problem, mask: moved(&mask, tape), condition: moved(&condition, tape) })
    }
}

/// The numbers of a tensor on another device, without its history.
fn moved<const D: usize>(tensor: &Tensor<D>, device: &Device) -> Tensor<D> {
    Tensor::from_data(tensor.clone().into_data(), device)
}

impl Stage for CloudStage<'_> {
    type Row = Row;
    type Net = AnyCloudNet;
    type Kernel = CloudKernel;

    fn network(&self, device: &Device) -> AnyCloudNet {
        cloud_network(self.recipe, self.encoding, device)
    }

    fn kernel(&self, net: &AnyCloudNet) -> Option<CloudKernel> {
        Some(CloudKernel::new(net))
    }

    fn load(&self, kernel: &mut CloudKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(&self, net: &AnyCloudNet, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        let Question { problem, mask, condition } = self.tape_question(net, rows, rng, device)?;
        let output = net.forward(problem.input.clone(), mask.clone(), problem.noise_level.clone(), condition);
        Ok(problem.masked_losses(output, mask))
    }

    fn gradient(&self, kernel: &CloudKernel, rows: &[Row], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        let question = self.host_question(kernel, rows, rng)?;
        Ok(clouds::gradient(kernel, &question.batch(), |sample, output, d| question.loss(sample, output, d)))
    }

    fn loss(&self, kernel: &CloudKernel, rows: &[Row], rng: &mut Rng) -> Result<f64, Error> {
        let question = self.host_question(kernel, rows, rng)?;
        Ok(clouds::loss(kernel, &question.batch(), |sample, output, d| question.loss(sample, output, d)))
    }
}
