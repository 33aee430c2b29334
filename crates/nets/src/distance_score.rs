//! Scores of interatomic distances, and what they say of positions (Shi, Luo, Xu & Tang, ConfGF, arXiv:2105.03902).
//!
//! For the links `e = (i, j)` of molecular graphs, at distances `d_e`, and a noise level:
//!
//! 1. `h_i = A[kind of atom]`, `m_e = phi_d(L[kind of link], Gaussians of d_e, d_e, noise)`
//! 2. layer: `u_e = relu(W h_i + W h_j + V m_e)`, `m_e <- m_e + U u_e`, `h_i <- h_i + phi(h_i, sum_{e = (i, j)} u_e / 8)`
//! 3. `slope_e = phi_s(h_i + h_j, m_e)`, the derivative by `d_e` (eq. 7 and 8)
//! 4. `pull_i = sum_{e = (i, j)} slope_e (x_i - x_j) / d_e`, the chain rule to positions (eq. 4)
//!
//! Distances do not change when a molecule turns, moves or is mirrored, so the pulls turn with it. Two things differ from the published
//! network: it is told the noise, which that one has to read off distances whose own spread is larger; and links have states of their own, so that
//! several distances can tell what one does not.

use burn::{
    module::Module,
    nn::{Embedding, EmbeddingConfig, Initializer, Linear, LinearConfig},
    tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData, activation::relu},
};

use crate::FourierEmbedding;

/// Keeps the direction between two atoms finite where they meet.
const SOFT: f64 = 1e-12;
/// What sums over the links of an atom are divided by.
const NEIGHBOURS: f64 = 8.0;
/// Octaves of the noise level.
const OCTAVES: usize = 3;

/// Links between atoms of one or several molecules, each once.
#[derive(Clone, Debug)]
pub struct Links {
    /// Kind of each atom, `[N]`.
    pub atoms: Tensor<1, Int>,
    /// Kind of each link, `[E]`.
    pub kinds: Tensor<1, Int>,
    /// One end of each link, `[E]`.
    pub from: Tensor<1, Int>,
    /// The other end, `[E]`.
    pub to: Tensor<1, Int>,
}

impl Links {
    /// Kinds of atoms, and links as `(atom, atom, kind)`.
    pub fn new(atoms: &[usize], links: &[(usize, usize, usize)], device: &Device) -> Links {
        let tensor = |values: Vec<i32>| {
            let count = values.len();
            Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device)
        };
        Links {
            atoms: tensor(atoms.iter().map(|&a| a as i32).collect()),
            kinds: tensor(links.iter().map(|l| l.2 as i32).collect()),
            from: tensor(links.iter().map(|l| l.0 as i32).collect()),
            to: tensor(links.iter().map(|l| l.1 as i32).collect()),
        }
    }

    /// `x_i - x_j` of each link, `[E, 3]`, and its length, `[E, 1]`, at positions `[N, 3]`.
    pub fn apart(&self, positions: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let apart = positions.clone().select(0, self.from.clone()) - positions.clone().select(0, self.to.clone());
        let length = (apart.clone() * apart.clone()).sum_dim(1).add_scalar(SOFT).sqrt();
        (apart, length)
    }

    /// Derivatives by positions, `[N, 3]`, of something whose derivatives by distances are `slopes`, `[E, 1]`.
    pub fn chain(&self, positions: &Tensor<2>, slopes: Tensor<2>) -> Tensor<2> {
        let (apart, length) = self.apart(positions);
        let pull = apart / length * slopes;
        self.gather(pull.clone(), pull.neg())
    }

    /// Sums over the links of each atom: of `from` where it is the first end, of `to` where the second.
    fn gather(&self, from: Tensor<2>, to: Tensor<2>) -> Tensor<2> {
        let [_, columns] = from.dims();
        let zeros = Tensor::<2>::zeros([self.atoms.dims()[0], columns], &from.device());
        zeros.select_assign(0, self.from.clone(), from, IndexingUpdateOp::Add).select_assign(
            0,
            self.to.clone(),
            to,
            IndexingUpdateOp::Add,
        )
    }
}

