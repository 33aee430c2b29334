//! E(n)-equivariant graph network on all pairs: positions turn with the cloud, features do not.
//!
//! Layer, for atoms `i != j` at distance `d_ij`, with `d0_ij` that of the input and `phi` perceptrons of one hidden layer:
//!
//! 1. `m_ij = phi_e(h_i, h_j, d_ij^2, d0_ij^2)`, attention `e_ij = sigmoid(phi_a(m_ij))`
//! 2. `h_i <- h_i + phi_h(h_i, sum_j e_ij m_ij / N)`
//! 3. `x_i <- x_i + sum_j (x_i - x_j)/(d_ij + 1) phi_x(h_i, h_j, d_ij^2, d0_ij^2) / N`
//!
//! Satorras, Hoogeboom & Welling, arXiv:2102.09844, eqs. 3 to 6, as Hoogeboom et al., arXiv:2203.17003, eq. 12 and appendix B,
//! use it for molecules. The first matrices of `phi_e` and `phi_x` act on atoms before these are paired, so a pair costs no product with `2 h`.

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor, activation::sigmoid},
};

use crate::{CloudShape, ConditionEmbedding, hard_swish};

/// Keeps the distance differentiable where two atoms meet.
const SOFT: f64 = 1e-8;

/// Configuration of [`Egnn`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EgnnConfig {
    /// Invariant features per atom (at least one) and condition columns.
    pub shape: CloudShape,
    /// Width of an atom's vector and of a message.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Width of the condition embedding.
    pub global: usize,
    /// `N`, what sums over neighbours are divided by: about their number. A constant, so that an atom feels how many there are.
    pub neighbours: f64,
}

impl EgnnConfig {
    /// Freshly initialised network; it leaves positions nearly where they are (last layers of `phi_x` of gain 1e-3).
    pub fn init(&self, device: &Device) -> Egnn {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let width = self.width;
        let pair = || Pair { from: linear(width, width), to: linear(width, width), distances: linear(2, width) };
        let small = Initializer::XavierUniform { gain: 1e-3 };
        let layer = |_| EgnnLayer {
            message: pair(),
            message_out: linear(width, width),
            attention: linear(width, 1),
            update: linear(2 * width, width),
            update_out: linear(width, width),
            shift: pair(),
            shift_hidden: linear(width, width),
            shift_out: LinearConfig::new(width, 1).with_bias(false).with_initializer(small.clone()).init(device),
        };
        Egnn {
            embedding: ConditionEmbedding::new(self.shape.conditions, self.global, device),
            input: linear(self.shape.features, width),
            start: linear(self.global, width),
            layers: (0..self.layers).map(layer).collect(),
            output: linear(width, self.shape.features),
            neighbours: self.neighbours,
        }
    }
}

/// E(n)-equivariant graph network; see the module's head for a layer.
#[derive(Module, Debug)]
pub struct Egnn {
    embedding: ConditionEmbedding,
    input: Linear,
    start: Linear,
    layers: Vec<EgnnLayer>,
    output: Linear,
    neighbours: f64,
}

#[derive(Module, Debug)]
struct EgnnLayer {
    message: Pair,
    message_out: Linear,
    attention: Linear,
    update: Linear,
    update_out: Linear,
    shift: Pair,
    shift_hidden: Linear,
    shift_out: Linear,
}

/// The first layer of a perceptron of `(h_i, h_j, d_ij^2, d0_ij^2)`.
#[derive(Module, Debug)]
struct Pair {
    from: Linear,
    to: Linear,
    distances: Linear,
}

impl Pair {
    /// `h` `[B, P, W]`, `distances` `[B, P, P, 2]` `-> [B, P, P, W]`.
    fn forward(&self, h: &Tensor<3>, distances: &Tensor<4>) -> Tensor<4> {
        let from: Tensor<4> = self.from.forward(h.clone()).unsqueeze_dim(2);
        let to: Tensor<4> = self.to.forward(h.clone()).unsqueeze_dim(1);
        hard_swish(from + to + self.distances.forward(distances.clone()))
    }
}

