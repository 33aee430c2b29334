//! A network's parameters as one flat vector, in a fixed order, with their names and shapes.
//!
//! Optimiser, exponential moving average, checkpoints and weight files all work on this vector; so does the sum of
//! gradients over the shards of a batch, whose fixed order makes training independent of the number of threads.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Gradients, Tensor, TensorData},
};

/// Name and shape of one parameter tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterInfo {
    /// Dotted path inside the network, e.g. `layers.0.local_in.weight`.
    pub name: String,
    /// Shape; linear weights are stored as `[inputs, outputs]`.
    pub shape: Vec<usize>,
}

#[derive(Default)]
struct Inventory {
    path: Vec<String>,
    found: Vec<ParameterInfo>,
}

impl ModuleVisitor for Inventory {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push(ParameterInfo { name: self.path.join("."), shape: param.lazy_shape().to_vec() });
    }
}

/// Names and shapes of all parameters, in the order of [`values`].
pub fn inventory<M: Module>(module: &M) -> Vec<ParameterInfo> {
    let mut visitor = Inventory::default();
    module.visit(&mut visitor);
    visitor.found
}

/// A tensor's numbers, row-major.
///
/// # Panics
/// If they are not of single precision, which all networks here compute in.
pub fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("networks compute in single precision")
}

struct Values(Vec<f32>);

impl ModuleVisitor for Values {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.extend(host(param.val()));
    }
}

/// All parameters, one tensor after another, row-major.
pub fn values<M: Module>(module: &M) -> Vec<f32> {
    let mut visitor = Values(Vec::new());
    module.visit(&mut visitor);
    visitor.0
}

struct Load<'a>(&'a [f32]);

impl ModuleMapper for Load<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|old| {
            let shape = old.dims();
            let (head, rest) = self.0.split_at(shape.iter().product());
            self.0 = rest;
            let tensor = Tensor::from_data(TensorData::new(head.to_vec(), shape), &old.device());
            if old.is_require_grad() { tensor.require_grad() } else { tensor }
        })
    }
}

/// The network with all parameters replaced by `flat` (the order of [`values`]).
///
/// # Panics
/// If `flat` has another length than the network's parameters: callers check shapes against [`inventory`] first.
pub fn load<M: Module>(module: M, flat: &[f32]) -> M {
    assert_eq!(flat.len(), module.num_params(), "flat parameters of another network");
    module.map(&mut Load(flat))
}

/// The parameters of a network for one of the same kind with more inputs, which starts as the same function: the weights of what is
/// new, the last inputs of a layer, are zero. `None` unless the networks differ in this alone.
pub fn widened(flat: &[f32], from: &[ParameterInfo], to: &[ParameterInfo]) -> Option<Vec<f32>> {
    let size = |info: &ParameterInfo| info.shape.iter().product::<usize>();
    let fits = |(a, b): (&ParameterInfo, &ParameterInfo)| a.name == b.name && takes_over(&a.shape, &b.shape);
    if from.len() != to.len() || !from.iter().zip(to).all(fits) || from.iter().map(size).sum::<usize>() != flat.len() {
        return None;
    }
    let (mut wide, mut rest) = (Vec::new(), flat);
    for (a, b) in from.iter().zip(to) {
        let (head, tail) = rest.split_at(size(a));
        rest = tail;
        wide.extend_from_slice(head);
        wide.resize(wide.len() + size(b) - size(a), 0.0);
    }
    Some(wide)
}

/// The parameters `flat` of a network with those of another one in place of its own where it has them, and how many arrays these are: arrays of the same name
/// and shape, or with fewer inputs, for which the weights of what is new are zero as in [`widened`]. `other` knows shapes and numbers by name.
pub fn adopted<'a>(
    flat: &[f32],
    of: &[ParameterInfo],
    other: impl Fn(&str) -> Option<(&'a [usize], &'a [f32])>,
) -> (Vec<f32>, usize) {
    let (mut all, mut rest, mut count) = (Vec::with_capacity(flat.len()), flat, 0);
    for info in of {
        let (own, tail) = rest.split_at(info.shape.iter().product());
        rest = tail;
        match other(&info.name).filter(|(shape, _)| takes_over(shape, &info.shape)) {
            Some((_, theirs)) => {
                all.extend_from_slice(theirs);
                all.resize(all.len() + own.len() - theirs.len(), 0.0);
                count += 1;
            }
            None => all.extend_from_slice(own),
        }
    }
    (all, count)
}

/// Whether an array of the first shape can stand in one of the second: the same, or a matrix of fewer inputs.
fn takes_over(from: &[usize], to: &[usize]) -> bool {
    from == to || (from.len() == 2 && to.len() == 2 && from[1] == to[1] && from[0] < to[0])
}

struct GradientsOf<'a>(&'a Gradients, Vec<f32>);

