//! Outputs and gradients against the same networks on Burn tensors and its automatic differentiation.

mod common;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use common::{gradients_agree, host, mask, numbers, off};
use kernels::{CloudBatch, CloudKernel};
use nets::{AnyCloudNet, CloudNet, CloudShape, EpicConfig, ParticleTransformerConfig};

const SHAPE: CloudShape = CloudShape { features: 3, conditions: 5 };

/// Weights of the size that training gives, none of them zero.
fn filled(net: AnyCloudNet) -> AnyCloudNet {
    let initial = nets::values(&net);
    let extra = numbers(initial.len(), 7);
    let flat: Vec<f32> = initial.iter().zip(extra).map(|(w, e)| w + 0.1 * e).collect();
    nets::load(net, &flat)
}

/// Widths that are and are not whole blocks, heads of odd sizes.
fn networks(device: &Device) -> Vec<AnyCloudNet> {
    let transformer = |width, heads, layers, global| {
        let config = ParticleTransformerConfig { shape: SHAPE, width, heads, layers, global };
        filled(AnyCloudNet::transformer(&config, device))
    };
    let epic =
        |width, global, layers| filled(AnyCloudNet::epic(&EpicConfig { shape: SHAPE, width, global, layers }, device));
    vec![
        transformer(64, 4, 2, 64),
        transformer(20, 4, 2, 12),
        transformer(24, 2, 1, 16),
        epic(64, 32, 3),
        epic(20, 12, 2),
    ]
}

struct Batch {
    x: Vec<f32>,
    mask: Vec<f32>,
    noise: Vec<f32>,
    condition: Vec<f32>,
    particles: usize,
}

impl Batch {
    /// Samples with these numbers of particles; in every other one the padding comes first.
    fn new(counts: &[usize], particles: usize) -> Batch {
        let n = counts.len();
        let mask = mask(counts, particles);
        let x = numbers(n * particles * SHAPE.features, 1);
        let x = x.iter().enumerate().map(|(i, x)| 2.0 * x * mask[i / SHAPE.features]).collect();
        Batch { x, mask, noise: numbers(n, 2), condition: numbers(n * SHAPE.conditions, 3), particles }
    }

    fn kernel(&self) -> CloudBatch<'_> {
        CloudBatch { x: &self.x, mask: &self.mask, noise: &self.noise, condition: &self.condition, pairs: &[] }
    }

    fn tensors(&self, device: &Device) -> (Tensor<3>, Tensor<3>, Tensor<2>, Tensor<2>) {
        let (n, p) = (self.noise.len(), self.particles);
        (
            Tensor::from_data(TensorData::new(self.x.clone(), [n, p, SHAPE.features]), device),
            Tensor::from_data(TensorData::new(self.mask.clone(), [n, p, 1]), device),
            Tensor::from_data(TensorData::new(self.noise.clone(), [n, 1]), device),
            Tensor::from_data(TensorData::new(self.condition.clone(), [n, SHAPE.conditions]), device),
        )
    }

    fn burn(&self, net: &AnyCloudNet, device: &Device) -> Tensor<3> {
        let (x, mask, noise, condition) = self.tensors(device);
        net.forward(x, mask, noise, condition)
    }
}

#[test]
fn outputs_are_those_of_the_tensor_library() {
    let device = Device::flex();
    for net in networks(&device) {
        for (counts, particles) in [(vec![30, 1, 0, 17, 16, 29, 30, 2, 30], 30), (vec![150, 3, 149], 150)] {
            let batch = Batch::new(&counts, particles);
            let expected = host(batch.burn(&net, &device));
            let found = CloudKernel::new(&net).forward(&batch.kernel());
            let difference = off(&found, &expected);
            assert!(difference < 1e-5, "{:?}: {difference:e}", net.shape());
        }
    }
}

