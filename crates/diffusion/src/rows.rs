//! Batches whose samples can be taken apart, laid out on the host and put together again: what solvers with a step for each
//! sample, couplings, measurements and exact traces need.

use std::collections::HashMap;
use std::hash::Hash;

use burn::tensor::{Int, Tensor, TensorData};

use crate::{Batch, Cloud};

/// A batch of samples that can be regrouped and read on the host.
pub trait Rows: Batch {
    /// The batch whose sample `i` is sample `rows[i].1` of `parts[rows[i].0]`.
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self;

    /// The numbers of each sample in double precision, padding left out.
    fn to_host(&self) -> Vec<Vec<f64>>;

    /// A batch of the same shape and padding with these numbers, in the order of [`Rows::to_host`].
    fn with_host(&self, rows: &[Vec<f64>]) -> Self;

    /// How many numbers each sample has, padding left out.
    fn numbers(&self) -> Vec<usize> {
        self.to_host().iter().map(Vec::len).collect()
    }

    /// Samples of different kinds have noise of different support and never exchange it, e.g. samples of different length
    /// and clouds of different masks. Kinds are numbered in order of appearance.
    fn kinds(&self) -> Vec<usize> {
        numbered(self.numbers())
    }

    /// The samples in another order: sample `r` of the result is sample `order[r]`.
    fn reordered(&self, order: &[usize]) -> Self {
        Self::regroup(&[self], &order.iter().map(|r| (0, *r)).collect::<Vec<_>>())
    }

    /// Root mean square of `self/(atol + rtol max(|x|, |y|))` in each sample (Hairer, Norsett & Wanner, eq. II.4.11).
    fn error(&self, x: &Self, y: &Self, rtol: f64, atol: f64) -> Vec<f64> {
        let (error, x, y) = (self.to_host(), x.to_host(), y.to_host());
        let one = |r: usize| {
            let scaled = |i: usize| error[r][i] / (atol + rtol * x[r][i].abs().max(y[r][i].abs()));
            let total: f64 = (0..error[r].len()).map(|i| scaled(i).powi(2)).sum();
            (total / error[r].len().max(1) as f64).sqrt()
        };
        (0..error.len()).map(one).collect()
    }

    /// The sign, 1 or -1, of every number: Rademacher variables if `self` is symmetric noise.
    fn signs(&self) -> Self {
        let sign = |x: &f64| if *x < 0.0 { -1.0 } else { 1.0 };
        self.with_host(&self.to_host().iter().map(|row| row.iter().map(sign).collect()).collect::<Vec<_>>())
    }

    /// The unit vector along number `j` in every sample; zero in samples that have no such number.
    fn unit(&self, j: usize) -> Self {
        let row = |n: usize| (0..n).map(|i| f64::from(u8::from(i == j))).collect();
        self.with_host(&self.numbers().into_iter().map(row).collect::<Vec<_>>())
    }
}

impl Rows for Vec<f64> {
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        assert_eq!(rows.len(), 1, "a plain vector is a batch of one");
        parts[rows[0].0].clone()
    }

    fn to_host(&self) -> Vec<Vec<f64>> {
        vec![self.clone()]
    }

    fn with_host(&self, rows: &[Vec<f64>]) -> Self {
        assert_eq!((rows.len(), rows[0].len()), (1, self.len()), "one row of the state's length");
        rows[0].clone()
    }

    fn numbers(&self) -> Vec<usize> {
        vec![self.len()]
    }
}

impl<const D: usize> Rows for Tensor<D> {
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        let starts: Vec<usize> = parts
            .iter()
            .scan(0, |before, part| {
                let start = *before;
                *before += part.rows();
                Some(start)
            })
            .collect();
        let places: Vec<i32> = rows.iter().map(|(part, row)| (starts[*part] + row) as i32).collect();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [rows.len()]), &parts[0].device());
        Tensor::cat(parts.iter().map(|part| (*part).clone()).collect(), 0).select(0, places)
    }

    fn to_host(&self) -> Vec<Vec<f64>> {
        let values: Vec<f64> = self.to_data().iter::<f64>().collect();
        let size = self.size();
        (0..self.rows()).map(|r| values[r * size..(r + 1) * size].to_vec()).collect()
    }

    fn with_host(&self, rows: &[Vec<f64>]) -> Self {
        let values: Vec<f32> = rows.iter().flatten().map(|v| *v as f32).collect();
        Tensor::from_data(TensorData::new(values, self.dims()), (&self.device(), self.dtype()))
    }

    fn numbers(&self) -> Vec<usize> {
        vec![self.size(); self.rows()]
    }
}

