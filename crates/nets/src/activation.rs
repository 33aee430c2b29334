//! Hard swish, `x * clamp(x/6 + 1/2, 0, 1)` (arXiv:1905.02244, section 5.2).
//!
//! It follows SiLU closely but needs no exponential: on a CPU backend without vectorised transcendental
//! functions an exponential costs as much per element as a 64-wide matrix product.

use burn::tensor::{Tensor, activation::relu};

/// Hard swish, element by element: 0 below -3, identity above 3, `x (x + 3) / 6` between.
///
/// Written with two rectifiers, `clamp(y, 0, 6) = relu(y) - relu(y - 6)`, whose backward pass is the cheapest of all.
pub fn hard_swish<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let gate = relu(x.clone().add_scalar(3.0)) - relu(x.clone().sub_scalar(3.0));
    x * gate.mul_scalar(1.0 / 6.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn hard_swish_is_zero_left_identity_right_and_quadratic_between() {
        let x = Tensor::<1>::from_floats([-5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0], &Device::flex());
        let y = hard_swish(x).into_data().try_to_vec::<f32>().unwrap();
        // x (x + 3) / 6 at -1.5 and 1.5: -0.375 and 1.125.
        for (a, b) in y.iter().zip([0.0, 0.0, -0.375, 0.0, 1.125, 3.0, 5.0]) {
            assert!((a - b).abs() < 1e-6, "{a} against {b}");
        }
    }
}
