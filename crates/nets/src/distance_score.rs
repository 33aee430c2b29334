//! Scores of interatomic distances, and what they say of positions: the network of ConfGF (Shi, Luo, Xu & Tang, arXiv:2105.03902).
//!
//! For the links `e = (i, j)` of molecular graphs, at distances `d_e`:
//!
//! 1. `h_i = A[kind of atom]`, `m_e = L[kind of link] * phi_d(d_e)`
//! 2. layer (GIN with edges, arXiv:1905.12265): `h_i <- h_i + phi(h_i + sum_{e = (i, j)} relu(h_j + m_e))`
//! 3. `score_e = phi_s(h_i * h_j, m_e) / sigma`, the derivative of `ln p(d)` by `d_e` at noise `sigma` (eq. 7 and 8)
//! 4. `score_i = sum_{e = (i, j)} score_e (x_i - x_j) / d_e`, the chain rule to positions (eq. 4)
//!
//! Distances do not change when a molecule turns, moves or is mirrored, so the scores of atoms turn with it.

use burn::{
    module::Module,
    nn::{Embedding, EmbeddingConfig, Linear, LinearConfig},
    tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData, activation::relu},
};

/// Keeps the direction between two atoms finite where they meet.
const SOFT: f64 = 1e-12;

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

/// Configuration of [`DistanceScore`]; ConfGF has width 256 and 4 layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistanceScoreConfig {
    /// Number of kinds of atoms.
    pub atoms: usize,
    /// Number of kinds of links.
    pub links: usize,
    /// Width of the vectors of atoms and links; even.
    pub width: usize,
    /// Number of layers.
    pub layers: usize,
}

impl DistanceScoreConfig {
    /// Freshly initialised network.
    pub fn init(&self, device: &Device) -> DistanceScore {
        let width = self.width;
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        DistanceScore {
            atoms: EmbeddingConfig::new(self.atoms, width).init(device),
            links: EmbeddingConfig::new(self.links, width).init(device),
            distance: linear(1, width),
            distance_out: linear(width, width),
            layers: (0..self.layers)
                .map(|_| GinLayer { hidden: linear(width, width), out: linear(width, width) })
                .collect(),
            head: linear(2 * width, width),
            head_hidden: linear(width, width / 2),
            head_out: linear(width / 2, 1),
        }
    }
}

/// Graph network that answers with one number per link; see the module's head.
#[derive(Module, Debug)]
pub struct DistanceScore {
    atoms: Embedding,
    links: Embedding,
    distance: Linear,
    distance_out: Linear,
    layers: Vec<GinLayer>,
    head: Linear,
    head_hidden: Linear,
    head_out: Linear,
}

#[derive(Module, Debug)]
struct GinLayer {
    hidden: Linear,
    out: Linear,
}

impl DistanceScore {
    /// The configuration that makes a network of this shape.
    pub fn config(&self) -> DistanceScoreConfig {
        let [atoms, width] = self.atoms.weight.dims();
        DistanceScoreConfig { atoms, links: self.links.weight.dims()[0], width, layers: self.layers.len() }
    }

    /// `sigma score_e` of each link, `[E, 1]`: what is divided by the noise to be the score of its distance.
    ///
    /// # Shapes
    /// `distances` `[E, 1]`, in Angstrom; noisy ones may be negative.
    pub fn forward(&self, links: &Links, distances: Tensor<2>) -> Tensor<2> {
        let rows = |table: &Embedding, kinds: &Tensor<1, Int>| table.weight.val().select(0, kinds.clone());
        let m = rows(&self.links, &links.kinds) * self.distance_out.forward(relu(self.distance.forward(distances)));
        let mut h = rows(&self.atoms, &links.atoms);
        for (index, layer) in self.layers.iter().enumerate() {
            let from = relu(h.clone().select(0, links.to.clone()) + m.clone());
            let to = relu(h.clone().select(0, links.from.clone()) + m.clone());
            let update = layer.out.forward(relu(layer.hidden.forward(h.clone() + links.gather(from, to))));
            // The last layer's output is not rectified.
            h = h + if index + 1 < self.layers.len() { relu(update) } else { update };
        }
        let both = h.clone().select(0, links.from.clone()) * h.select(0, links.to.clone());
        let hidden = relu(self.head.forward(Tensor::cat(vec![both, m], 1)));
        self.head_out.forward(relu(self.head_hidden.forward(hidden)))
    }
}
