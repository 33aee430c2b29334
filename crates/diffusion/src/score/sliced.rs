//! Sliced score matching: the trace of the Jacobian, or the whole score, seen along one random direction `v`:
//!
//! 1. `v^T J v + 1/2 (v^T s)^2`
//! 2. `v^T J v + 1/2 |s|^2`, of reduced variance
//!
//! For directions with `E v v^T = I` both have the mean of implicit score matching. Song, Garg, Shi & Ermon,
//! arXiv:1905.07088, eq. 7 and 8. Average the losses of several directions for less variance.

use burn::tensor::{Tensor, TensorData};

use super::{dot, half_square};
use crate::Rng;

/// A law of random directions with `E v v^T = I`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probe {
    /// Independent signs. Its `v^T J v` has no variance for a diagonal `J`.
    #[default]
    Rademacher,
    /// Independent standard normals.
    Gaussian,
    /// Uniform on the sphere of radius `sqrt(F)`, `F` numbers per sample.
    Sphere,
}

impl Probe {
    /// One direction for each sample of a batch `[B, ...]`; row `r` is keyed by sample `rng.first + r`. Uses up one draw.
    pub fn draw<const D: usize>(&self, like: &Tensor<D>, rng: &mut Rng) -> Tensor<D> {
        let shape = like.dims();
        let size: usize = shape[1..].iter().product();
        let values: Vec<f32> = match self {
            Probe::Rademacher => {
                rng.uniform(shape[0], size).iter().map(|u| if *u < 0.5 { -1.0 } else { 1.0 }).collect()
            }
            Probe::Gaussian => rng.normal(shape[0], size),
            Probe::Sphere => {
                let mut z = rng.normal_f64(shape[0], size);
                for row in z.chunks_mut(size.max(1)) {
                    let length = row.iter().map(|z| z * z).sum::<f64>().sqrt();
                    row.iter_mut().for_each(|z| *z *= (size as f64).sqrt() / length);
                }
                z.into_iter().map(|z| z as f32).collect()
            }
        };
        Tensor::from_data(TensorData::new(values, shape), (&like.device(), like.dtype()))
    }
}

/// `v^T J v + 1/2 (v^T s)^2` of each sample, `[B]`, for `x` and directions `v` `[B, ...]` and a closure
/// `(x, v) -> (s(x), J v)`.
pub fn sliced<const D: usize>(
    score: impl Fn(&Tensor<D>, &Tensor<D>) -> (Tensor<D>, Tensor<D>),
    x: &Tensor<D>,
    v: &Tensor<D>,
) -> Tensor<1> {
    let (s, change) = score(x, v);
    let along = dot(v.clone(), s);
    dot(v.clone(), change) + (along.clone() * along).mul_scalar(0.5)
}

/// `v^T J v + 1/2 |s|^2` of each sample, `[B]`: [`sliced()`] with reduced variance.
pub fn sliced_reduced<const D: usize>(
    score: impl Fn(&Tensor<D>, &Tensor<D>) -> (Tensor<D>, Tensor<D>),
    x: &Tensor<D>,
    v: &Tensor<D>,
) -> Tensor<1> {
    let (s, change) = score(x, v);
    dot(v.clone(), change) + half_square(s)
}
