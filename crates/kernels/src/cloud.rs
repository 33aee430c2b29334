//! Cloud networks on batches: real particles gathered, jets split into pieces that fit the second cache, pieces over threads.

use nets::AnyCloudNet;
use rayon::prelude::*;

use crate::bf16::Precision;
use crate::egnn::{Egnn, SPACE};
use crate::epic::Epic;
use crate::gathered::Gathered;
use crate::half_product::Ready;
use crate::linear::{Gradient, Loss, Weights};
use crate::matrix::Matrix;
use crate::pool::Pool;
use crate::transformer::Transformer;

/// Particles per piece, about: their activations fit the second cache.
const PIECE: usize = 384;

/// What a cloud network is asked, as in [`nets::CloudNet::forward`].
#[derive(Clone, Copy, Debug)]
pub struct CloudBatch<'a> {
    /// Noised clouds, `[B, P, F]`.
    pub x: &'a [f32],
    /// 1 for a particle, 0 for padding, `[B, P]`.
    pub mask: &'a [f32],
    /// Noise level of each sample, `[B]`.
    pub noise: &'a [f32],
    /// Conditions, `[B, C]`.
    pub condition: &'a [f32],
    /// Kinds of pairs, `[B, P, P]`, [`NO_PAIR`] for two particles that do not see each other; nothing if all pairs are of one kind. Only
    /// [`nets::Egnn`] has pairs.
    pub pairs: &'a [u8],
}

/// In place of a kind: not a pair.
pub const NO_PAIR: u8 = u8::MAX;

/// A network on gathered particles.
pub(crate) trait Net: Sync {
    /// What its backward pass needs.
    type Tape: Default + Send;

    fn weights(&self) -> &Weights;

    fn weights_mut(&mut self) -> &mut Weights;

    /// Samples of a piece: about what the second cache holds.
    fn samples_per_piece(&self, particles: usize) -> usize {
        (PIECE / particles.max(1)).max(1)
    }

    /// The output, one row per particle; `keep` what the backward pass needs.
    fn forward(&self, batch: &Gathered, tape: &mut Self::Tape, keep: bool, output: &mut Matrix);

    /// Multiplications in the products of one sample's forward pass, without padding.
    fn products(&self, particles: usize) -> u64;

    /// Adds the gradient of the weights, given that of the output; writes that of the particles' features where it is asked for.
    fn backward(
        &self,
        batch: &Gathered,
        tape: &mut Self::Tape,
        d_output: &Matrix,
        gradient: &mut Gradient,
        d_input: Option<&mut Matrix>,
    );
}

/// What all samples of a batch have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub particles: usize,
    pub features: usize,
    pub conditions: usize,
}

/// Room for one piece at a time; kept for the next, so that nothing is allocated in the loop.
#[derive(Default)]
struct Room<T> {
    gathered: Gathered,
    tape: T,
    output: Matrix,
    d_output: Matrix,
    d_input: Matrix,
}

struct Engine<N: Net> {
    net: N,
    rooms: Pool<Room<N::Tape>>,
    gradients: Pool<Gradient>,
}

/// A cloud network of `nets` with its weights packed for the processor.
///
/// Outputs and gradients are those of the Burn network up to rounding; a sample's do not depend on the rest of the batch,
/// to the last bit.
pub struct CloudKernel {
    engine: AnyEngine,
    features: usize,
    conditions: usize,
    /// Kinds of pairs; none where there are no pairs.
    kinds: usize,
}

enum AnyEngine {
    Epic(Engine<Epic>),
    Transformer(Engine<Transformer>),
    Egnn(Engine<Egnn>),
}

impl CloudKernel {
    /// The network with its present weights.
    pub fn new(net: &AnyCloudNet) -> CloudKernel {
        let shape = net.shape();
        let engine = match net {
            AnyCloudNet::Epic(epic) => AnyEngine::Epic(Engine::new(Epic::new(epic, &nets::inventory(epic)))),
            AnyCloudNet::Transformer(net) => {
                AnyEngine::Transformer(Engine::new(Transformer::new(net, &nets::inventory(net))))
            }
        };
        let mut kernel = CloudKernel { engine, features: shape.features, conditions: shape.conditions, kinds: 0 };
        kernel.load(&nets::values(net));
        kernel
    }

