//! Particle clouds of varying size: a padded batch and its mask, as one vector space.

use burn::tensor::Tensor;

use crate::{Rng, Space};

/// A batch of padded particle clouds: noise is zero where the mask is zero, and so is every combination of such clouds.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// Features, `[B, P, F]`.
    pub x: Tensor<3>,
    /// 1 for a particle, 0 for padding, `[B, P, 1]`.
    pub mask: Tensor<3>,
}

impl Cloud {
    /// A cloud with its padding set to zero.
    pub fn new(x: Tensor<3>, mask: Tensor<3>) -> Cloud {
        Cloud { x: x * mask.clone(), mask }
    }
}

impl Space for Cloud {
    fn axpby(self, a: f64, b: f64, y: &Self) -> Self {
        Cloud { x: self.x.axpby(a, b, &y.x), mask: self.mask }
    }

    fn randn_like(&self, rng: &mut Rng) -> Self {
        Cloud::new(self.x.randn_like(rng), self.mask.clone())
    }

    fn scale(self, a: f64) -> Self {
        Cloud { x: self.x.scale(a), mask: self.mask }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn noise_is_zero_on_padding_and_independent_of_the_batch() {
        let device = Device::flex();
        let mask = Tensor::<3>::from_data([[[1.0], [1.0], [0.0]], [[1.0], [0.0], [0.0]]], &device);
        let cloud = Cloud::new(Tensor::ones([2, 3, 4], &device), mask.clone());
        let noise = cloud.randn_like(&mut Rng::new(9));
        let values: Vec<f32> = noise.x.clone().into_data().try_to_vec().unwrap();
        assert!(values.iter().enumerate().all(|(i, v)| (*v != 0.0) == ((i < 8) || (12..16).contains(&i))));

        let second = Cloud::new(Tensor::ones([1, 3, 4], &device), mask.slice([1..2, 0..3, 0..1]));
        let alone: Vec<f32> = second.randn_like(&mut Rng::new(9).at(1)).x.into_data().try_to_vec().unwrap();
        assert_eq!(alone, values[12..]);
    }
}