impl Rows for Cloud {
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        let of = |part: &dyn Fn(&Cloud) -> Tensor<3>| {
            let parts: Vec<Tensor<3>> = parts.iter().map(|cloud| part(cloud)).collect();
            Tensor::regroup(&parts.iter().collect::<Vec<_>>(), rows)
        };
        Cloud { x: of(&|cloud| cloud.x.clone()), mask: of(&|cloud| cloud.mask.clone()) }
    }

    fn to_host(&self) -> Vec<Vec<f64>> {
        let features = self.x.dims()[2];
        let real = |(x, mask): (Vec<f64>, Vec<f64>)| {
            let particles = x.chunks(features).zip(mask).filter(|(_, mask)| *mask > 0.0);
            particles.flat_map(|(particle, _)| particle.to_vec()).collect()
        };
        self.x.to_host().into_iter().zip(self.mask.to_host()).map(real).collect()
    }

    fn with_host(&self, rows: &[Vec<f64>]) -> Self {
        let [_, _, features] = self.x.dims();
        let padded = |(row, mask): (&Vec<f64>, Vec<f64>)| -> Vec<f64> {
            let mut particles = row.chunks(features);
            let next = |mask: f64| if mask > 0.0 { particles.next() } else { None };
            mask.into_iter().map(next).flat_map(|p| p.map_or(vec![0.0; features], <[f64]>::to_vec)).collect()
        };
        let rows: Vec<Vec<f64>> = rows.iter().zip(self.mask.to_host()).map(padded).collect();
        Cloud { x: self.x.with_host(&rows), mask: self.mask.clone() }
    }

    fn kinds(&self) -> Vec<usize> {
        let pattern = |mask: Vec<f64>| mask.iter().map(|m| *m > 0.0).collect::<Vec<bool>>();
        numbered(self.mask.to_host().into_iter().map(pattern))
    }
}

/// Each factor must meet the tolerance: the error is the larger one.
impl<A: Rows, B: Rows> Rows for (A, B) {
    fn regroup(parts: &[&Self], rows: &[(usize, usize)]) -> Self {
        let first: Vec<&A> = parts.iter().map(|part| &part.0).collect();
        let second: Vec<&B> = parts.iter().map(|part| &part.1).collect();
        (A::regroup(&first, rows), B::regroup(&second, rows))
    }

    fn to_host(&self) -> Vec<Vec<f64>> {
        let join = |(a, b): (Vec<f64>, Vec<f64>)| [a, b].concat();
        self.0.to_host().into_iter().zip(self.1.to_host()).map(join).collect()
    }

    fn with_host(&self, rows: &[Vec<f64>]) -> Self {
        let sizes = self.0.numbers();
        let first: Vec<Vec<f64>> = rows.iter().zip(&sizes).map(|(row, n)| row[..*n].to_vec()).collect();
        let second: Vec<Vec<f64>> = rows.iter().zip(&sizes).map(|(row, n)| row[*n..].to_vec()).collect();
        (self.0.with_host(&first), self.1.with_host(&second))
    }

    fn numbers(&self) -> Vec<usize> {
        self.0.numbers().into_iter().zip(self.1.numbers()).map(|(a, b)| a + b).collect()
    }

    fn kinds(&self) -> Vec<usize> {
        numbered(self.0.kinds().into_iter().zip(self.1.kinds()))
    }

    fn error(&self, x: &Self, y: &Self, rtol: f64, atol: f64) -> Vec<f64> {
        let first = self.0.error(&x.0, &y.0, rtol, atol);
        // Not f64::max, which would drop a NaN.
        let larger = |(a, b): (f64, f64)| if a >= b || a.is_nan() { a } else { b };
        first.into_iter().zip(self.1.error(&x.1, &y.1, rtol, atol)).map(larger).collect()
    }
}