    /// The E(n)-equivariant network with its present weights: the features of a particle are its three coordinates and then its own, and
    /// those of the output its movement and then its new features.
    pub fn egnn(net: &nets::Egnn) -> CloudKernel {
        let nets::EgnnConfig { shape, kinds, .. } = net.config();
        let engine = AnyEngine::Egnn(Engine::new(Egnn::new(net, &nets::inventory(net))));
        let mut kernel = CloudKernel { engine, features: SPACE + shape.features, conditions: shape.conditions, kinds };
        kernel.load(&nets::values(net));
        kernel
    }

    /// Takes over other parameters, in the order of [`nets::values`].
    ///
    /// # Panics
    /// If their number is not the network's.
    pub fn load(&mut self, parameters: &[f32]) {
        self.weights_mut().load(parameters);
    }

    /// Lets numbers enter the products of forward passes in this precision; gradients too then start from such a pass.
    pub fn set_precision(&mut self, precision: Precision) {
        self.weights_mut().set_precision(precision);
    }

    fn weights_mut(&mut self) -> &mut Weights {
        match &mut self.engine {
            AnyEngine::Epic(engine) => engine.net.weights_mut(),
            AnyEngine::Transformer(engine) => engine.net.weights_mut(),
            AnyEngine::Egnn(engine) => engine.net.weights_mut(),
        }
    }

    /// Raw output `F`, `[B, P, F]`, zero where the mask is zero. Pieces of the batch are shared by the threads of rayon's pool.
    ///
    /// # Panics
    /// If the batch's slices do not belong together.
    pub fn forward(&self, batch: &CloudBatch) -> Vec<f32> {
        let shape = self.shape(batch);
        match &self.engine {
            AnyEngine::Epic(engine) => engine.forward(batch, shape),
            AnyEngine::Transformer(engine) => engine.forward(batch, shape),
            AnyEngine::Egnn(engine) => engine.forward(batch, shape),
        }
    }

    /// The gradient of a loss with respect to the parameters, in the order of [`nets::values`].
    ///
    /// `loss(sample, output, d_output)` is called for every sample, in order, with the output `[P, F]`, and writes the derivative of the loss with
    /// respect to it; what it writes for padding is ignored. Runs on the calling thread.
    ///
    /// # Panics
    /// If the batch's slices do not belong together.
    pub fn gradient(&self, batch: &CloudBatch, loss: &mut Loss) -> Vec<f32> {
        let shape = self.shape(batch);
        self.gradient_to(batch, shape, loss, None)
    }

    /// [`CloudKernel::gradient`], and the gradient with respect to the batch's `x`, `[B, P, F]`: what a network before this one needs.
    ///
    /// # Panics
    /// If the batch's slices do not belong together.
    pub fn gradients(&self, batch: &CloudBatch, loss: &mut Loss) -> (Vec<f32>, Vec<f32>) {
        let shape = self.shape(batch);
        let mut d_x = vec![0.0; batch.x.len()];
        (self.gradient_to(batch, shape, loss, Some(&mut d_x)), d_x)
    }

    fn gradient_to(&self, batch: &CloudBatch, shape: Shape, loss: &mut Loss, d_x: Option<&mut [f32]>) -> Vec<f32> {
        match &self.engine {
            AnyEngine::Epic(engine) => engine.gradient(batch, shape, loss, d_x),
            AnyEngine::Transformer(engine) => engine.gradient(batch, shape, loss, d_x),
            AnyEngine::Egnn(engine) => engine.gradient(batch, shape, loss, d_x),
        }
    }

