//! What a sampler needs of a state: a vector space with Gaussian noise.
//!
//! Samplers are written once for every [`Space`]: plain vectors, tensors, masked particle clouds ([`Cloud`](crate::Cloud))
//! and pairs of spaces, e.g. a jet and its constituents.

use burn::tensor::{Tensor, TensorData};

use crate::Rng;

/// A vector space with Gaussian noise.
///
/// # Panics
/// Like operations on tensors, [`Space::axpby`] has no answer for states of different shapes, and panics.
pub trait Space: Clone {
    /// `a * self + b * y`; `y` has the shape of `self`.
    fn axpby(self, a: f64, b: f64, y: &Self) -> Self;

    /// Standard normal noise of the same shape, inside the space (masked where the space is).
    fn randn_like(&self, rng: &mut Rng) -> Self;

    /// `a * self`.
    fn scale(self, a: f64) -> Self {
        let like = self.clone();
        self.axpby(a, 0.0, &like)
    }
}

/// One sample in double precision, drawn as sample `rng.first`.
impl Space for Vec<f64> {
    fn axpby(mut self, a: f64, b: f64, y: &Self) -> Self {
        assert_eq!(self.len(), y.len(), "axpby of vectors of different lengths");
        self.iter_mut().zip(y).for_each(|(x, y)| *x = a * *x + b * y);
        self
    }

    fn randn_like(&self, rng: &mut Rng) -> Self {
        rng.normal_f64(1, self.len())
    }
}

/// A batch of samples along the first dimension, e.g. `[B, F]` or `[B, P, F]`.
impl<const D: usize> Space for Tensor<D> {
    fn axpby(self, a: f64, b: f64, y: &Self) -> Self {
        let x = if a == 1.0 { self } else { self.mul_scalar(a) };
        match b {
            0.0 => x,
            1.0 => x + y.clone(),
            _ => x + y.clone().mul_scalar(b),
        }
    }

    fn randn_like(&self, rng: &mut Rng) -> Self {
        let shape = self.dims();
        let cols = shape[1..].iter().product();
        Tensor::from_data(TensorData::new(rng.normal(shape[0], cols), shape), (&self.device(), self.dtype()))
    }

    fn scale(self, a: f64) -> Self {
        if a == 1.0 { self } else { self.mul_scalar(a) }
    }
}

/// A product of two spaces; the first factor's noise is drawn first.
impl<A: Space, B: Space> Space for (A, B) {
    fn axpby(self, a: f64, b: f64, y: &Self) -> Self {
        (self.0.axpby(a, b, &y.0), self.1.axpby(a, b, &y.1))
    }

    fn randn_like(&self, rng: &mut Rng) -> Self {
        (self.0.randn_like(rng), self.1.randn_like(rng))
    }

    fn scale(self, a: f64) -> Self {
        (self.0.scale(a), self.1.scale(a))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn a_pair_combines_its_parts() {
        let x = (vec![1.0, 2.0], vec![3.0]);
        let y = (vec![10.0, 20.0], vec![30.0]);
        assert_eq!(x.axpby(2.0, 0.5, &y), (vec![7.0, 14.0], vec![21.0]));
    }

    #[test]
    fn tensors_and_vectors_combine_and_draw_alike() {
        let device = Device::flex();
        let x = Tensor::<2>::from_data([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &device);
        for (a, b) in [(1.0, 1.0), (2.0, 0.0), (0.0, 3.0), (-1.0, 0.25)] {
            let values: Vec<f32> = x.clone().axpby(a, b, &x).into_data().try_to_vec().unwrap();
            assert!(values.iter().zip(1..).all(|(v, i)| *v == ((a + b) * f64::from(i)) as f32));
        }
        let noise: Vec<f32> = x.randn_like(&mut Rng::new(1)).into_data().try_to_vec().unwrap();
        let second: Vec<f64> = vec![0.0; 3].randn_like(&mut Rng::new(1).at(1));
        assert!(noise[3..].iter().zip(&second).all(|(n, s)| *n == *s as f32));
    }
}