#[test]
fn gradients_are_those_of_automatic_differentiation() {
    let device = Device::flex();
    for net in networks(&device) {
        let batch = Batch::new(&[30, 1, 0, 17, 16, 29, 30, 2, 30], 30);
        // The loss sum(output r) has the gradient r.
        let r = numbers(batch.x.len(), 5);
        let tape = device.clone().autodiff();
        let on_tape = net.clone().fork(&tape).train();
        let size = [batch.noise.len(), batch.particles, SHAPE.features];
        let (x, mask, noise, condition) = batch.tensors(&tape);
        let x = x.require_grad();
        let weights = Tensor::<3>::from_data(TensorData::new(r.clone(), size), &tape);
        let backward = (on_tape.forward(x.clone(), mask.clone(), noise, condition) * weights).sum().backward();
        let expected = nets::gradients(&on_tape, &backward);
        let one = batch.particles * SHAPE.features;
        let kernel = CloudKernel::new(&net);
        let mut loss =
            |sample: usize, _: &[f32], d: &mut [f32]| d.copy_from_slice(&r[sample * one..(sample + 1) * one]);
        let (found, input) = kernel.gradients(&batch.kernel(), &mut loss);
        assert_eq!(kernel.gradient(&batch.kernel(), &mut loss), found);
        // What the tape gives padding is not asked for.
        let expected_input: Vec<f32> = host(x.grad(&backward).unwrap() * mask.inner());
        assert!(off(&input, &expected_input) < 1e-5, "{:e}", off(&input, &expected_input));
        let difference = off(&found, &expected);
        assert!(difference < 1e-5, "{difference:e}");
        gradients_agree(&nets::inventory(&net), &found, &expected);
    }
}

#[test]
fn a_sample_does_not_depend_on_its_batch_to_the_last_bit() {
    let device = Device::flex();
    let counts = [30, 1, 0, 17, 16, 29, 30, 2, 30];
    let all = Batch::new(&counts, 30);
    for net in networks(&device) {
        let kernel = CloudKernel::new(&net);
        let together = kernel.forward(&all.kernel());
        let one = 30 * SHAPE.features;
        for i in 0..counts.len() {
            let alone = CloudBatch {
                x: &all.x[i * one..(i + 1) * one],
                mask: &all.mask[i * 30..(i + 1) * 30],
                noise: &all.noise[i..=i],
                condition: &all.condition[i * SHAPE.conditions..(i + 1) * SHAPE.conditions],
                pairs: &[],
            };
            assert_eq!(kernel.forward(&alone), together[i * one..(i + 1) * one], "sample {i}");
        }
    }
}

#[test]
fn a_kernel_can_be_used_again_for_other_sizes_and_other_weights() {
    let device = Device::flex();
    let net = networks(&device).swap_remove(0);
    let mut kernel = CloudKernel::new(&net);
    let (large, small) = (Batch::new(&[30; 12], 30), Batch::new(&[3, 2], 5));
    let first = kernel.forward(&small.kernel());
    kernel.forward(&large.kernel());
    kernel.gradient(&large.kernel(), &mut |_, _, d| d.fill(1.0));
    assert_eq!(kernel.forward(&small.kernel()), first);
    let other: Vec<f32> = nets::values(&net).iter().map(|w| 0.5 * w).collect();
    kernel.load(&other);
    let expected = host(small.burn(&nets::load(net, &other), &device));
    assert!(off(&kernel.forward(&small.kernel()), &expected) < 1e-5);
}

mod table {
    use kernels::{TableBatch, TableKernel};
    use nets::{ResidualMlp, ResidualMlpConfig};

    use super::*;

    fn network(width: usize, device: &Device) -> ResidualMlp {
        let net = ResidualMlpConfig { features: 8, conditions: SHAPE.conditions, width, layers: 3 }.init(device);
        let flat: Vec<f32> = nets::values(&net).iter().zip(numbers(1 << 20, 7)).map(|(w, e)| w + 0.1 * e).collect();
        nets::load(net, &flat)
    }

