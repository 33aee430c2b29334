//! How sampling and training use the machine: one thread per shard of the batch on the CPU, each with a rayon pool of its own; tensors on
//! another device.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use cloudchamber::diffusion::{Ema, Regression};
use cloudchamber::kernels::{CloudBatch, CloudKernel, Precision};
use cloudchamber::nets;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::problem::{Network, Problem};
use cloudchamber::train::adamw::{AdamW, clip};

/// Jets that are sampled together; [`cloudchamber::collider::model::TILE`].
const TILE: usize = cloudchamber::collider::model::TILE;

/// A problem where it is computed, with a state of training.
pub struct Engine<'a> {
    problem: &'a Problem,
    place: Place,
    parameters: Vec<f32>,
    average: Vec<f32>,
    optimiser: AdamW,
    step: u64,
}

/// As `chamber` does it: fused kernels on the threads of the CPU, tensors elsewhere.
enum Place {
    Kernels { pools: Vec<ThreadPool>, kernel: Box<CloudKernel> },
    Tensors { network: Box<Network>, device: Device },
}

impl<'a> Engine<'a> {
    /// Kernels with `threads` threads, products of forward passes in bfloat16 or not.
    pub fn kernels(problem: &'a Problem, threads: usize, bf16: bool) -> Engine<'a> {
        let pool = |_| ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
        let mut kernel = Box::new(problem.network.kernel(&problem.parameters));
        kernel.set_precision(if bf16 { Precision::Bf16 } else { Precision::Single });
        Engine::new(problem, Place::Kernels { pools: (0..threads).map(pool).collect(), kernel })
    }

    /// Tensors on a device.
    pub fn tensors(problem: &'a Problem, device: Device) -> Engine<'a> {
        let network = Box::new(problem.network.on(&device));
        Engine::new(problem, Place::Tensors { network, device })
    }

    fn new(problem: &'a Problem, place: Place) -> Engine<'a> {
        Engine {
            problem,
            place,
            parameters: problem.parameters.clone(),
            average: problem.parameters.clone(),
            optimiser: AdamW::new(problem.parameters.len()),
            step: 0,
        }
    }

    /// Output of the whole batch: kernels tile by tile, in smaller tiles where there would be fewer than threads; tensors at once.
    pub fn forward(&self) -> Vec<f32> {
        let batch = self.problem.batch;
        match &self.place {
            Place::Kernels { pools, kernel } => {
                let tile = TILE.min(batch.div_ceil(pools.len()));
                let tiles: Vec<Range<usize>> = (0..batch).step_by(tile).map(|i| i..(i + tile).min(batch)).collect();
                let work = |worker: usize| -> Vec<(usize, Vec<f32>)> {
                    let mine = tiles.iter().enumerate().skip(worker).step_by(pools.len());
                    mine.map(|(number, rows)| (number, kernel.forward(&self.batch(rows)))).collect()
                };
                let mut done: Vec<(usize, Vec<f32>)> = on_all(pools, work).into_iter().flatten().collect();
                done.sort_by_key(|(number, _)| *number);
                done.into_iter().flat_map(|(_, values)| values).collect()
            }
            Place::Tensors { network, device } => nets::host(self.output(network, device)),
        }
    }

    /// Mean loss of the batch at the present parameters, and its gradient: shard by shard, added in order.
    pub fn gradient(&self) -> (f64, Vec<f32>) {
        match &self.place {
            Place::Kernels { pools, kernel } => self.kernel_gradient(pools, kernel),
            Place::Tensors { network, device } => {
                let tape = device.clone().autodiff();
                let network = network.taped(&tape).load(&self.parameters);
                let batch = self.problem.batch;
                let regression = self.regression(&(0..batch), &tape);
                let losses = regression.masked_losses(self.output(&network, &tape), self.mask(&tape));
                let loss = losses.mean();
                (f64::from(loss.clone().into_scalar::<f32>()), network.gradients(&loss.backward()))
            }
        }
    }

    fn kernel_gradient(&self, pools: &[ThreadPool], kernel: &CloudKernel) -> (f64, Vec<f32>) {
        let Problem { batch, particles, ref mask, .. } = *self.problem;
        let share = batch.div_ceil(pools.len());
        let work = |worker: usize| -> (f64, Vec<f32>) {
            let rows = (worker * share).min(batch)..((worker + 1) * share).min(batch);
            if rows.is_empty() {
                return (0.0, vec![0.0; self.parameters.len()]);
            }
            let regression = self.regression(&rows, &Device::flex()).into_host();
            let mut loss = 0.0;
            let gradient = kernel.gradient(&self.batch(&rows), &mut |sample, output, d| {
                let mask = &mask[(rows.start + sample) * particles..(rows.start + sample + 1) * particles];
                loss += regression.loss(sample, output, mask, d);
            });
            (loss / batch as f64, gradient.iter().map(|g| g / batch as f32).collect())
        };
        let parts = on_all(pools, work);
        let mut sum = vec![0.0f32; self.parameters.len()];
        parts.iter().for_each(|(_, part)| sum.iter_mut().zip(part).for_each(|(s, g)| *s += g));
        (parts.iter().map(|(loss, _)| loss).sum(), sum)
    }

    /// One training step on the same batch: gradient, clipping, AdamW, moving average.
    pub fn train(&mut self) -> f64 {
        if let Place::Kernels { kernel, .. } = &mut self.place {
            kernel.load(&self.parameters);
        }
        let (loss, mut gradient) = self.gradient();
        clip(&mut gradient, 1.0);
        let decays = vec![1e-4; gradient.len()];
        self.step += 1;
        self.optimiser.step(&mut self.parameters, &gradient, &decays, 1e-4, self.step);
        Ema { decay: 0.999 }.update(&mut self.average, &self.parameters, self.step);
        loss
    }

    fn batch(&self, rows: &Range<usize>) -> CloudBatch<'_> {
        let p = self.problem;
        let cut = |data: &'a [f32], width: usize| &data[rows.start * width..rows.end * width];
        CloudBatch {
            x: cut(&p.x, p.particles * p.features),
            mask: cut(&p.mask, p.particles),
            noise: cut(&p.noise, 1),
            condition: cut(&p.condition, p.conditions),
            pairs: &[],
        }
    }

    fn regression(&self, rows: &Range<usize>, device: &Device) -> Regression<3> {
        let p = self.problem;
        let cut = |data: &[f32], width: usize| data[rows.start * width..rows.end * width].to_vec();
        let size = p.particles * p.features;
        let cloud = |data: &[f32]| {
            Tensor::from_data(TensorData::new(cut(data, size), [rows.len(), p.particles, p.features]), device)
        };
        Regression {
            input: cloud(&p.x),
            noise_level: Tensor::from_data(TensorData::new(cut(&p.noise, 1), [rows.len(), 1]), device),
            target: cloud(&p.target),
            weight: Tensor::from_data(TensorData::new(cut(&p.weight, 1), [rows.len()]), device),
        }
    }

    fn mask(&self, device: &Device) -> Tensor<3> {
        let p = self.problem;
        Tensor::from_data(TensorData::new(p.mask.clone(), [p.batch, p.particles, 1]), device)
    }

    /// `[B, P, F]` on the device.
    fn output(&self, network: &Network, device: &Device) -> Tensor<3> {
        let p = self.problem;
        let tensor = |data: &[f32], shape: [usize; 2]| -> Tensor<2> {
            Tensor::from_data(TensorData::new(data.to_vec(), shape), device)
        };
        let x = Tensor::from_data(TensorData::new(p.x.clone(), [p.batch, p.particles, p.features]), device);
        let (noise, condition) = (tensor(&p.noise, [p.batch, 1]), tensor(&p.condition, [p.batch, p.conditions]));
        network.forward(x, self.mask(device), noise, condition)
    }
}

/// Runs `work(0)`, `work(1)`, ... at the same time, each inside its own pool.
fn on_all<T: Send>(pools: &[ThreadPool], work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let pools = pools.iter().enumerate();
        let handles: Vec<_> = pools.map(|(worker, pool)| scope.spawn(move || pool.install(|| work(worker)))).collect();
        handles.into_iter().map(|h| h.join().expect("no part of the work panics")).collect()
    })
}
