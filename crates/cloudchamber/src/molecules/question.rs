//! What a network is asked of a batch of noised molecules, on the host.
//!
//! Positions, elements and charges have spreads of their own, so under target or weight "edm" each of these groups has its own
//! preconditioning: the four numbers of arXiv:2206.00364, table 1, with its own standard deviation.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::{AnyPath, Centred, Cloud, Drawn, Objective, Rng, Space, Target, Weight};
use kernels::CloudBatch;

use super::encoding::{MoleculeEncoding, MoleculeRow, SPACE};
use super::layout::Layout;
use super::recipe::MoleculeRecipe;
use crate::Error;

/// The objective of each group of columns, on one path.
pub struct Objectives {
    groups: [Objective; 3],
    layout: Layout,
}

impl Objectives {
    /// The recipe's objective.
    pub fn new(recipe: &MoleculeRecipe, layout: Layout, path: &AnyPath) -> Objectives {
        let groups = layout.spread.map(|spread| {
            let mut objective = recipe.objective.build(path);
            objective.target = target(recipe, spread);
            if let Weight::Edm { sigma_data } = &mut objective.weight {
                *sigma_data *= spread;
            }
            objective
        });
        Objectives { groups, layout }
    }
}

/// What the network's output is in columns of this spread.
pub fn target(recipe: &MoleculeRecipe, spread: f64) -> Target {
    match recipe.objective.target() {
        Target::Edm { sigma_data } => Target::Edm { sigma_data: sigma_data * spread },
        other => other,
    }
}

/// A batch of noised molecules, and what the network should say of them.
pub struct Question {
    /// Network input, `[B, P, C]`.
    pub input: Vec<f32>,
    /// What it should return, `[B, P, C]`.
    pub target: Vec<f32>,
    /// Weight of each sample's and column's squared error, `[B, C]`.
    pub weight: Vec<f32>,
    /// 1 for an atom, `[B, P]`.
    pub mask: Vec<f32>,
    /// `[B]`.
    pub noise: Vec<f32>,
    /// `[B, conditions]`.
    pub condition: Vec<f32>,
    /// C.
    columns: usize,
}

/// Atoms of the largest row.
pub fn capacity<'a>(rows: impl Iterator<Item = &'a MoleculeRow>) -> usize {
    rows.map(MoleculeRow::atoms).max().unwrap_or(0)
}

/// 1 for an atom, `[B, P]`, of molecules of these sizes.
pub fn mask(sizes: &[usize], capacity: usize) -> Vec<f32> {
    sizes.iter().flat_map(|&n| (0..capacity).map(move |p| if p < n { 1.0 } else { 0.0 })).collect()
}

/// A centred cloud of codes `[B, P, C]`.
pub fn cloud(codes: Vec<f32>, mask: &[f32], shape: [usize; 3], device: &Device) -> Centred {
    let [rows, capacity, _] = shape;
    let mask = Tensor::from_data(TensorData::new(mask.to_vec(), [rows, capacity, 1]), device);
    Centred { cloud: Cloud { x: Tensor::from_data(TensorData::new(codes, shape), device), mask }, columns: SPACE }
}

impl Question {
    /// Row `r` is noised as sample `rng.first + r`; `section` is the weight of elements and charges, and the part of the rows that are told
    /// nothing of their properties.
    pub fn new(
        objectives: &Objectives,
        encoding: &MoleculeEncoding,
        section: (f64, f64),
        rows: &[MoleculeRow],
        rng: &mut Rng,
    ) -> Result<Question, Error> {
        let (weight, dropout) = section;
        let Objectives { groups, layout } = objectives;
        let (batch, columns, capacity) = (rows.len(), layout.columns(), capacity(rows.iter()));
        let of_positions = groups[0].draw(rng, batch)?;
        let sizes: Vec<usize> = rows.iter().map(MoleculeRow::atoms).collect();
        let mask = mask(&sizes, capacity);
        let zeros = cloud(vec![0.0; batch * capacity * columns], &mask, [batch, capacity, columns], &Device::flex());
        let noise = nets::host(zeros.randn_like(rng).cloud.x);
        let mut question = Question {
            input: vec![0.0; noise.len()],
            target: vec![0.0; noise.len()],
            weight: Vec::with_capacity(batch * columns),
            mask,
            noise: of_positions.iter().map(|drawn| drawn.row.noise as f32).collect(),
            condition: Vec::new(),
            columns,
        };
        let hidden = rng.uniform(batch, 1);
        let mut codes = Vec::new();
        for (b, (row, first)) in rows.iter().zip(&of_positions).enumerate() {
            let drawn: [Drawn; 3] = [*first, groups[1].at(first.t)?, groups[2].at(first.t)?];
            codes.clear();
            encoding.push_codes(&mut codes, row);
            let told = |i: usize| row.properties.get(i).copied().filter(|_| hidden[b] >= dropout);
            encoding.push_condition(&mut question.condition, told);
            let start = b * capacity * columns;
            for (i, code) in codes.iter().enumerate() {
                let drawn = &drawn[layout.group(i % columns)];
                let (data, noise) = (f64::from(*code), f64::from(noise[start + i]));
                let noised = drawn.coef.alpha * data + drawn.coef.sigma * noise;
                question.input[start + i] = (drawn.row.input * noised) as f32;
                question.target[start + i] = (drawn.mixture.0 * data + drawn.mixture.1 * noise) as f32;
            }
            let of = |column: usize| {
                let group = layout.group(column);
                (drawn[group].weight * if group == 0 { 1.0 } else { weight }) as f32
            };
            question.weight.extend((0..columns).map(of));
        }
        Ok(question)
    }

    /// The kernel's view.
    pub fn batch(&self) -> CloudBatch<'_> {
        CloudBatch { x: &self.input, mask: &self.mask, noise: &self.noise, condition: &self.condition, pairs: &[] }
    }

    /// Mean over a sample's atoms and columns of the weighted squared error of the `output` `[P, C]`, and its derivative.
    pub fn loss(&self, sample: usize, output: &[f32], d_output: &mut [f32]) -> f64 {
        let size = output.len();
        let target = &self.target[sample * size..(sample + 1) * size];
        let mask = &self.mask[sample * size / self.columns..(sample + 1) * size / self.columns];
        let weight = &self.weight[sample * self.columns..(sample + 1) * self.columns];
        let real = mask.iter().filter(|m| **m != 0.0).count().max(1) * self.columns;
        let mut sum = 0.0;
        for (i, (d, (output, target))) in d_output.iter_mut().zip(output.iter().zip(target)).enumerate() {
            let error = f64::from(mask[i / self.columns]) * f64::from(output - target);
            let weight = f64::from(weight[i % self.columns]) / real as f64;
            sum += weight * error * error;
            *d = (2.0 * weight * error) as f32;
        }
        sum
    }

    /// The same for a batch on the device of a tape: `[B]` of `output` `[B, P, C]`.
    pub fn losses(&self, output: Tensor<3>) -> Tensor<1> {
        let ([rows, capacity, columns], device) = (output.dims(), output.device());
        let tensor = |data: &Vec<f32>, shape| Tensor::<3>::from_data(TensorData::new(data.clone(), shape), &device);
        let mask = tensor(&self.mask, [rows, capacity, 1]);
        let error = (output - tensor(&self.target, [rows, capacity, columns])) * mask.clone();
        let weighted = (error.clone() * error).sum_dim(1) * tensor(&self.weight, [rows, 1, columns]);
        let atoms = mask.sum_dim(1).clamp_min(1.0).mul_scalar(columns as f64);
        (weighted.sum_dim(2) / atoms).reshape([rows])
    }
}