    #[test]
    fn outputs_and_gradients_of_the_table_network_are_those_of_the_tensor_library() {
        let device = Device::flex();
        for width in [128, 20] {
            for n in [1, 63, 150] {
                let net = network(width, &device);
                let (x, noise, condition) = (numbers(n * 8, 1), numbers(n, 2), numbers(n * SHAPE.conditions, 3));
                let r = numbers(n * 8, 5);
                let tensor = |data: &[f32], columns: usize, device: &Device| {
                    Tensor::<2>::from_data(TensorData::new(data.to_vec(), [n, columns]), device)
                };
                let forward = |net: &ResidualMlp, device: &Device| {
                    let condition = tensor(&condition, SHAPE.conditions, device);
                    net.forward(tensor(&x, 8, device), tensor(&noise, 1, device), condition)
                };
                let kernel = TableKernel::new(&net);
                let batch = TableBatch { x: &x, noise: &noise, condition: &condition };
                let expected = host(forward(&net, &device));
                let difference = off(&kernel.forward(&batch), &expected);
                assert!(difference < 1e-5, "{difference:e}");

                let tape = device.clone().autodiff();
                let on_tape = net.clone().fork(&tape).train();
                let loss = (forward(&on_tape, &tape) * tensor(&r, 8, &tape)).sum();
                let expected = nets::gradients(&on_tape, &loss.backward());
                let found = kernel.gradient(&batch, &mut |row, _, d| d.copy_from_slice(&r[row * 8..(row + 1) * 8]));
                let difference = off(&found, &expected);
                assert!(difference < 1e-5, "{difference:e}");
            }
        }
    }
}

mod bf16 {
    use kernels::Precision;

    use super::*;

    /// The root of the mean square of the difference, relative to that of the output.
    fn relative(a: &[f32], b: &[f32]) -> f64 {
        let square = |x: f32| f64::from(x) * f64::from(x);
        let (difference, size) = a.iter().zip(b).fold((0.0, 0.0), |(d, s), (a, b)| (d + square(a - b), s + square(*b)));
        (difference / size).sqrt()
    }

    fn kernel(net: &AnyCloudNet) -> CloudKernel {
        let mut kernel = CloudKernel::new(net);
        kernel.set_precision(Precision::Bf16);
        kernel
    }

    #[test]
    fn rounded_products_change_outputs_by_less_than_a_per_cent() {
        // A number of eight bits is off by 2^-9 at most, 1.1e-3 on average; independent errors of a dozen products in a row add up to some 4e-3.
        let device = Device::flex();
        let batch = Batch::new(&[30, 1, 0, 17, 16, 29, 30, 2, 30], 30);
        for net in networks(&device) {
            let single = CloudKernel::new(&net).forward(&batch.kernel());
            let rounded = kernel(&net).forward(&batch.kernel());
            let off = relative(&rounded, &single);
            assert!(off < 1e-2 && off > 1e-4, "{:?}: {off:e}", net.shape());
        }
    }

    #[test]
    fn a_sample_does_not_depend_on_its_batch_to_the_last_bit_either() {
        let device = Device::flex();
        let counts = [30, 1, 17, 16, 29, 30, 2, 30];
        let (all, one) = (Batch::new(&counts, 30), 30 * SHAPE.features);
        for net in networks(&device) {
            let kernel = kernel(&net);
            let together = kernel.forward(&all.kernel());
            for i in 0..counts.len() {
                let alone = CloudBatch {
                    x: &all.x[i * one..(i + 1) * one],
                    mask: &all.mask[i * 30..(i + 1) * 30],
                    noise: &all.noise[i..=i],
                    condition: &all.condition[i * SHAPE.conditions..(i + 1) * SHAPE.conditions],
                    pairs: &[],
                };
                assert_eq!(kernel.forward(&alone), together[i * one..(i + 1) * one], "sample {i}");
            }
        }
    }
}
