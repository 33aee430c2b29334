//! Fourier features of the noise level, the conditions, and two layers: one vector per sample.

use crate::elementwise::{add, swish_backward};
use crate::linear::{Gradient, Layer, Weights};
use crate::matrix::{Columns, Matrix};
use crate::simd::padded;

/// Octaves of the noise level, as in `nets`.
const FREQUENCIES: usize = 6;

/// The layers of `nets::ConditionEmbedding`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Embedding {
    first: Layer,
    second: Layer,
    inputs: usize,
}

/// What the backward pass needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Embedded {
    input: Matrix,
    before: [Matrix; 2],
    hidden: Matrix,
    /// The vectors.
    pub context: Matrix,
    d: [Matrix; 2],
}

impl Embedding {
    /// From `conditions` columns to `width`.
    pub fn new(weights: &mut Weights, conditions: usize, width: usize) -> Embedding {
        let inputs = 2 * FREQUENCIES + 1 + conditions;
        Embedding {
            first: weights.layer("embedding.first", Columns::one(inputs), Columns::one(2 * width)),
            second: weights.layer("embedding.second", Columns::one(2 * width), Columns::one(width)),
            inputs,
        }
    }

    /// The two layers.
    pub fn layers(&self) -> [Layer; 2] {
        [self.first, self.second]
    }

    /// One noise level and one row of conditions per sample.
    pub fn forward<'a>(
        &self,
        weights: &Weights,
        rows: impl ExactSizeIterator<Item = (f32, &'a [f32])>,
        tape: &mut Embedded,
    ) {
        let n = rows.len();
        tape.input.zero(n, padded(self.inputs));
        for (i, (noise, condition)) in rows.enumerate() {
            let row = tape.input.row_mut(i);
            row[0] = noise;
            for k in 0..FREQUENCIES {
                let phase = noise * (1 << k) as f32;
                (row[1 + k], row[1 + FREQUENCIES + k]) = phase.sin_cos();
            }
            row[1 + 2 * FREQUENCIES..self.inputs].copy_from_slice(condition);
        }
        let [first, second] = &mut tape.before;
        weights.swish(self.first, &tape.input, Some(first), &mut tape.hidden);
        weights.swish(self.second, &tape.hidden, Some(second), &mut tape.context);
    }

    /// Adds the weights' gradient, given that of the vectors.
    pub fn backward(&self, weights: &Weights, tape: &mut Embedded, d: &Matrix, gradient: &mut Gradient) {
        let [outer, inner] = &mut tape.d;
        outer.zero(d.rows(), d.stride());
        add(outer.all_mut(), d.all());
        swish_backward(outer, &tape.before[1]);
        gradient.add(self.second, &tape.hidden, outer);
        weights.input_gradient(self.second, outer, inner);
        swish_backward(inner, &tape.before[0]);
        gradient.add(self.first, &tape.input, inner);
    }
}
