//! Score matching losses against closed forms on normal data and against each other on an exact mixture.

#[path = "../common/mod.rs"]
mod common;

mod identities;
mod normals;
mod requests;

use burn::tensor::{Device, Tensor, TensorData};
use common::mean;

/// A batch in single precision.
fn batch(values: &[f64], columns: usize) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

/// The mean lies within four standard errors of its expectation.
fn assert_mean(what: &str, values: &[f64], expected: f64) {
    let (mean, error) = mean(values);
    assert!((mean - expected).abs() < 4.0 * error, "{what}: {mean} +- {error} against {expected}");
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}
