//! The two networks of a generator where they run fastest: fused kernels on the CPU, tensors elsewhere.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Cloud;
use kernels::{CloudBatch, CloudKernel, Precision, TableBatch, TableKernel};
use nets::{AnyCloudNet, CloudNet, ResidualMlp, host};

/// The jet-level network and the cloud network on a device.
pub enum Networks {
    /// On the CPU.
    Kernels {
        /// The jet-level network.
        table: Box<TableKernel>,
        /// The cloud network.
        cloud: Box<CloudKernel>,
    },
    /// On other devices.
    Tensors {
        /// The jet-level network.
        table: Box<ResidualMlp>,
        /// The cloud network.
        cloud: Box<AnyCloudNet>,
    },
}

impl Networks {
    /// Networks that live on `device`.
    pub fn new(table: ResidualMlp, cloud: AnyCloudNet, device: &Device) -> Networks {
        if *device == Device::flex() {
            Networks::Kernels { table: Box::new(TableKernel::new(&table)), cloud: Box::new(CloudKernel::new(&cloud)) }
        } else {
            Networks::Tensors { table: Box::new(table), cloud: Box::new(cloud) }
        }
    }

    /// The same with numbers of the cloud network's products in this precision, where kernels compute them; the jet-level network, whose
    /// outputs set mass and multiplicity, stays in single precision.
    pub fn with_precision(mut self, precision: Precision) -> Networks {
        if let Networks::Kernels { cloud, .. } = &mut self {
            cloud.set_precision(precision);
        }
        self
    }

    /// Output of the jet-level network, `[B, F]`, at one noise level.
    pub fn table(&self, x: Tensor<2>, noise: f64, condition: &Tensor<2>) -> Tensor<2> {
        let ([rows, columns], device) = (x.dims(), x.device());
        match self {
            Networks::Tensors { table, .. } => table.forward(x, levels(&vec![noise; rows], &device), condition.clone()),
            Networks::Kernels { table, .. } => {
                let (x, condition) = (host(x), host(condition.clone()));
                let output =
                    table.forward(&TableBatch { x: &x, noise: &vec![noise as f32; rows], condition: &condition });
                Tensor::from_data(TensorData::new(output, [rows, columns]), &device)
            }
        }
    }

    /// Output of the cloud network at one noise level per row.
    pub fn cloud(&self, state: Cloud, noise: &[f64], condition: &Tensor<2>) -> Cloud {
        match self {
            Networks::Kernels { cloud, .. } => kernel_cloud(cloud, state, noise, condition),
            Networks::Tensors { cloud, .. } => tensor_cloud(cloud, state, noise, condition),
        }
    }
}

/// Output of a cloud network on the CPU at one noise level per row.
pub fn kernel_cloud(kernel: &CloudKernel, state: Cloud, noise: &[f64], condition: &Tensor<2>) -> Cloud {
    let ([rows, particles, features], device) = (state.x.dims(), state.x.device());
    let Cloud { x, mask } = state;
    let noise: Vec<f32> = noise.iter().map(|&n| n as f32).collect();
    let batch = CloudBatch {
        x: &host(x),
        mask: &host(mask.clone()),
        noise: &noise,
        condition: &host(condition.clone()),
        pairs: &[],
    };
    let x = Tensor::from_data(TensorData::new(kernel.forward(&batch), [rows, particles, features]), &device);
    Cloud { x, mask }
}

/// Output of a cloud network of tensors at one noise level per row.
pub fn tensor_cloud(net: &AnyCloudNet, state: Cloud, noise: &[f64], condition: &Tensor<2>) -> Cloud {
    let Cloud { x, mask } = state;
    let levels = levels(noise, &x.device());
    Cloud { x: net.forward(x, mask.clone(), levels, condition.clone()), mask }
}

/// The conditions of a cloud network that is told the length of each sample's step, its last column
/// ([`step_length`](diffusion::distil::step_length)).
pub fn with_lengths(condition: &Tensor<2>, lengths: &[f64]) -> Tensor<2> {
    Tensor::cat(vec![condition.clone(), levels(lengths, &condition.device())], 1)
}

/// Noise levels, or lengths, as a network is told them, `[B, 1]`.
fn levels(noise: &[f64], device: &Device) -> Tensor<2> {
    let levels: Vec<f32> = noise.iter().map(|&n| n as f32).collect();
    Tensor::from_data(TensorData::new(levels, [noise.len(), 1]), device)
}
