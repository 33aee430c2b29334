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
//!
//! Two departures, off unless asked for. Perceptrons see `d^2` through one weight per channel, from which they build narrow functions of a bond's
//! length slowly; with [`Spline`] the first layers add a cubic spline of `d` per channel, one for each kind of pair where pairs are known to be of
//! several kinds (bonds, angles, ...). And `phi_x` may be one more row on the message, as in arXiv:2102.09844, eq. 4, which halves the cost
//! of a pair.

use burn::{
    module::Module,
    nn::{Initializer, Linear, LinearConfig},
    tensor::{
        Device, Tensor,
        activation::{relu, sigmoid},
    },
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
    /// Splines of the distance in the first layers of the pairs' perceptrons; none in the published network.
    pub spline: Option<Spline>,
    /// Number of kinds of pairs, each with splines of its own; 1 if pairs are all alike, as they have to be without splines.
    pub kinds: usize,
    /// Whether `phi_x` is linear in the message instead of a perceptron of its own.
    pub shared: bool,
}

/// Uniform knots of cubic B-splines of the distance: `B((d - k s)/s)`, `k = 0 .. knots`, at spacing `s = reach/(knots - 1)`, with
/// `6 B(z) = (2 - |z|)_+^3 - 4 (1 - |z|)_+^3`; four of them are not zero at any distance (de Boor, A Practical Guide to Splines, 1978).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spline {
    /// Number of knots, at least two.
    pub knots: usize,
    /// Place of the last one, in units of the positions; splines end two spacings beyond it.
    pub reach: f64,
}

impl Spline {
    /// Distance between two knots.
    pub fn spacing(&self) -> f64 {
        self.reach / (self.knots.max(2) - 1) as f64
    }

    /// The basis at each distance, from its square: `[B, P, P, 1] -> [B, P, P, knots]`.
    fn basis(&self, squares: &Tensor<4>) -> Tensor<4> {
        let knots: Vec<f32> = (0..self.knots).map(|k| k as f32).collect();
        let knots = Tensor::<1>::from_floats(knots.as_slice(), &squares.device()).reshape([1, 1, 1, self.knots]);
        let z = ((squares.clone() + SOFT).sqrt().div_scalar(self.spacing()) - knots).abs();
        let cube = |edge: f64| {
            let rest = relu(z.clone().neg().add_scalar(edge));
            rest.clone() * rest.clone() * rest
        };
        (cube(2.0) - cube(1.0).mul_scalar(4.0)).div_scalar(6.0)
    }
}

