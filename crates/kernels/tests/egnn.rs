//! The E(n)-equivariant network against the same one on Burn tensors and its automatic differentiation.

mod common;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use common::{gradients_agree, host, mask, numbers, off};
use kernels::{CloudBatch, CloudKernel, NO_PAIR};
use nets::{Atoms, CloudShape, Egnn, EgnnConfig, Spline};

const CONDITIONS: usize = 4;
const ATOMS: usize = 23;

/// Widths and features that are and are not whole blocks.
fn networks(device: &Device) -> Vec<Egnn> {
    let network = |width, features, layers, spline, kinds, shared| {
        let shape = CloudShape { features, conditions: CONDITIONS };
        let net = EgnnConfig { shape, width, layers, global: 12, neighbours: 7.0, spline, kinds, shared }.init(device);
        // The same weights in every run, of the size that training gives.
        let all = nets::inventory(&net);
        let sizes = all.iter().flat_map(|info| {
            let size = if info.shape.len() > 1 { (info.shape[0] as f32).sqrt().recip() } else { 0.2 };
            std::iter::repeat_n(size, info.shape.iter().product())
        });
        let flat: Vec<f32> = sizes.zip(numbers(nets::values(&net).len(), 7)).map(|(size, e)| size * e).collect();
        nets::load(net, &flat)
    };
    // Some distances lie beyond the end of the splines.
    let spline = |knots| Some(Spline { knots, reach: 2.0 });
    vec![
        network(32, 5, 3, None, 1, false),
        network(20, 17, 2, spline(9), 1, false),
        network(32, 3, 3, spline(20), 1, true),
        network(32, 3, 3, spline(12), 4, true),
        network(64, 1, 1, None, 1, true),
    ]
}

struct Batch {
    x: Vec<f32>,
    mask: Vec<f32>,
    noise: Vec<f32>,
    condition: Vec<f32>,
    /// Of every kind, and some that are no pairs.
    pairs: Vec<u8>,
    kinds: usize,
    features: usize,
}

impl Batch {
    /// Molecules of these sizes; in every other one the padding comes first.
    fn new(counts: &[usize], config: EgnnConfig) -> Batch {
        let (n, features, kinds) = (counts.len(), config.shape.features, config.kinds);
        let mask = mask(counts, ATOMS);
        let columns = 3 + features;
        let x = numbers(n * ATOMS * columns, 1);
        let x = x.iter().enumerate().map(|(i, x)| 2.0 * x * mask[i / columns]).collect();
        let kind = |u: &f32| ((u + 1.0) / 2.0 * (kinds + 1) as f32) as usize;
        let pairs = numbers(n * ATOMS * ATOMS, 4);
        let pairs = pairs.iter().map(kind).map(|kind| if kind < kinds { kind as u8 } else { NO_PAIR });
        let pairs = if kinds > 1 { pairs.collect() } else { vec![] };
        Batch { x, mask, noise: numbers(n, 2), condition: numbers(n * CONDITIONS, 3), pairs, kinds, features }
    }

    fn kernel(&self) -> CloudBatch<'_> {
        CloudBatch { x: &self.x, mask: &self.mask, noise: &self.noise, condition: &self.condition, pairs: &self.pairs }
    }

    /// Movements and features side by side, as the kernel gives them.
    fn burn(&self, net: &Egnn, device: &Device) -> Tensor<3> {
        let size = [self.noise.len(), ATOMS, 3 + self.features];
        self.on(Tensor::from_data(TensorData::new(self.x.clone(), size), device), net, device)
    }

    /// The same of these atoms in place of the batch's.
    fn on(&self, x: Tensor<3>, net: &Egnn, device: &Device) -> Tensor<3> {
        let (n, columns) = (self.noise.len(), 3 + self.features);
        let tensor =
            |data: &[f32], last| Tensor::<3>::from_data(TensorData::new(data.to_vec(), [n, ATOMS, last]), device);
        let rows = |data: &[f32]| Tensor::<2>::from_data(TensorData::new(data.to_vec(), [n, data.len() / n]), device);
        let atoms = Atoms {
            positions: x.clone().slice([0..n, 0..ATOMS, 0..3]),
            features: x.slice([0..n, 0..ATOMS, 3..columns]),
        };
        let kinds = (!self.pairs.is_empty()).then(|| {
            let of = |pair: u8| (0..self.kinds).map(move |k| if usize::from(pair) == k { 1.0 } else { 0.0 });
            let one_hot: Vec<f32> = self.pairs.iter().copied().flat_map(of).collect();
            Tensor::<4>::from_data(TensorData::new(one_hot, [n, ATOMS, ATOMS, self.kinds]), device)
        });
        let out = net.forward_on(atoms, kinds, tensor(&self.mask, 1), rows(&self.noise), rows(&self.condition));
        Tensor::cat(vec![out.positions, out.features], 2)
    }
}

const COUNTS: [usize; 7] = [23, 1, 0, 9, 2, 23, 16];

#[test]
fn outputs_are_those_of_the_tensor_library() {
    let device = Device::flex();
    for net in networks(&device) {
        let batch = Batch::new(&COUNTS, net.config());
        let kernel = CloudKernel::egnn(&net);
        let found = kernel.forward(&batch.kernel());
        let difference = off(&found, &host(batch.burn(&net, &device)));
        assert!(difference < 1e-5, "{:?}: {difference:e}", net.config());
        // The same molecule alone, to the last bit.
        let one = ATOMS * (3 + batch.features);
        let alone = CloudBatch {
            x: &batch.x[3 * one..4 * one],
            mask: &batch.mask[3 * ATOMS..4 * ATOMS],
            noise: &batch.noise[3..4],
            condition: &batch.condition[3 * CONDITIONS..4 * CONDITIONS],
            pairs: if batch.pairs.is_empty() { &[] } else { &batch.pairs[3 * ATOMS * ATOMS..4 * ATOMS * ATOMS] },
        };
        assert_eq!(kernel.forward(&alone), found[3 * one..4 * one]);
    }
}

#[test]
fn gradients_are_those_of_automatic_differentiation() {
    let device = Device::flex();
    for net in networks(&device) {
        let batch = Batch::new(&COUNTS, net.config());
        // The loss sum(output r) has the gradient r.
        let r = numbers(batch.x.len(), 5);
        let tape = device.clone().autodiff();
        let on_tape = net.clone().fork(&tape).train();
        let size = [batch.noise.len(), ATOMS, 3 + batch.features];
        let weights = Tensor::<3>::from_data(TensorData::new(r.clone(), size), &tape);
        let x = Tensor::<3>::from_data(TensorData::new(batch.x.clone(), size), &tape).require_grad();
        let backward = (batch.on(x.clone(), &on_tape, &tape) * weights).sum().backward();
        let expected = nets::gradients(&on_tape, &backward);
        let one = ATOMS * (3 + batch.features);
        let kernel = CloudKernel::egnn(&net);
        let mut loss =
            |sample: usize, _: &[f32], d: &mut [f32]| d.copy_from_slice(&r[sample * one..(sample + 1) * one]);
        let (found, input) = kernel.gradients(&batch.kernel(), &mut loss);
        gradients_agree(&nets::inventory(&net), &found, &expected);
        assert_eq!(kernel.gradient(&batch.kernel(), &mut loss), found);
        // What the tape gives padding is not asked for.
        let mask = Tensor::<3>::from_data(TensorData::new(batch.mask.clone(), [size[0], ATOMS, 1]), &device);
        let difference = off(&input, &host(x.grad(&backward).unwrap() * mask));
        assert!(difference < 1e-3, "{:?}: {difference:e}", net.config());
    }
}
