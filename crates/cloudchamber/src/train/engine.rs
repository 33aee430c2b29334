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
pub struct Engine<S: Stage> {
    network: Network<S>,
    /// On the CPU one thread per shard, where the tensor library's own parallelism cannot get in the way; nothing elsewhere.
    pools: Vec<ThreadPool>,
}

enum Network<S: Stage> {
    /// Fused kernels.
    Kernel(S::Kernel),
    /// One copy of the network per shard, and the device with a tape.
    Tensors(Vec<S::Net>, Device),
}

impl<S: Stage> Engine<S> {
    /// The network on `device`.
    pub fn new(stage: &S, network: &S::Net, shards: usize, device: &Device) -> Engine<S> {
        let cpu = *device == Device::flex();
        let alone = |_| rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pools = if cpu { (0..shards).flat_map(alone).collect() } else { Vec::new() };
        let network = match stage.kernel(network).filter(|_| cpu) {
            Some(kernel) => Network::Kernel(kernel),
            None => {
                let tape = device.clone().autodiff();
                Network::Tensors((0..shards).map(|_| network.clone().fork(&tape).train()).collect(), tape)
            }
        };
        Engine { network, pools }
    }

    /// Each shard's part, in order, at these parameters; `rng` gives the generator of a shard.
    pub fn gradients(
        &mut self,
        stage: &S,
        parameters: &[f32],
        shards: &[&[S::Row]],
        rng: &(dyn Fn(usize) -> Rng + Sync),
    ) -> Vec<Part> {
        if let Network::Kernel(kernel) = &mut self.network {
            stage.load(kernel, parameters);
        }
        let network = &self.network;
        let work = |(shard, rows): (usize, &[S::Row])| match network {
            Network::Kernel(kernel) => stage.gradient(kernel, rows, &mut rng(shard)),
            Network::Tensors(nets, tape) => {
                let net = nets::load(nets[shard].clone(), parameters);
                let loss = stage.losses(&net, rows, &mut rng(shard), tape)?.sum();
                let value = f64::from(loss.clone().into_scalar::<f32>());
                Ok((value, nets::gradients(&net, &loss.backward())))
            }
        };
        let jobs: Vec<(usize, &[S::Row])> = shards.iter().copied().enumerate().collect();
        if self.pools.is_empty() {
            return jobs.into_iter().map(work).collect();
        }
        let (pools, work) = (&self.pools, &work);
        let wave = |wave: &[(usize, &[S::Row])]| {
            std::thread::scope(|scope| {
                let start = |&job: &(usize, _)| scope.spawn(move || pools[job.0].install(|| work(job)));
                let handles: Vec<_> = wave.iter().map(start).collect();
                handles.into_iter().map(|h| h.join().expect("a shard does not panic")).collect::<Vec<_>>()
            })
        };
        jobs.chunks(rayon::current_num_threads().max(1)).flat_map(wave).collect()
    }

    /// Whether it computes with kernels.
    pub fn is_kernel(&self) -> bool {
        matches!(self.network, Network::Kernel(_))
    }
}