/// Configuration of [`DistanceScore`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistanceScoreConfig {
    /// Number of kinds of atoms.
    pub atoms: usize,
    /// Number of kinds of links.
    pub links: usize,
    /// Width of the vectors of atoms and links.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
    /// Number of Gaussians of the distance, at least 2.
    pub knots: usize,
    /// Centre of the last one; the first is at 0.
    pub reach: f64,
}

impl DistanceScoreConfig {
    /// Freshly initialised network, whose slopes are zero.
    pub fn init(&self, device: &Device) -> DistanceScore {
        let width = self.width;
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let noise = FourierEmbedding::new(OCTAVES);
        DistanceScore {
            knots: self.knots,
            reach: self.reach,
            atoms: EmbeddingConfig::new(self.atoms, width).init(device),
            links: EmbeddingConfig::new(self.links, width).init(device),
            distance: linear(self.knots + 1 + noise.width(), width),
            distance_out: linear(width, width),
            noise,
            layers: (0..self.layers)
                .map(|_| Layer {
                    atom: linear(width, width),
                    link: linear(width, width),
                    link_out: linear(width, width),
                    hidden: linear(2 * width, width),
                    out: linear(width, width),
                })
                .collect(),
            head_atom: linear(width, width),
            head_link: linear(width, width),
            head_out: LinearConfig::new(width, 1).with_initializer(Initializer::Zeros).init(device),
        }
    }
}

/// Graph network that answers with one number per link; see the module's head.
#[derive(Module, Debug)]
pub struct DistanceScore {
    knots: usize,
    reach: f64,
    atoms: Embedding,
    links: Embedding,
    noise: FourierEmbedding,
    distance: Linear,
    distance_out: Linear,
    layers: Vec<Layer>,
    head_atom: Linear,
    head_link: Linear,
    head_out: Linear,
}

#[derive(Module, Debug)]
struct Layer {
    atom: Linear,
    link: Linear,
    link_out: Linear,
    hidden: Linear,
    out: Linear,
}

impl DistanceScore {
    /// Slope of each link, `[E, 1]`.
    ///
    /// # Shapes
    /// `distances` `[E, 1]` in units of about the spread of positions, noisy ones may be negative; `noise` `[E, 1]`, the noise level of the
    /// link's molecule as a number of order one.
    pub fn forward(&self, links: &Links, distances: Tensor<2>, noise: Tensor<2>) -> Tensor<2> {
        let rows = |table: &Embedding, kinds: &Tensor<1, Int>| table.weight.val().select(0, kinds.clone());
        let ends =
            |of_atoms: Tensor<2>| of_atoms.clone().select(0, links.from.clone()) + of_atoms.select(0, links.to.clone());
        let seen = Tensor::cat(vec![self.gaussians(distances.clone()), distances, self.noise.forward(noise)], 1);
        let mut m = self.distance_out.forward(relu(self.distance.forward(seen) + rows(&self.links, &links.kinds)));
        let mut h = rows(&self.atoms, &links.atoms);
        for layer in &self.layers {
            let message = relu(ends(layer.atom.forward(h.clone())) + layer.link.forward(m.clone()));
            m = m + layer.link_out.forward(message.clone());
            let sum = links.gather(message.clone(), message).div_scalar(NEIGHBOURS);
            h = h.clone() + layer.out.forward(relu(layer.hidden.forward(Tensor::cat(vec![h, sum], 1))));
        }
        self.head_out.forward(relu(ends(self.head_atom.forward(h)) + self.head_link.forward(m)))
    }

    /// `exp(-(d - c_k)^2 / 2 w^2)` at evenly spaced centres, as wide as they are apart, `[E, K]`.
    fn gaussians(&self, distances: Tensor<2>) -> Tensor<2> {
        let width = self.reach / (self.knots - 1) as f64;
        let centres: Vec<f32> = (0..self.knots).map(|k| k as f32).collect();
        let centres = Tensor::<1>::from_floats(centres.as_slice(), &distances.device()).reshape([1, self.knots]);
        let off = distances.div_scalar(width) - centres;
        (off.clone() * off).mul_scalar(-0.5).exp()
    }
}
