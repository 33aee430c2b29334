//! A piece of a batch without its padding.

use crate::cloud::{CloudBatch, Shape};
use crate::matrix::Matrix;
use crate::ragged::Ragged;
use crate::simd::padded;

/// A piece of a batch without its padding.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    /// Features of the particles, one row each.
    pub x: Matrix,
    pub ragged: Ragged,
    /// Place of each row among the batch's particles.
    pub places: Vec<usize>,
    /// Kinds of the pairs of each sample's rows, one sample after the other; none if there is only one kind.
    pub kinds: Vec<u8>,
    noise: Vec<f32>,
    condition: Vec<f32>,
}

impl Gathered {
    /// Noise level and conditions of each sample.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = (f32, &[f32])> {
        let conditions = self.condition.len() / self.noise.len().max(1);
        let condition = move |i: usize| &self.condition[i * conditions..(i + 1) * conditions];
        self.noise.iter().enumerate().map(move |(i, noise)| (*noise, condition(i)))
    }

    pub fn fill(&mut self, batch: &CloudBatch, shape: Shape, samples: std::ops::Range<usize>) {
        self.ragged.clear();
        self.places.clear();
        for sample in samples.clone() {
            let before = self.places.len();
            let particles = sample * shape.particles..(sample + 1) * shape.particles;
            self.places.extend(particles.filter(|&p| batch.mask[p] != 0.0));
            self.ragged.push(self.places.len() - before);
        }
        self.x.zero(self.places.len(), padded(shape.features));
        for (row, place) in self.places.iter().enumerate() {
            let from = &batch.x[place * shape.features..(place + 1) * shape.features];
            self.x.row_mut(row)[..shape.features].copy_from_slice(from);
        }
        self.kinds.clear();
        if !batch.pairs.is_empty() {
            for sample in 0..self.ragged.samples() {
                for i in self.ragged.of(sample) {
                    let start = self.places[i] * shape.particles;
                    let within = self.ragged.of(sample).map(|j| start + self.places[j] % shape.particles);
                    self.kinds.extend(within.map(|place| batch.pairs[place]));
                }
            }
        }
        self.noise.clear();
        self.noise.extend_from_slice(&batch.noise[samples.clone()]);
        self.condition.clear();
        let conditions = samples.start * shape.conditions..samples.end * shape.conditions;
        self.condition.extend_from_slice(&batch.condition[conditions]);
    }
}
