//! Clouds whose centre does not move: the subspace in which the first columns of all particles sum to zero.
//!
//! A density that does not change with a shift cannot be normalised over all positions, but over this subspace it can, of
//! dimension `(N - 1) S` for `N` particles in `S` dimensions. Its standard normal noise is that of the whole space less its mean.
//! Hoogeboom et al., arXiv:2203.17003, section 3; Satorras et al., arXiv:2105.09016, section 3.2.

use burn::tensor::{Tensor, TensorData};

use crate::{Batch, Cloud, Rng, Rows, Space};

/// A batch of clouds whose first `columns` columns have zero mean over the particles of each sample.
#[derive(Clone, Debug)]
pub struct Centred {
    /// The clouds.
    pub cloud: Cloud,
    /// How many columns are positions.
    pub columns: usize,
}

impl Centred {
    /// These clouds moved to the origin.
    pub fn new(cloud: Cloud, columns: usize) -> Centred {
        let Cloud { x, mask } = cloud;
        let [rows, particles, features] = x.dims();
        let count = mask.clone().sum_dim(1).clamp_min(1.0);
        let positions = x.clone().slice([0..rows, 0..particles, 0..columns]);
        let centre = (positions.clone() * mask.clone()).sum_dim(1) / count;
        let positions = (positions - centre) * mask.clone();
        let rest = x.slice([0..rows, 0..particles, columns..features]);
        let x = if columns == features { positions } else { Tensor::cat(vec![positions, rest], 2) };
        Centred { cloud: Cloud { x, mask }, columns }
    }

    fn with(&self, cloud: Cloud) -> Centred {
        Centred { cloud, columns: self.columns }
    }
}

impl Space for Centred {
    fn axpby(self, a: f64, b: f64, y: &Self) -> Self {
        Centred { cloud: self.cloud.axpby(a, b, &y.cloud), columns: self.columns }
    }

    /// Centred on the host, particle after particle: the sum of a tensor may round differently with another number of paddings.
    fn randn_like(&self, rng: &mut Rng) -> Self {
        let shape = self.cloud.x.dims();
        let [rows, particles, features] = shape;
        let mask: Vec<f32> = self.cloud.mask.to_data().iter::<f32>().collect();
        let mut noise = rng.normal(rows, particles * features);
        for (row, mask) in noise.chunks_mut((particles * features).max(1)).zip(mask.chunks(particles.max(1))) {
            let count = mask.iter().filter(|m| **m != 0.0).count().max(1) as f64;
            for column in 0..features {
                let of = |p: usize| p * features + column;
                let real = |p: &usize| mask[*p] != 0.0;
                let sum: f64 = (0..particles).filter(real).map(|p| f64::from(row[of(p)])).sum();
                let centre = if column < self.columns { sum / count } else { 0.0 };
                for p in 0..particles {
                    row[of(p)] = if mask[p] != 0.0 { (f64::from(row[of(p)]) - centre) as f32 } else { 0.0 };
                }
            }
        }
        let options = (&self.cloud.x.device(), self.cloud.x.dtype());
        self.with(Cloud { x: Tensor::from_data(TensorData::new(noise, shape), options), mask: self.cloud.mask.clone() })
    }

    fn scale(self, a: f64) -> Self {
        Centred { cloud: self.cloud.scale(a), columns: self.columns }
    }
}

impl Batch for Centred {
    fn rows(&self) -> usize {
        self.cloud.rows()
    }

    fn dot(&self, y: &Self) -> Vec<f64> {
        self.cloud.dot(&y.cloud)
    }

    fn axpby_rows(self, a: &[f64], b: &[f64], y: &Self) -> Self {
        Centred { cloud: self.cloud.axpby_rows(a, b, &y.cloud), columns: self.columns }
    }

    fn size(&self) -> usize {
        self.cloud.size()
    }
}

/// The host sees all coordinates, one particle's more than there are degrees of freedom.
impl Rows for Centred {
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        let clouds: Vec<&Cloud> = parts.iter().map(|part| &part.cloud).collect();
        parts[0].with(Cloud::regroup(&clouds, rows))
    }

    fn to_host(&self) -> Vec<Vec<f64>> {
        self.cloud.to_host()
    }

    fn with_host(&self, rows: &[Vec<f64>]) -> Self {
        self.with(self.cloud.with_host(rows))
    }

    fn kinds(&self) -> Vec<usize> {
        self.cloud.kinds()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    const ROWS: usize = 4000;

    fn noise() -> Vec<Vec<f64>> {
        let device = Device::flex();
        let row = [[1.0f32], [1.0], [1.0], [0.0]];
        let mask = Tensor::<3>::from_data([row], &device).repeat_dim(0, ROWS);
        let zero = Centred::new(Cloud::new(Tensor::zeros([ROWS, 4, 5], &device), mask), 3);
        zero.randn_like(&mut Rng::new(2)).to_host()
    }

    #[test]
    fn noise_has_no_centre_and_as_many_degrees_of_freedom_as_the_subspace() {
        // 3 particles: |x|^2 is chi-squared of (3 - 1) 3 = 6 degrees, mean 6, variance 12; the 6 further columns are plain normals.
        let rows = noise();
        let (mut positions, mut rest) = (0.0, 0.0);
        for row in &rows {
            for k in 0..3 {
                assert!(row.iter().skip(k).step_by(5).sum::<f64>().abs() < 1e-5);
            }
            let square = |range: std::ops::Range<usize>| -> f64 {
                row.chunks(5).flat_map(|p| &p[range.clone()]).map(|x| x * x).sum()
            };
            (positions, rest) = (positions + square(0..3), rest + square(3..5));
        }
        let sigma = (12.0 / ROWS as f64).sqrt();
        assert!((positions / ROWS as f64 - 6.0).abs() < 5.0 * sigma, "{}", positions / ROWS as f64);
        assert!((rest / ROWS as f64 - 6.0).abs() < 5.0 * sigma, "{}", rest / ROWS as f64);
    }

    #[test]
    fn combinations_of_centred_clouds_are_centred() {
        let device = Device::flex();
        let mask = Tensor::<3>::from_data([[[1.0], [1.0], [0.0]]], &device);
        let cloud = Cloud::new(Tensor::from_data([[[1.0, 2.0], [4.0, 0.5], [9.0, 9.0]]], &device), mask);
        let centred = Centred::new(cloud, 1);
        assert_eq!(centred.to_host(), [vec![-1.5, 2.0, 1.5, 0.5]]);
        let sum = centred.clone().axpby(2.0, -0.5, &centred.randn_like(&mut Rng::new(1))).to_host();
        assert!((sum[0][0] + sum[0][2]).abs() < 1e-6);
    }
}