    /// Floating-point operations of a forward pass for clouds of these sizes: two for each multiplication and addition in its matrix
    /// products, padding and everything else not counted.
    pub fn operations(&self, particles: &[usize]) -> u64 {
        let one = |n: &usize| match &self.engine {
            AnyEngine::Epic(engine) => engine.net.products(*n),
            AnyEngine::Transformer(engine) => engine.net.products(*n),
            AnyEngine::Egnn(engine) => engine.net.products(*n),
        };
        2 * particles.iter().map(one).sum::<u64>()
    }

    fn shape(&self, batch: &CloudBatch) -> Shape {
        let samples = batch.noise.len();
        let particles = batch.mask.len() / samples.max(1);
        assert_eq!(batch.mask.len(), samples * particles, "as many particles in every sample");
        assert_eq!(batch.x.len(), samples * particles * self.features, "features of every particle");
        assert_eq!(batch.condition.len(), samples * self.conditions, "conditions of every sample");
        let pairs = samples * particles * particles;
        assert!(batch.pairs.is_empty() || batch.pairs.len() == pairs, "kinds of every pair");
        let known = |kind: &u8| *kind == NO_PAIR || usize::from(*kind) < self.kinds;
        assert!(batch.pairs.iter().all(known), "kinds of pairs below the {} of the network", self.kinds);
        Shape { particles, features: self.features, conditions: self.conditions }
    }
}

impl<N: Net> Engine<N> {
    fn new(net: N) -> Engine<N> {
        Engine { net, rooms: Pool::new(), gradients: Pool::new() }
    }

    fn forward(&self, batch: &CloudBatch, shape: Shape) -> Vec<f32> {
        let mut output = vec![0.0; batch.x.len()];
        let size = shape.particles * shape.features;
        let piece = self.net.samples_per_piece(shape.particles);
        output.par_chunks_mut((piece * size).max(1)).enumerate().for_each(|(number, output)| {
            let first = number * piece;
            let _ready = Ready::of(self.net.weights().precision());
            self.rooms.with(Room::default, |room| {
                room.gathered.fill(batch, shape, first..first + output.len() / size);
                self.net.forward(&room.gathered, &mut room.tape, false, &mut room.output);
                for (row, place) in room.gathered.places.iter().enumerate() {
                    let start = place * shape.features - first * size;
                    output[start..start + shape.features].copy_from_slice(&room.output.row(row)[..shape.features]);
                }
            });
        });
        output
    }

    fn gradient(&self, batch: &CloudBatch, shape: Shape, loss: &mut Loss, mut d_x: Option<&mut [f32]>) -> Vec<f32> {
        self.gradients.with(
            || Gradient::zero(self.net.weights()),
            |gradient| {
                gradient.clear();
                self.rooms.with(Room::default, |room| {
                    let piece = self.net.samples_per_piece(shape.particles);
                    for first in (0..batch.noise.len()).step_by(piece) {
                        room.gathered.fill(batch, shape, first..(first + piece).min(batch.noise.len()));
                        self.net.forward(&room.gathered, &mut room.tape, true, &mut room.output);
                        room.differentiate(shape, first, loss);
                        let Room { gathered, tape, d_output, d_input, .. } = room;
                        self.net.backward(gathered, tape, d_output, gradient, d_x.is_some().then_some(&mut *d_input));
                        let Some(d_x) = &mut d_x else { continue };
                        for (row, place) in gathered.places.iter().enumerate() {
                            let start = place * shape.features;
                            d_x[start..start + shape.features].copy_from_slice(&d_input.row(row)[..shape.features]);
                        }
                    }
                });
                gradient.flat(self.net.weights())
            },
        )
    }
}