impl ModuleVisitor for GradientsOf<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        match tensor.grad(self.0) {
            Some(gradient) => self.1.extend(host(gradient)),
            None => self.1.extend(std::iter::repeat_n(0.0, tensor.shape().num_elements())),
        }
    }
}

/// Gradients of all parameters in the order of [`values`]; zero where the loss does not depend on a parameter.
pub fn gradients<M: Module>(module: &M, gradients: &Gradients) -> Vec<f32> {
    let mut visitor = GradientsOf(gradients, Vec::new());
    module.visit(&mut visitor);
    visitor.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CloudNet, CloudShape, ResidualMlpConfig};
    use burn::tensor::Device;

    #[test]
    fn parameters_survive_the_round_trip_through_the_flat_vector() {
        let device = Device::flex();
        let net = ResidualMlpConfig { features: 2, conditions: 1, width: 8, layers: 2 }.init(&device);
        let flat: Vec<f32> = (0..net.num_params()).map(|i| i as f32).collect();
        let net = load(net, &flat);
        assert_eq!(values(&net), flat);
        let total: usize = inventory(&net).iter().map(|p| p.shape.iter().product::<usize>()).sum();
        assert_eq!(total, flat.len());
        let names: Vec<String> = inventory(&net).into_iter().map(|p| p.name).collect();
        assert!(names.contains(&"blocks.1.first.weight".to_string()), "{names:?}");
    }

    /// The arrays by name, with their shapes.
    fn tensors(flat: &[f32], of: &[ParameterInfo]) -> std::collections::HashMap<String, (Vec<usize>, Vec<f32>)> {
        let mut rest = flat;
        let cut = |info: &ParameterInfo| {
            let (head, tail) = rest.split_at(info.shape.iter().product());
            rest = tail;
            (info.name.clone(), (info.shape.clone(), head.to_vec()))
        };
        of.iter().map(cut).collect()
    }

    #[test]
    fn a_widened_network_is_the_same_function_whatever_it_is_told_besides() {
        let device = Device::flex();
        let init = |conditions: usize, layers: usize| {
            let config = crate::ParticleTransformerConfig {
                shape: CloudShape { features: 3, conditions },
                width: 16,
                heads: 2,
                layers,
                global: 8,
            };
            crate::AnyCloudNet::transformer(&config, &device)
        };
        let shaken = |net: &crate::AnyCloudNet| -> Vec<f32> {
            values(net).iter().enumerate().map(|(i, v)| v + 0.1 * (i as f32).sin()).collect()
        };
        let (narrow, wide) = (init(2, 1), init(3, 1));
        let flat = shaken(&narrow);
        let wider = widened(&flat, &inventory(&narrow), &inventory(&wide)).unwrap();
        let (narrow, wide) = (load(narrow, &flat), load(wide, &wider));
        let x = Tensor::<3>::from_floats([[[0.3, -1.0, 0.5], [1.2, 0.1, -0.4]]], &device);
        let (mask, noise) = (Tensor::ones([1, 2, 1], &device), Tensor::from_floats([[0.7]], &device));
        let answer = |net: &crate::AnyCloudNet, condition: Tensor<2>| {
            host(net.forward(x.clone(), mask.clone(), noise.clone(), condition))
        };
        let before = answer(&narrow, Tensor::from_floats([[0.2, -0.9]], &device));
        for told in [0.0, 0.4, 1.0] {
            let after = answer(&wide, Tensor::from_floats([[0.2, -0.9, told]], &device));
            assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-6 && a.abs() > 1e-3));
        }
        // What a network of another depth shares with it is taken over, the rest stays.
        let (deep, own) = (init(3, 2), inventory(&init(3, 2)));
        let theirs = tensors(&flat, &inventory(&narrow));
        let other = |name: &str| theirs.get(name).map(|(shape, data)| (&shape[..], &data[..]));
        let initial = shaken(&deep);
        let (mixed, taken) = adopted(&initial, &own, other);
        assert_eq!((taken, mixed.len()), (theirs.len(), initial.len()));
        let (initial, shared) = (tensors(&initial, &own), tensors(&wider, &inventory(&wide)));
        for (name, array) in tensors(&mixed, &own) {
            assert_eq!(&array, shared.get(&name).unwrap_or_else(|| &initial[&name]), "{name}");
        }
        assert_eq!(adopted(&flat, &inventory(&narrow), |_| Some((&[1, 1, 1], &[0.0]))), (flat.clone(), 0));
        // Other depths, fewer inputs and other lengths are no widening.
        assert_eq!(widened(&flat, &inventory(&narrow), &inventory(&init(3, 2))), None);
        assert_eq!(widened(&wider, &inventory(&wide), &inventory(&narrow)), None);
        assert_eq!(widened(&flat[1..], &inventory(&narrow), &inventory(&wide)), None);
    }
}
