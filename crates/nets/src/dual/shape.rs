//! Dual numbers in other shapes: parts, sums, concatenations.

use std::ops::Range;

use burn::tensor::Tensor;

use super::Dual;

impl<const D: usize> Dual<D> {
    /// The same numbers, row-major, in another shape.
    pub fn reshape<const E: usize>(self, shape: [usize; E]) -> Dual<E> {
        self.linear_map(|x| x.reshape(shape))
    }

    /// Two dimensions exchanged.
    pub fn swap_dims(self, a: usize, b: usize) -> Dual<D> {
        self.linear_map(|x| x.swap_dims(a, b))
    }

    /// A range of each of the dimensions.
    pub fn slice(self, ranges: [Range<usize>; D]) -> Dual<D> {
        self.linear_map(|x| x.slice(ranges.clone()))
    }

    /// Sum over a dimension, which stays with length 1.
    pub fn sum_dim(self, dim: usize) -> Dual<D> {
        self.linear_map(|x| x.sum_dim(dim))
    }

    /// Mean over a dimension, which stays with length 1.
    pub fn mean_dim(self, dim: usize) -> Dual<D> {
        self.linear_map(|x| x.mean_dim(dim))
    }

    /// One after another along dimension `dim`.
    pub fn cat(parts: Vec<Dual<D>>, dim: usize) -> Dual<D> {
        let changes = parts.iter().any(|p| p.tangent.is_some());
        let tangent = changes.then(|| Tensor::cat(parts.iter().map(|p| p.clone().parts().1).collect(), dim));
        Dual { primal: Tensor::cat(parts.into_iter().map(|p| p.primal).collect(), dim), tangent }
    }
}
