//! What the comparisons with the tensor library share.

use burn::tensor::Tensor;
use nets::ParameterInfo;

/// Numbers between -1 and 1 that repeat only after long.
pub fn numbers(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// The mask of samples with these numbers of particles; in every other one the padding comes first.
pub fn mask(counts: &[usize], particles: usize) -> Vec<f32> {
    let real = |(i, &count): (usize, &usize)| {
        (0..particles).map(move |p| if i % 2 == 0 { p < count } else { p >= particles - count })
    };
    counts.iter().enumerate().flat_map(real).map(|real| f32::from(u8::from(real))).collect()
}

pub fn host<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().try_to_vec().unwrap()
}

/// The largest difference, in units of the largest number that was expected.
pub fn off(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = |x: &mut dyn Iterator<Item = f32>| x.map(f32::abs).fold(0.0, f32::max);
    largest(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / largest(&mut expected.iter().copied())
}

/// Each layer's part of a gradient against what was expected, which is zero for none.
///
/// Weights and bias of a layer are held against the largest number of both: a bias of a single number is a sum over all edges in
/// which terms of both signs cancel, and its rounding errors are as large as those of the weights' sums, however small it ends up.
pub fn gradients_agree(inventory: &[ParameterInfo], found: &[f32], expected: &[f32]) {
    let layer = |info: &ParameterInfo| info.name.rsplit_once('.').map_or(String::new(), |(layer, _)| layer.to_owned());
    let mut start = 0;
    for parameters in inventory.chunk_by(|a, b| layer(a) == layer(b)) {
        let numbers = |info: &ParameterInfo| info.shape.iter().product::<usize>();
        let end = start + parameters.iter().map(numbers).sum::<usize>();
        let difference = off(&found[start..end], &expected[start..end]);
        // Where an activation lies within rounding of a kink of the hard swish, its slope is another on either side.
        assert!(difference < 1e-3, "{}: {difference:e}", layer(&parameters[0]));
        start = end;
    }
    assert_eq!(start, found.len());
}
