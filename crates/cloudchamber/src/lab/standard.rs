//! Points of the plane as tensors of standardised numbers, and back.

use burn::tensor::{Device, Tensor, TensorData};
use diffusion::Rng;

use super::{Point, Target};

/// Points a target's centre and spread are taken from.
const POINTS: usize = 20_000;

/// What networks see is `(x - centre)/spread`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standard {
    /// Mean of the target.
    pub centre: Point,
    /// Root of the mean variance per axis.
    pub spread: f64,
}

impl Standard {
    /// Centre and spread of a target.
    pub fn of(target: &Target, rng: &mut Rng) -> Standard {
        let points = target.sample(rng, POINTS);
        let n = points.len() as f64;
        let centre = [0, 1].map(|axis| points.iter().map(|(p, _)| p[axis]).sum::<f64>() / n);
        let variance = |axis: usize| points.iter().map(|(p, _)| (p[axis] - centre[axis]).powi(2)).sum::<f64>() / n;
        Standard { centre, spread: (0.5 * (variance(0) + variance(1))).sqrt().max(1e-12) }
    }

    /// Standardised points, `[N, 2]`.
    pub fn tensor(&self, points: &[Point], device: &Device) -> Tensor<2> {
        let number = |p: &Point, axis: usize| ((p[axis] - self.centre[axis]) / self.spread) as f32;
        let values: Vec<f32> = points.iter().flat_map(|p| [number(p, 0), number(p, 1)]).collect();
        Tensor::from_data(TensorData::new(values, [points.len(), 2]), device)
    }

    /// The points of `[N, 2]` standardised numbers.
    pub fn points(&self, x: &Tensor<2>) -> Vec<Point> {
        let place = |v: f64, axis: usize| self.centre[axis] + self.spread * v;
        rows(x).into_iter().map(|[x, y]| [place(x, 0), place(y, 1)]).collect()
    }
}

/// The rows of `[N, 2]` as they are.
pub fn rows(x: &Tensor<2>) -> Vec<Point> {
    let values: Vec<f64> = x.to_data().iter::<f64>().collect();
    values.chunks_exact(2).map(|p| [p[0], p[1]]).collect()
}

/// One number per row, `[N, 1]`.
pub fn column(values: &[f64], device: &Device) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    let rows = values.len();
    Tensor::from_data(TensorData::new(values, [rows, 1]), device)
}