impl<T> Room<T> {
    /// The derivative of the loss with respect to the output; the piece's first sample is `first`.
    fn differentiate(&mut self, shape: Shape, first: usize, loss: &mut Loss) {
        let Room { gathered, output, d_output, .. } = self;
        let size = shape.particles * shape.features;
        let (mut dense, mut d_dense) = (vec![0.0; size], vec![0.0; size]);
        d_output.zero(output.rows(), output.stride());
        for sample in 0..gathered.ragged.samples() {
            let within = |place: usize| {
                let start = (place - (first + sample) * shape.particles) * shape.features;
                start..start + shape.features
            };
            dense.fill(0.0);
            d_dense.fill(0.0);
            for row in gathered.ragged.of(sample) {
                dense[within(gathered.places[row])].copy_from_slice(&output.row(row)[..shape.features]);
            }
            loss(first + sample, &dense, &mut d_dense);
            for row in gathered.ragged.of(sample) {
                let from = &d_dense[within(gathered.places[row])];
                d_output.row_mut(row)[..shape.features].copy_from_slice(from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use nets::{CloudShape, EpicConfig, ParticleTransformerConfig};

    use super::*;
    use crate::simd::tests::PORTABLE;

    #[test]
    fn operations_are_those_of_the_products_that_run() {
        // Sizes without padding: 16 features, heads of 16, 13 Fourier features and 3 conditions, clouds of 16 and 32 particles.
        let device = Device::flex();
        let shape = CloudShape { features: 16, conditions: 3 };
        let transformer = ParticleTransformerConfig { shape, width: 32, heads: 2, layers: 2, global: 16 };
        let epic = EpicConfig { shape, width: 32, global: 16, layers: 3 };
        let here = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
        let plain = nets::EgnnConfig {
            shape,
            width: 32,
            layers: 2,
            global: 16,
            neighbours: 9.0,
            spline: None,
            kinds: 1,
            shared: false,
        };
        let kernels = [
            CloudKernel::new(&AnyCloudNet::transformer(&transformer, &device)),
            CloudKernel::new(&AnyCloudNet::epic(&epic, &device)),
            CloudKernel::egnn(&plain.init(&device)),
            CloudKernel::egnn(&nets::EgnnConfig { shared: true, ..plain }.init(&device)),
        ];
        for kernel in kernels {
            let mask: Vec<f32> = (0..2 * 32).map(|p| if p < 48 { 1.0 } else { 0.0 }).collect();
            let x = vec![0.1; 2 * 32 * kernel.features];
            let batch = CloudBatch { x: &x, mask: &mask, noise: &[0.3; 2], condition: &[0.2; 6], pairs: &[] };
            crate::product::MULTIPLICATIONS.set(0);
            here.install(|| kernel.forward(&batch));
            assert_eq!(2 * crate::product::MULTIPLICATIONS.get(), kernel.operations(&[32, 16]));
        }
    }

    #[test]
    fn the_portable_path_computes_the_same() {
        let device = Device::flex();
        let shape = CloudShape { features: 3, conditions: 2 };
        let transformer = ParticleTransformerConfig { shape, width: 32, heads: 2, layers: 2, global: 16 };
        let epic = EpicConfig { shape, width: 32, global: 16, layers: 2 };
        let wave = |i: usize| (0.7 * i as f32).sin();
        let x: Vec<f32> = (0..4 * 9 * 3).map(wave).collect();
        let mask: Vec<f32> = (0..4 * 9).map(|p| if p % 9 < 3 + p / 9 { 1.0 } else { 0.0 }).collect();
        let batch = CloudBatch { x: &x, mask: &mask, noise: &[0.1, -0.4, 0.9, 0.0], condition: &[0.5; 8], pairs: &[] };
        // All on this thread, which the switch is for.
        let here = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
        for net in [AnyCloudNet::transformer(&transformer, &device), AnyCloudNet::epic(&epic, &device)] {
            let flat: Vec<f32> = (0..nets::values(&net).len()).map(|i| 0.2 * wave(3 * i)).collect();
            let kernel = CloudKernel::new(&nets::load(net, &flat));
            let work = || {
                let gradient = kernel.gradient(&batch, &mut |_, output, d| d.copy_from_slice(output));
                [kernel.forward(&batch), gradient]
            };
            let fast = here.install(work);
            PORTABLE.set(true);
            let portable = here.install(work);
            PORTABLE.set(false);
            for (a, b) in fast.iter().zip(&portable) {
                let size = a.iter().map(|a| a.abs()).fold(0.0, f32::max);
                assert!(size > 0.1 && a.len() == b.len());
                assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5 * size), "they differ");
            }
        }
    }
}
