//! Noise on positions, in the subspace of a resting centre, as everywhere in the core: what the equivariant network is asked of a batch, and
//! what it learns. Positions are in units of their spread, behind them come the constant features of atoms ([`super::description`]).

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{Objective, Rng, Space};
use kernels::{CloudBatch, CloudKernel, NO_PAIR};
use nets::{Atoms, Egnn};

use super::Ensemble;
use super::data::Conformer;
use super::description::{FEATURES, PAIR_KINDS};
use super::recipe::ConformerRecipe;
use crate::Error;
use crate::molecules::encoding::SPACE;
use crate::molecules::question::{cloud, mask};
use crate::train::{Stage, clouds};

/// Columns of an atom.
pub const COLUMNS: usize = SPACE + FEATURES;

/// What the network is told of some molecules.
#[derive(Clone, Debug)]
pub struct Told {
    /// Network input without positions, `[B, P, COLUMNS]`.
    pub input: Vec<f32>,
    /// 1 for an atom, `[B, P]`.
    pub mask: Vec<f32>,
    /// Kinds of pairs, `[B, P, P]`.
    pub pairs: Vec<u8>,
    /// P.
    pub capacity: usize,
}

impl Told {
    /// Of these molecules.
    pub fn new(molecules: &[&Ensemble]) -> Told {
        let sizes: Vec<usize> = molecules.iter().map(|molecule| molecule.graph.len()).collect();
        let capacity = sizes.iter().copied().max().unwrap_or(0);
        let mut input = vec![0.0; molecules.len() * capacity * COLUMNS];
        let mut pairs = vec![NO_PAIR; molecules.len() * capacity * capacity];
        for (b, (molecule, &n)) in molecules.iter().zip(&sizes).enumerate() {
            let description = &molecule.description;
            for i in 0..n {
                let row = b * capacity + i;
                let features = &description.features[i * FEATURES..(i + 1) * FEATURES];
                input[row * COLUMNS + SPACE..(row + 1) * COLUMNS].copy_from_slice(features);
                let kinds = &description.kinds[i * n..(i + 1) * n];
                pairs[row * capacity..row * capacity + n].copy_from_slice(kinds);
            }
        }
        Told { input, mask: mask(&sizes, capacity), pairs, capacity }
    }

    /// The kernel's view at these noise levels.
    pub fn batch<'a>(&'a self, input: &'a [f32], noise: &'a [f32]) -> CloudBatch<'a> {
        CloudBatch { x: input, mask: &self.mask, noise, condition: &[], pairs: &self.pairs }
    }
}

/// A batch of noised conformers, and how their atoms should move.
struct Question {
    told: Told,
    /// Network input, `[B, P, COLUMNS]`.
    input: Vec<f32>,
    /// What it should return, `[B, P, 3]`.
    target: Vec<f32>,
    /// Weight of each conformer's mean squared error, `[B]`.
    weight: Vec<f32>,
    /// `[B]`.
    noise: Vec<f32>,
}

impl Question {
    /// Row `r` is noised as sample `rng.first + r`.
    fn new(objective: &Objective, rows: &[Conformer], spread: f64, rng: &mut Rng) -> Result<Question, Error> {
        let molecules: Vec<&Ensemble> = rows.iter().map(|row| &*row.molecule).collect();
        let told = Told::new(&molecules);
        let drawn = objective.draw(rng, rows.len())?;
        let shape = [rows.len(), told.capacity, SPACE];
        let zeros = cloud(vec![0.0; shape.iter().product()], &told.mask, shape, &Device::flex());
        let noise = nets::host(zeros.randn_like(rng).cloud.x);
        let (mut input, mut target) = (told.input.clone(), vec![0.0; noise.len()]);
        for (b, (row, drawn)) in rows.iter().zip(&drawn).enumerate() {
            for (i, x) in row.centred().iter().enumerate() {
                let atom = b * told.capacity + i;
                for (k, x) in x.iter().enumerate() {
                    let (x, z) = (x / spread, f64::from(noise[atom * SPACE + k]));
                    let noised = drawn.coef.alpha * x + drawn.coef.sigma * z;
                    input[atom * COLUMNS + k] = (drawn.row.input * noised) as f32;
                    target[atom * SPACE + k] = (drawn.mixture.0 * x + drawn.mixture.1 * z) as f32;
                }
            }
        }
        let weight = drawn.iter().zip(rows).map(|(drawn, row)| (drawn.weight / (SPACE * row.atoms()) as f64) as f32);
        let weight = weight.collect();
        let noise = drawn.iter().map(|drawn| drawn.row.noise as f32).collect();
        Ok(Question { told, input, target, weight, noise })
    }

