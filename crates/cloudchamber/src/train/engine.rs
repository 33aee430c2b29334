//! What computes losses and their gradients: fused kernels on the CPU, a tape elsewhere.

use burn::module::Module;
use burn::tensor::Device;
use diffusion::Rng;
use rayon::ThreadPool;

use super::stages::Stage;
use crate::Error;

/// Sum of losses, and its gradient.
pub type Part = Result<(f64, Vec<f32>), Error>;

/// A network on its device, for some number of shards of a batch.
pub enum Engine<S: Stage> {
    /// On the CPU: a shard runs on one thread.
    Kernel {
        /// The network.
        kernel: S::Kernel,
        /// One thread per shard, where the tensor library's own parallelism in what is left of it cannot get in the way.
        pools: Vec<ThreadPool>,
    },
    /// On another device: one copy of the network per shard, on a tape; one after the other.
    Tensors {
        /// The copies.
        nets: Vec<S::Net>,
        /// The device with a tape.
        tape: Device,
    },
}

impl<S: Stage> Engine<S> {
    /// The network on `device`.
    pub fn new(stage: &S, network: &S::Net, shards: usize, device: &Device) -> Engine<S> {
        if *device == Device::flex() {
            let pool = |_| rayon::ThreadPoolBuilder::new().num_threads(1).build();
            Engine::Kernel { kernel: stage.kernel(network), pools: (0..shards).flat_map(pool).collect() }
        } else {
            let tape = device.clone().autodiff();
            let nets = (0..shards).map(|_| network.clone().fork(&tape).train()).collect();
            Engine::Tensors { nets, tape }
        }
    }

    /// Each shard's part, in order, at these parameters; `rng` gives the generator of a shard.
    pub fn gradients(
        &mut self,
        stage: &S,
        parameters: &[f32],
        shards: &[&[S::Row]],
        rng: &(dyn Fn(usize) -> Rng + Sync),
    ) -> Vec<Part> {
        let jobs: Vec<(usize, &[S::Row])> = shards.iter().copied().enumerate().collect();
        match self {
            Engine::Kernel { kernel, pools } => {
                stage.load(kernel, parameters);
                let (kernel, pools) = (&*kernel, &*pools);
                let work = |(shard, rows): (usize, &[S::Row])| stage.gradient(kernel, rows, &mut rng(shard));
                let wave = |wave: &[(usize, &[S::Row])]| {
                    std::thread::scope(|scope| {
                        let start = |&job: &(usize, _)| scope.spawn(move || pools[job.0].install(|| work(job)));
                        let handles: Vec<_> = wave.iter().map(start).collect();
                        handles.into_iter().map(|h| h.join().expect("a shard does not panic")).collect::<Vec<_>>()
                    })
                };
                jobs.chunks(rayon::current_num_threads().max(1)).flat_map(wave).collect()
            }
            Engine::Tensors { nets, tape } => {
                let work = |(shard, rows): (usize, &[S::Row])| {
                    let net = nets::load(nets[shard].clone(), parameters);
                    let loss = stage.losses(&net, rows, &mut rng(shard), tape)?.sum();
                    let value = f64::from(loss.clone().into_scalar::<f32>());
                    Ok((value, nets::gradients(&net, &loss.backward())))
                };
                jobs.into_iter().map(work).collect()
            }
        }
    }

    /// Whether it is the CPU's.
    pub fn is_kernel(&self) -> bool {
        matches!(self, Engine::Kernel { .. })
    }
}