/// Equal things get equal numbers, counted in order of appearance.
pub(crate) fn numbered<T: Hash + Eq>(things: impl IntoIterator<Item = T>) -> Vec<usize> {
    let mut seen = HashMap::new();
    let number = |thing| {
        let next = seen.len();
        *seen.entry(thing).or_insert(next)
    };
    things.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::{Rng, Samples, Space};

    #[test]
    fn samples_are_regrouped_alike_in_every_space() {
        let device = Device::flex();
        let host = Samples(vec![vec![1.0, 2.0], vec![3.0, 4.0], vec![5.0, 6.0]]);
        let tensor = Tensor::<2>::from_data([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], &device);
        let rows = [(1, 0), (0, 2), (1, 1)];
        let picked = vec![vec![10.0, 20.0], vec![5.0, 6.0], vec![30.0, 40.0]];
        assert_eq!(Samples::regroup(&[&host, &host.clone().scale(10.0)], &rows).0, picked);
        assert_eq!(Tensor::regroup(&[&tensor, &tensor.clone().scale(10.0)], &rows).to_host(), picked);
        let pair = (tensor, host);
        let twice = picked.iter().map(|row| [&row[..], &row[..]].concat()).collect::<Vec<_>>();
        let gathered = <(Tensor<2>, Samples)>::regroup(&[&pair, &pair.clone().scale(10.0)], &rows);
        assert_eq!(gathered.to_host(), twice);
        assert_eq!(gathered.with_host(&twice).to_host(), twice);
        assert_eq!(gathered.numbers(), [4; 3]);
    }

    #[test]
    fn the_host_sees_no_padding() {
        let device = Device::flex();
        let mask = Tensor::<3>::from_data([[[1.0], [0.0], [1.0]], [[0.0], [1.0], [0.0]]], &device);
        let cloud = Cloud::new(Tensor::ones([2, 3, 2], &device), mask).randn_like(&mut Rng::new(5));
        let host = cloud.to_host();
        assert_eq!(cloud.numbers(), [4, 2]);
        assert_eq!(cloud.with_host(&host).to_host(), host);
        assert_eq!(cloud.x.to_host()[0][4..], host[0][2..]);
        assert!(cloud.signs().to_host().concat().iter().all(|s| s.abs() == 1.0));
        assert_eq!(cloud.unit(3).to_host(), [vec![0.0, 0.0, 0.0, 1.0], vec![0.0, 0.0]]);
        let other = Cloud::regroup(&[&cloud], &[(0, 1), (0, 0)]);
        assert_eq!(other.to_host(), [host[1].clone(), host[0].clone()]);
        assert_eq!(other.numbers(), [2, 4]);
        assert_eq!(cloud.reordered(&[1, 0]).to_host(), other.to_host());
    }

    #[test]
    fn kinds_tell_lengths_and_masks_apart() {
        let device = Device::flex();
        let rows = Samples(vec![vec![0.0; 2], vec![0.0; 3], vec![1.0; 2]]);
        assert_eq!(rows.kinds(), [0, 1, 0]);
        // The first and the last cloud have two particles each, in different places.
        let mask =
            Tensor::<3>::from_data([[[1.0], [1.0], [0.0]], [[0.0], [1.0], [0.0]], [[0.0], [1.0], [1.0]]], &device);
        let cloud = Cloud::new(Tensor::ones([3, 3, 1], &device), mask);
        assert_eq!(cloud.kinds(), [0, 1, 2]);
        assert_eq!((cloud.x, rows).kinds(), [0, 1, 0]);
    }

    #[test]
    fn the_error_of_a_sample_is_scaled_number_by_number() {
        let error = Samples(vec![vec![0.1, 0.2], vec![0.0, 0.0]]);
        let (x, y) = (Samples(vec![vec![1.0, -1.0]; 2]), Samples(vec![vec![0.5, 3.0]; 2]));
        let expected = ((0.1f64 / 0.2).powi(2) / 2.0 + (0.2f64 / 0.4).powi(2) / 2.0).sqrt();
        let found = error.error(&x, &y, 0.1, 0.1);
        assert!((found[0] - expected).abs() < 1e-15 && found[1] == 0.0);
    }
}