    fn batch(&self) -> CloudBatch<'_> {
        self.told.batch(&self.input, &self.noise)
    }

    /// Weighted mean squared error of a sample's `output`, `[P, COLUMNS]`, and its derivative.
    fn loss(&self, sample: usize, output: &[f32], d_output: &mut [f32]) -> f64 {
        let capacity = self.told.capacity;
        let weight = f64::from(self.weight[sample]);
        let mut sum = 0.0;
        for atom in (0..capacity).filter(|atom| self.told.mask[sample * capacity + atom] != 0.0) {
            for k in 0..SPACE {
                let target = self.target[(sample * capacity + atom) * SPACE + k];
                let error = f64::from(output[atom * COLUMNS + k] - target);
                sum += weight * error * error;
                d_output[atom * COLUMNS + k] = (2.0 * weight * error) as f32;
            }
        }
        sum
    }

    /// The same on the device of a tape, `[B]`.
    fn losses(&self, net: &Egnn, device: &Device) -> Tensor<1> {
        let (rows, capacity) = (self.noise.len(), self.told.capacity);
        let tensor = |data: &[f32], last: usize| {
            Tensor::<3>::from_data(TensorData::new(data.to_vec(), [rows, capacity, last]), device)
        };
        let x = tensor(&self.input, COLUMNS);
        let atoms = Atoms {
            positions: x.clone().slice([0..rows, 0..capacity, 0..SPACE]),
            features: x.slice([0..rows, 0..capacity, SPACE..COLUMNS]),
        };
        let one_hot: Vec<f32> = self
            .told
            .pairs
            .iter()
            .flat_map(|&kind| (0..PAIR_KINDS).map(move |k| f32::from(u8::from(usize::from(kind) == k))))
            .collect();
        let kinds = Tensor::<4>::from_data(TensorData::new(one_hot, [rows, capacity, capacity, PAIR_KINDS]), device);
        let noise = Tensor::<2>::from_data(TensorData::new(self.noise.clone(), [rows, 1]), device);
        let condition = Tensor::<2>::zeros([rows, 0], device);
        let mask = tensor(&self.told.mask, 1);
        let moved = net.forward_on(atoms, Some(kinds), mask.clone(), noise, condition).positions;
        let error = (moved - tensor(&self.target, SPACE)) * mask;
        let squares = (error.clone() * error).sum_dim(1).sum_dim(2).reshape([rows]);
        squares * Tensor::<1>::from_floats(self.weight.as_slice(), device)
    }
}

/// The equivariant network and its loss.
pub struct PositionStage<'a> {
    recipe: &'a ConformerRecipe,
    objective: Objective,
    spread: f64,
}

impl<'a> PositionStage<'a> {
    /// The recipe's objective for positions of this spread, in Angstrom.
    pub fn new(recipe: &'a ConformerRecipe, spread: f64) -> Result<PositionStage<'a>, Error> {
        Ok(PositionStage { recipe, objective: recipe.objective.build(&recipe.path()?), spread })
    }

    fn question(&self, rows: &[Conformer], rng: &mut Rng) -> Result<Question, Error> {
        Question::new(&self.objective, rows, self.spread, rng)
    }
}

impl Stage for PositionStage<'_> {
    type Row = Conformer;
    type Net = Egnn;
    type Kernel = CloudKernel;

    fn network(&self, device: &Device) -> Egnn {
        self.recipe.network.of_positions().init(device)
    }

    fn kernel(&self, net: &Egnn) -> Option<CloudKernel> {
        Some(CloudKernel::egnn(net))
    }

    fn load(&self, kernel: &mut CloudKernel, parameters: &[f32]) {
        kernel.load(parameters);
    }

    fn losses(&self, net: &Egnn, rows: &[Conformer], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        Ok(self.question(rows, rng)?.losses(net, device))
    }

    fn gradient(&self, kernel: &CloudKernel, rows: &[Conformer], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        let question = self.question(rows, rng)?;
        Ok(clouds::gradient(kernel, &question.batch(), |sample, output, d| question.loss(sample, output, d)))
    }

    fn loss(&self, kernel: &CloudKernel, rows: &[Conformer], rng: &mut Rng) -> Result<f64, Error> {
        let question = self.question(rows, rng)?;
        Ok(clouds::loss(kernel, &question.batch(), |sample, output, d| question.loss(sample, output, d)))
    }
}
