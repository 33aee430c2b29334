//! What error control, likelihoods and guidance need of a state beyond a vector space: its samples, one by one.

use burn::tensor::{Device, Tensor, TensorData};

use crate::{Cloud, Space};

/// A space whose states are batches of samples.
pub trait Batch: Space {
    /// Number of samples.
    fn rows(&self) -> usize;

    /// Inner product of each sample with its partner in `y`, on the host; summed in the state's own precision.
    fn dot(&self, y: &Self) -> Vec<f64>;

    /// `a[r] * self[r] + b[r] * y[r]` for each sample `r`.
    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self;

    /// Numbers per sample, padding included.
    fn size(&self) -> usize;
}

/// A batch of one sample.
impl Batch for Vec<f64> {
    fn rows(&self) -> usize {
        1
    }

    fn dot(&self, y: &Self) -> Vec<f64> {
        vec![self.iter().zip(y).map(|(x, y)| x * y).sum()]
    }

    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self {
        self.axpby(a[0], b[0], y)
    }

    fn size(&self) -> usize {
        self.len()
    }
}

impl<const D: usize> Batch for Tensor<D> {
    fn rows(&self) -> usize {
        self.dims()[0]
    }

    fn dot(&self, y: &Self) -> Vec<f64> {
        per_sample(self.clone() * y.clone()).into_data().iter::<f64>().collect()
    }

    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self {
        let device = self.device();
        self * column(a, &device) + y.clone() * column(b, &device)
    }

    fn size(&self) -> usize {
        self.dims()[1..].iter().product()
    }
}

impl Batch for Cloud {
    fn rows(&self) -> usize {
        self.x.rows()
    }

    fn dot(&self, y: &Self) -> Vec<f64> {
        self.x.dot(&y.x)
    }

    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self {
        Cloud { x: self.x.axpby_rows(a, b, &y.x), mask: self.mask }
    }

    fn size(&self) -> usize {
        self.x.size()
    }
}

impl<A: Batch, B: Batch> Batch for (A, B) {
    fn rows(&self) -> usize {
        self.0.rows()
    }

    fn dot(&self, y: &Self) -> Vec<f64> {
        self.0.dot(&y.0).into_iter().zip(self.1.dot(&y.1)).map(|(a, b)| a + b).collect()
    }

    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self {
        (self.0.axpby_rows(a, b, &y.0), self.1.axpby_rows(a, b, &y.1))
    }

    fn size(&self) -> usize {
        self.0.size() + self.1.size()
    }
}

/// One number per sample, `[B, 1, ..., 1]`, ready to multiply a batch.
pub(crate) fn column<const D: usize>(values: &[f64], device: &Device) -> Tensor<D> {
    let mut shape = [1; D];
    shape[0] = values.len();
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The sum over everything but the first dimension, `[B]`.
pub(crate) fn per_sample<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let [rows, size] = [x.rows(), x.size()];
    x.reshape([rows, size]).sum_dim(1).reshape([rows])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_tensors_behave_as_single_vectors() {
        let rows = [vec![1.0, 2.0, 3.0], vec![-1.0, 0.5, 4.0]];
        let others = [vec![0.5, 0.0, 2.0], vec![2.0, 2.0, -1.0]];
        let tensor = |r: &[Vec<f64>; 2]| {
            Tensor::<2>::from_data([[0, 1, 2].map(|i| r[0][i]), [0, 1, 2].map(|i| r[1][i])], &Device::flex())
        };
        let (x, y) = (tensor(&rows), tensor(&others));
        assert_eq!((x.rows(), x.size()), (2, 3));
        let alone: Vec<f64> = rows.iter().zip(&others).flat_map(|(x, y)| x.dot(y)).collect();
        assert_eq!(x.dot(&y), alone);
        let combined: Vec<f64> = x.axpby_rows(&[2.0, 0.5], &[-1.0, 3.0], &y).into_data().iter::<f64>().collect();
        let first = rows[0].clone().axpby(2.0, -1.0, &others[0]);
        let second = rows[1].clone().axpby(0.5, 3.0, &others[1]);
        assert_eq!(combined, [first, second].concat());
    }

    #[test]
    fn the_inner_product_of_pairs_adds_those_of_the_parts() {
        let (x, y) = ((vec![1.0, 2.0], vec![3.0]), (vec![4.0, 5.0], vec![6.0]));
        assert_eq!(x.dot(&y), vec![32.0]);
        assert_eq!(x.size(), 3);
    }
}
