//! Batches whose samples can be exchanged: what a coupling needs of a state.

use std::collections::HashMap;
use std::hash::Hash;

use burn::tensor::{Int, Tensor, TensorData};

use crate::{Batch, Cloud};

/// A batch whose samples can be compared on the host and put into another order.
pub trait Rows: Batch {
    /// The samples' numbers in double precision, row-major, `rows x size`.
    fn to_rows(&self) -> Vec<f64>;

    /// The samples in another order: sample `r` of the result is sample `order[r]`.
    fn reordered(&self, order: &[usize]) -> Self;

    /// Samples of different kinds have noise of different support and never exchange it, e.g. clouds of different size.
    fn kinds(&self) -> Vec<usize> {
        vec![0; self.rows()]
    }
}

/// `|a_i - b_j|^2` between `n` rows each, `[n, n]` row-major; what is not finite counts as farther than everything else.
pub fn squared_distances(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    const FAR: f64 = 1e100;
    assert_eq!((a.len(), a.len() % n.max(1)), (b.len(), 0), "two batches of n equal rows");
    let dim = a.len() / n.max(1);
    if dim == 0 {
        return vec![0.0; n * n];
    }
    let mut cost = Vec::with_capacity(n * n);
    for a in a.chunks_exact(dim) {
        for b in b.chunks_exact(dim) {
            let squared: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            cost.push(if squared < FAR { squared } else { FAR });
        }
    }
    cost
}

/// A batch of one sample.
impl Rows for Vec<f64> {
    fn to_rows(&self) -> Vec<f64> {
        self.clone()
    }

    fn reordered(&self, _: &[usize]) -> Self {
        self.clone()
    }
}

impl<const D: usize> Rows for Tensor<D> {
    fn to_rows(&self) -> Vec<f64> {
        self.clone().into_data().iter::<f64>().collect()
    }

    fn reordered(&self, order: &[usize]) -> Self {
        let order: Vec<i32> = order.iter().map(|i| *i as i32).collect();
        let length = order.len();
        self.clone().select(0, Tensor::<1, Int>::from_data(TensorData::new(order, [length]), &self.device()))
    }
}

/// Clouds exchange noise only with clouds of the same mask.
impl Rows for Cloud {
    fn to_rows(&self) -> Vec<f64> {
        self.x.to_rows()
    }

    fn reordered(&self, order: &[usize]) -> Self {
        Cloud { x: self.x.reordered(order), mask: self.mask.reordered(order) }
    }

    fn kinds(&self) -> Vec<usize> {
        let places = self.mask.size().max(1);
        let mask: Vec<bool> = self.mask.to_rows().into_iter().map(|m| m != 0.0).collect();
        numbered(mask.chunks(places))
    }
}

impl<A: Rows, B: Rows> Rows for (A, B) {
    fn to_rows(&self) -> Vec<f64> {
        let (a, b) = (self.0.to_rows(), self.1.to_rows());
        let rows = (0..self.rows()).flat_map(|r| {
            let part = |x: &[f64], size: usize| x[r * size..(r + 1) * size].to_vec();
            [part(&a, self.0.size()), part(&b, self.1.size())].concat()
        });
        rows.collect()
    }

    fn reordered(&self, order: &[usize]) -> Self {
        (self.0.reordered(order), self.1.reordered(order))
    }

    fn kinds(&self) -> Vec<usize> {
        numbered(self.0.kinds().into_iter().zip(self.1.kinds()))
    }
}

/// Equal things get equal numbers, counted in order of appearance.
pub(super) fn numbered<T: Hash + Eq>(things: impl Iterator<Item = T>) -> Vec<usize> {
    let mut seen = HashMap::new();
    let number = |thing| {
        let next = seen.len();
        *seen.entry(thing).or_insert(next)
    };
    things.map(number).collect()
}
