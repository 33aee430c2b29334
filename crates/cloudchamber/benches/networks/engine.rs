//! One thread per shard of the batch, each with a rayon pool of its own: how sampling and training use the processor.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use cloudchamber::diffusion::{Ema, Regression};
use cloudchamber::nets::{self, AnyCloudNet, CloudNet};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::problem::Problem;
use cloudchamber::train::adamw::{AdamW, clip};

/// Jets that are sampled together; [`cloudchamber::collider::model::TILE`].
const TILE: usize = cloudchamber::collider::model::TILE;

/// A problem on its threads, with a state of training.
pub struct Engine<'a> {
    problem: &'a Problem,
    pools: Vec<ThreadPool>,
    /// One copy of the network per thread, on a tape.
    shards: Vec<AnyCloudNet>,
    parameters: Vec<f32>,
    average: Vec<f32>,
    optimiser: AdamW,
    step: u64,
}

/// Part of a batch as tensors.
struct Part {
    mask: Tensor<3>,
    condition: Tensor<2>,
    regression: Regression<3>,
}

impl<'a> Engine<'a> {
    /// With `threads` threads.
    pub fn new(problem: &'a Problem, threads: usize) -> Engine<'a> {
        let tape = Device::flex().autodiff();
        let pool = |_| ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
        Engine {
            problem,
            pools: (0..threads).map(pool).collect(),
            shards: (0..threads).map(|_| problem.network.clone().fork(&tape).train()).collect(),
            parameters: problem.parameters.clone(),
            average: problem.parameters.clone(),
            optimiser: AdamW::new(problem.parameters.len()),
            step: 0,
        }
    }

    /// Output of the whole batch, tile by tile.
    pub fn forward(&self) -> Vec<f32> {
        let tiles: Vec<Range<usize>> =
            (0..self.problem.batch).step_by(TILE).map(|i| i..(i + TILE).min(self.problem.batch)).collect();
        let device = Device::flex();
        let work = |worker: usize| -> Vec<(usize, Vec<f32>)> {
            let mine = tiles.iter().enumerate().skip(worker).step_by(self.pools.len());
            mine.map(|(number, rows)| {
                let part = self.part(rows, &device);
                let (input, level) = (part.regression.input, part.regression.noise_level);
                (number, host(self.problem.network.forward(input, part.mask, level, part.condition)))
            })
            .collect()
        };
        let mut done: Vec<(usize, Vec<f32>)> = self.on_all(work).into_iter().flatten().collect();
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().flat_map(|(_, values)| values).collect()
    }

    /// Mean loss of the batch at the present parameters, and its gradient: shard by shard, added in order.
    pub fn gradient(&self) -> (f64, Vec<f32>) {
        let (batch, device) = (self.problem.batch, Device::flex().autodiff());
        let share = batch.div_ceil(self.pools.len());
        let work = |worker: usize| -> (f64, Vec<f32>) {
            let rows = (worker * share).min(batch)..((worker + 1) * share).min(batch);
            if rows.is_empty() {
                return (0.0, vec![0.0; self.parameters.len()]);
            }
            let net = nets::load(self.shards[worker].clone(), &self.parameters);
            let Part { mask, condition, regression } = self.part(&rows, &device);
            let output = net.forward(regression.input.clone(), mask.clone(), regression.noise_level.clone(), condition);
            let loss = regression.masked_losses(output, mask).sum().div_scalar(batch as f64);
            (f64::from(loss.clone().into_scalar::<f32>()), nets::gradients(&net, &loss.backward()))
        };
        let parts = self.on_all(work);
        let mut sum = vec![0.0f32; self.parameters.len()];
        parts.iter().for_each(|(_, part)| sum.iter_mut().zip(part).for_each(|(s, g)| *s += g));
        (parts.iter().map(|(loss, _)| loss).sum(), sum)
    }

    /// One training step on the same batch: gradient, clipping, AdamW, moving average.
    pub fn train(&mut self) -> f64 {
        let (loss, mut gradient) = self.gradient();
        clip(&mut gradient, 1.0);
        let decays = vec![1e-4; gradient.len()];
        self.step += 1;
        self.optimiser.step(&mut self.parameters, &gradient, &decays, 1e-4, self.step);
        Ema { decay: 0.999 }.update(&mut self.average, &self.parameters, self.step);
        loss
    }

    fn part(&self, rows: &Range<usize>, device: &Device) -> Part {
        let p = self.problem;
        let cut = |data: &[f32], width: usize| data[rows.start * width..rows.end * width].to_vec();
        let cloud = |data: &[f32], features: usize| {
            Tensor::<3>::from_data(
                TensorData::new(cut(data, p.particles * features), [rows.len(), p.particles, features]),
                device,
            )
        };
        let table = |data: &[f32], width: usize| {
            Tensor::<2>::from_data(TensorData::new(cut(data, width), [rows.len(), width]), device)
        };
        Part {
            mask: cloud(&p.mask, 1),
            condition: table(&p.condition, p.conditions),
            regression: Regression {
                input: cloud(&p.x, 3),
                noise_level: table(&p.noise, 1),
                target: cloud(&p.target, 3),
                weight: Tensor::from_data(TensorData::new(cut(&p.weight, 1), [rows.len()]), device),
            },
        }
    }

    /// Runs `work(0)`, `work(1)`, ... at the same time, each inside its own pool.
    fn on_all<T: Send>(&self, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        std::thread::scope(|scope| {
            let work = &work;
            let pools = self.pools.iter().enumerate();
            let handles: Vec<_> =
                pools.map(|(worker, pool)| scope.spawn(move || pool.install(|| work(worker)))).collect();
            handles.into_iter().map(|h| h.join().expect("no part of the work panics")).collect()
        })
    }
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("networks compute in single precision")
}