impl EgnnConfig {
    /// Freshly initialised network; it leaves positions nearly where they are (last layers of `phi_x` of gain 1e-3).
    pub fn init(&self, device: &Device) -> Egnn {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let width = self.width;
        assert!(self.kinds == 1 || self.spline.is_some(), "kinds of pairs differ by their splines");
        // Only one kind is seen at a time, so weights are as large as those of one.
        let spline = |spline: Spline| Linear {
            weight: Initializer::KaimingUniform { gain: 1.0 / f64::sqrt(3.0), fan_out_only: false }.init_with(
                [self.kinds * spline.knots, width],
                Some(spline.knots),
                Some(width),
                device,
            ),
            bias: None,
        };
        let pair = || Pair {
            from: linear(width, width),
            to: linear(width, width),
            distances: linear(2, width),
            spline: self.spline.map(spline),
        };
        let small = Initializer::XavierUniform { gain: 1e-3 };
        let layer = |_| EgnnLayer {
            message: pair(),
            message_out: linear(width, width),
            attention: linear(width, 1),
            update: linear(2 * width, width),
            update_out: linear(width, width),
            shift: (!self.shared).then(pair),
            shift_hidden: (!self.shared).then(|| linear(width, width)),
            shift_out: LinearConfig::new(width, 1).with_bias(false).with_initializer(small.clone()).init(device),
        };
        Egnn {
            embedding: ConditionEmbedding::new(self.shape.conditions, self.global, device),
            input: linear(self.shape.features, width),
            start: linear(self.global, width),
            layers: (0..self.layers).map(layer).collect(),
            output: linear(width, self.shape.features),
            neighbours: self.neighbours,
            reach: self.spline.map_or(0.0, |spline| spline.reach),
            kinds: self.kinds,
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
    /// Place of the splines' last knot, if there are splines.
    reach: f64,
    /// Kinds of pairs.
    kinds: usize,
}

#[derive(Module, Debug)]
struct EgnnLayer {
    message: Pair,
    message_out: Linear,
    attention: Linear,
    update: Linear,
    update_out: Linear,
    shift: Option<Pair>,
    shift_hidden: Option<Linear>,
    shift_out: Linear,
}

/// The first layer of a perceptron of `(h_i, h_j, d_ij^2, d0_ij^2)`.
#[derive(Module, Debug)]
struct Pair {
    from: Linear,
    to: Linear,
    distances: Linear,
    spline: Option<Linear>,
}

/// What pairs see of their distance.
struct Near {
    /// `d_ij^2` and `d0_ij^2`, `[B, P, P, 2]`.
    squares: Tensor<4>,
    /// Splines of `d_ij`, of each kind, `[B, P, P, kinds knots]`; zero for all kinds but the pair's.
    basis: Option<Tensor<4>>,
}

impl Pair {
    /// `h` `[B, P, W] -> [B, P, P, W]`.
    fn forward(&self, h: &Tensor<3>, near: &Near) -> Tensor<4> {
        let from: Tensor<4> = self.from.forward(h.clone()).unsqueeze_dim(2);
        let to: Tensor<4> = self.to.forward(h.clone()).unsqueeze_dim(1);
        let sum = from + to + self.distances.forward(near.squares.clone());
        hard_swish(match (&self.spline, &near.basis) {
            (Some(spline), Some(basis)) => sum + spline.forward(basis.clone()),
            _ => sum,
        })
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
            spline: self.spline(),
            kinds: self.kinds,
            shared: self.layers.first().is_some_and(|layer| layer.shift.is_none()),
        }
    }

    fn spline(&self) -> Option<Spline> {
        let linear = self.layers.first()?.message.spline.as_ref()?;
        Some(Spline { knots: linear.weight.dims()[0] / self.kinds, reach: self.reach })
    }

    /// Raw output `F`: how far each atom moved, without the movement of the whole cloud, and new features; zero where the mask is zero.
    ///
    /// Turned, reflected or shifted positions give turned, reflected or the same movements and the same features; atoms in another order
    /// give the same in that order.
    ///
    /// # Shapes
    /// `mask` `[B, P, 1]`, 1 for an atom, 0 for padding; `noise` `[B, 1]`, the noise level as an O(1) number; `condition` `[B, C]`.
    pub fn forward(&self, atoms: Atoms, mask: Tensor<3>, noise: Tensor<2>, condition: Tensor<2>) -> Atoms {
        self.forward_on(atoms, None, mask, noise, condition)
    }

    /// [`Egnn::forward`] of atoms whose pairs are of the kinds `[B, P, P, kinds]`: 1 in the column of the pair's kind, 0 in the others, and in all for
    /// a pair that is not to be seen. Without kinds all pairs are of the first.
    pub fn forward_on(
        &self,
        atoms: Atoms,
        kinds: Option<Tensor<4>>,
        mask: Tensor<3>,
        noise: Tensor<2>,
        condition: Tensor<2>,
    ) -> Atoms {
        let Atoms { positions, features } = atoms;
        let [batch, count, _] = mask.dims();
        let mut pairs = self.pairs(&mask);
        if let Some(kinds) = &kinds {
            assert_eq!(kinds.dims(), [batch, count, count, self.kinds], "one column for each kind of pair");
            pairs = pairs * kinds.clone().sum_dim(3);
        }
        let (_, first) = differences(&positions);
        let context: Tensor<3> = self.start.forward(self.embedding.forward(noise, condition)).unsqueeze_dim(1);
        let mut h = (self.input.forward(features) + context) * mask.clone();
        let mut x = positions.clone();
        for layer in &self.layers {
            let (apart, squares) = differences(&x);
            let near = Near {
                squares: Tensor::cat(vec![squares.clone(), first.clone()], 3),
                basis: self.spline().map(|spline| self.of_kinds(spline.basis(&squares), kinds.as_ref())),
            };
            let m = hard_swish(layer.message_out.forward(layer.message.forward(&h, &near)));
            let heard = (sigmoid(layer.attention.forward(m.clone())) * pairs.clone() * m.clone()).sum_dim(2);
            let heard = heard.reshape([batch, count, h.dims()[2]]);
            let pull = match (&layer.shift, &layer.shift_hidden) {
                (Some(shift), Some(hidden)) => hard_swish(hidden.forward(shift.forward(&h, &near))),
                _ => m,
            };
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

    /// The basis in the columns of each pair's kind, `[B, P, P, knots] -> [B, P, P, kinds knots]`.
    fn of_kinds(&self, basis: Tensor<4>, kinds: Option<&Tensor<4>>) -> Tensor<4> {
        if self.kinds == 1 {
            return basis;
        }
        let [batch, count, _, knots] = basis.dims();
        let columns = (0..self.kinds).map(|kind| match kinds {
            Some(kinds) => basis.clone() * kinds.clone().slice([0..batch, 0..count, 0..count, kind..kind + 1]),
            None if kind == 0 => basis.clone(),
            None => Tensor::zeros([batch, count, count, knots], &basis.device()),
        });
        Tensor::cat(columns.collect(), 3)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splines_sum_to_one_and_reproduce_straight_lines_within_their_reach() {
        // Partition of unity, and sum_k k s B(d/s - k) = d: de Boor 1978, chapter IX.
        let spline = Spline { knots: 9, reach: 4.0 };
        let distances = [0.51, 0.7, 1.0, 1.9, 3.499];
        let squares = Tensor::<1>::from_floats(distances.map(|d: f32| d * d), &Device::flex()).reshape([1, 1, 5, 1]);
        let basis = spline.basis(&squares).into_data().try_to_vec::<f32>().unwrap();
        for (d, row) in distances.iter().zip(basis.chunks(9)) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let line: f32 = row.iter().enumerate().map(|(k, b)| 0.5 * k as f32 * b).sum();
            assert!((line - d).abs() < 1e-5, "{line} against {d}");
            assert!(row.iter().filter(|b| b.abs() > 1e-7).count() <= 4);
        }
    }
}
