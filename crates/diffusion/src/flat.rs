//! Batches whose samples can be laid out as plain vectors on the host: what measurements and statistics act on.

use burn::tensor::{Tensor, TensorData};

use crate::{Batch, Cloud};

/// A batch of samples that are lists of numbers.
pub trait Flat: Batch {
    /// The numbers of each sample, in row-major order, padding left out.
    fn samples(&self) -> Vec<Vec<f64>>;

    /// A state of the shape of `self` with these numbers, one row per sample as [`Flat::samples`] lays them out.
    fn with_samples(&self, rows: &[Vec<f64>]) -> Self;
}

/// A batch of one sample.
impl Flat for Vec<f64> {
    fn samples(&self) -> Vec<Vec<f64>> {
        vec![self.clone()]
    }

    fn with_samples(&self, rows: &[Vec<f64>]) -> Self {
        assert_eq!((rows.len(), rows[0].len()), (1, self.len()), "rows of the state's shape");
        rows[0].clone()
    }
}

impl<const D: usize> Flat for Tensor<D> {
    fn samples(&self) -> Vec<Vec<f64>> {
        let values: Vec<f64> = self.to_data().iter::<f64>().collect();
        values.chunks(self.size().max(1)).map(<[f64]>::to_vec).collect()
    }

    fn with_samples(&self, rows: &[Vec<f64>]) -> Self {
        let values: Vec<f32> = rows.iter().flatten().map(|v| *v as f32).collect();
        Tensor::from_data(TensorData::new(values, self.dims()), (&self.device(), self.dtype()))
    }
}

/// Real particles only: samples may have different lengths.
impl Flat for Cloud {
    fn samples(&self) -> Vec<Vec<f64>> {
        let features = self.x.dims()[2];
        let real = self.mask.samples();
        let kept = |(row, real): (Vec<f64>, &Vec<f64>)| {
            let slots = row.chunks(features).zip(real).filter(|(_, m)| **m != 0.0);
            slots.flat_map(|(slot, _)| slot.to_vec()).collect()
        };
        self.x.samples().into_iter().zip(&real).map(kept).collect()
    }

    fn with_samples(&self, rows: &[Vec<f64>]) -> Self {
        let features = self.x.dims()[2];
        let place = |(row, real): (&Vec<f64>, Vec<f64>)| {
            let mut out = vec![0.0; real.len() * features];
            let slots = out.chunks_mut(features).zip(real).filter(|(_, m)| *m != 0.0);
            slots.zip(row.chunks(features)).for_each(|((slot, _), values)| slot.copy_from_slice(values));
            out
        };
        let rows: Vec<Vec<f64>> = rows.iter().zip(self.mask.samples()).map(place).collect();
        Cloud { x: self.x.with_samples(&rows), mask: self.mask.clone() }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn the_numbers_of_a_state_make_it_again() {
        let device = Device::flex();
        let x = Tensor::<3>::from_data([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], &device);
        assert_eq!(x.samples(), [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]);
        assert_eq!(x.zeros_like().with_samples(&x.samples()).samples(), x.samples());
        let mask = Tensor::<3>::from_data([[[1.0], [0.0]], [[1.0], [1.0]]], &device);
        let cloud = Cloud::new(x, mask);
        assert_eq!(cloud.samples(), [vec![1.0, 2.0], vec![5.0, 6.0, 7.0, 8.0]]);
        let back = cloud.with_samples(&cloud.samples());
        assert_eq!(back.x.samples(), cloud.x.samples());
        assert_eq!(vec![1.0, 2.0].with_samples(&vec![1.0, 2.0].samples()), [1.0, 2.0]);
    }
}