/// A cloud of atoms: where they are, and what they are.
#[derive(Clone, Debug)]
pub struct Atoms {
    /// Positions, `[B, P, 3]`, or in any other number of dimensions.
    pub positions: Tensor<3>,
    /// Invariant features, `[B, P, F]`.
    pub features: Tensor<3>,
}

impl Egnn {
    /// The configuration that makes a network of this shape.
    pub fn config(&self) -> EgnnConfig {
        let [features, width] = self.input.weight.dims();
        EgnnConfig {
            shape: CloudShape { features, conditions: self.embedding.conditions() },
            width,
            layers: self.layers.len(),
            global: self.start.weight.dims()[0],
            neighbours: self.neighbours,
        }
    }

    /// Raw output `F`: how far each atom moved, without the movement of the whole cloud, and new features; zero where the mask is zero.
    ///
    /// Turned, reflected or shifted positions give turned, reflected or the same movements and the same features; atoms in another order
    /// give the same in that order.
    ///
    /// # Shapes
    /// `mask` `[B, P, 1]`, 1 for an atom, 0 for padding; `noise` `[B, 1]`, the noise level as an O(1) number; `condition` `[B, C]`.
    pub fn forward(&self, atoms: Atoms, mask: Tensor<3>, noise: Tensor<2>, condition: Tensor<2>) -> Atoms {
        let Atoms { positions, features } = atoms;
        let [batch, count, _] = mask.dims();
        let pairs = self.pairs(&mask);
        let (_, first) = differences(&positions);
        let context: Tensor<3> = self.start.forward(self.embedding.forward(noise, condition)).unsqueeze_dim(1);
        let mut h = (self.input.forward(features) + context) * mask.clone();
        let mut x = positions.clone();
        for layer in &self.layers {
            let (apart, squares) = differences(&x);
            let distances = Tensor::cat(vec![squares.clone(), first.clone()], 3);
            let m = hard_swish(layer.message_out.forward(layer.message.forward(&h, &distances)));
            let heard = (sigmoid(layer.attention.forward(m.clone())) * pairs.clone() * m).sum_dim(2);
            let heard = heard.reshape([batch, count, h.dims()[2]]);
            let pull = hard_swish(layer.shift_hidden.forward(layer.shift.forward(&h, &distances)));
            let pull = layer.shift_out.forward(pull) * pairs.clone() / (squares + SOFT).sqrt().add_scalar(1.0);
            let size = x.dims();
            x = x + (apart * pull).sum_dim(2).reshape(size);
            let update = hard_swish(layer.update.forward(Tensor::cat(vec![h.clone(), heard], 2)));
            h = (h + layer.update_out.forward(update)) * mask.clone();
        }
        let atoms = mask.clone().sum_dim(1).clamp_min(1.0);
        let moved = (x - positions) * mask.clone();
        let together = moved.clone().sum_dim(1) / atoms;
        Atoms { positions: (moved - together) * mask.clone(), features: self.output.forward(h) * mask }
    }

    /// `1/N` for two different atoms, `[B, P, P, 1]`, zero for all other pairs.
    fn pairs(&self, mask: &Tensor<3>) -> Tensor<4> {
        let [_, count, _] = mask.dims();
        let others: Tensor<4> = (Tensor::<2>::ones([count, count], &mask.device())
            - Tensor::<2>::eye(count, &mask.device()))
        .reshape([1, count, count, 1]);
        let (from, to): (Tensor<4>, Tensor<4>) = (mask.clone().unsqueeze_dim(2), mask.clone().unsqueeze_dim(1));
        from * to * others.div_scalar(self.neighbours)
    }
}

/// `x_i - x_j`, `[B, P, P, D]`, and its square, `[B, P, P, 1]`.
fn differences(x: &Tensor<3>) -> (Tensor<4>, Tensor<4>) {
    let (from, to): (Tensor<4>, Tensor<4>) = (x.clone().unsqueeze_dim(2), x.clone().unsqueeze_dim(1));
    let apart = from - to;
    (apart.clone(), (apart.clone() * apart).sum_dim(3))
}
