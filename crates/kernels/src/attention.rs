//! Multi-head self-attention among the rows of each sample: `softmax(Q K^T / sqrt(s)) V`.
//!
//! One head of one sample at a time, so that its logits stay in the first cache; keys are transposed into blocks for the tiles.
//! Backward, with `P` the softmax: `dV = P^T dO`, `dP = dO V^T`, `dS = P (dP - sum(P dP))/sqrt(s)`, `dQ = dS K`, `dK = dS^T Q`.

use pulp::{Simd, WithSimd};

use crate::aligned::Aligned;
use crate::finish::{Out, Store};
use crate::matrix::Matrix;
use crate::product::{Left, Product, Right};
use crate::ragged::Ragged;
use crate::simd::{BLOCK, exp, padded, run};

/// Logit of a key that is not there, small enough for a weight of zero.
const NONE: f32 = -1e30;

/// Heads and their size; queries, keys and values of all heads are blocks of columns of one matrix, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heads {
    pub count: usize,
    pub size: usize,
}

/// Softmax weights of all heads of all samples, and room to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attention {
    weights: Aligned,
    blocks: Aligned,
    bias: Aligned,
    change: Aligned,
    sums: Vec<f32>,
}

impl Heads {
    /// Padded columns of queries, keys and values.
    pub fn columns(self) -> usize {
        3 * self.count * padded(self.size)
    }

    /// First column of queries (0), keys (1) or values (2) of a head.
    fn column(self, part: usize, head: usize) -> usize {
        (part * self.count + head) * padded(self.size)
    }

    fn scale(self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }
}

/// Rows of one sample.
#[derive(Clone, Copy)]
struct Rows<'a> {
    matrix: &'a Matrix,
    first: usize,
    count: usize,
}

impl<'a> Rows<'a> {
    /// From a column on, to the end of the last row.
    fn from(self, column: usize) -> &'a [f32] {
        &self.matrix.all()[self.first * self.matrix.stride() + column..]
    }

    fn left(self, column: usize) -> Left<'a> {
        Left { base: self.from(column), row: self.matrix.stride(), step: 1 }
    }

    fn right(self, column: usize) -> Right<'a> {
        Right { base: self.from(column), block: BLOCK, step: self.matrix.stride() }
    }

    /// `size` columns from `column` on, transposed, in blocks of 16 rows of the sample, zero beyond its last.
    fn transpose(self, column: usize, size: usize, to: &mut Aligned) {
        to.resize(padded(self.count) * size);
        to.fill(0.0);
        for i in 0..self.count {
            let row = &self.matrix.row(self.first + i)[column..column + size];
            let block = &mut to[(i / BLOCK) * BLOCK * size..];
            for (k, x) in row.iter().enumerate() {
                block[k * BLOCK + i % BLOCK] = *x;
            }
        }
    }
}

impl Attention {
    /// From `qkv` to the mixed values, `[rows, heads * size]` with each head padded.
    pub fn forward(&mut self, heads: Heads, qkv: &Matrix, ragged: &Ragged, mixed: &mut Matrix) {
        mixed.reshape(qkv.rows(), heads.count * padded(heads.size));
        let sizes = (0..ragged.samples()).map(|s| ragged.of(s).len());
        self.weights.resize(heads.count * sizes.map(|n| n * padded(n)).sum::<usize>());
        let mut done = 0;
        for sample in (0..ragged.samples()).filter(|s| !ragged.of(*s).is_empty()) {
            let rows = Rows { matrix: qkv, first: ragged.of(sample).start, count: ragged.of(sample).len() };
            let columns = padded(rows.count);
            self.bias.resize(columns);
            self.bias[..rows.count].fill(0.0);
            self.bias[rows.count..].fill(NONE);
            for head in 0..heads.count {
                let weights = &mut self.weights[done..done + rows.count * columns];
                done += weights.len();
                rows.transpose(heads.column(1, head), heads.size, &mut self.blocks);
                let logits = Product {
                    rows: rows.count,
                    depth: heads.size,
                    columns,
                    left: rows.left(heads.column(0, head)),
                    right: Right::packed(&self.blocks, heads.size),
                    bias: Some(&self.bias),
                    finish: Store(Out::new(weights, columns)),
                };
                logits.run();
                run(Softmax { weights, columns, scale: heads.scale(), sums: &mut self.sums });
                let stride = mixed.stride();
                let start = rows.first * stride + head * padded(heads.size);
                let values = Product {
                    rows: rows.count,
                    depth: rows.count,
                    columns: padded(heads.size),
                    left: Left { base: weights, row: columns, step: 1 },
                    right: rows.right(heads.column(2, head)),
                    bias: None,
                    finish: Store(Out::new(&mut mixed.all_mut()[start..], stride)),
                };
                values.run();
            }
        }
    }

    /// From the gradient of the mixed values to that of `qkv`, after [`Attention::forward`].
    pub fn backward(&mut self, heads: Heads, qkv: &Matrix, ragged: &Ragged, mixed: &Matrix, to: &mut Matrix) {
        to.reshape(qkv.rows(), heads.columns());
        let mut done = 0;
        for sample in (0..ragged.samples()).filter(|s| !ragged.of(*s).is_empty()) {
            let (first, count) = (ragged.of(sample).start, ragged.of(sample).len());
            let rows = Rows { matrix: qkv, first, count };
            let outer = Rows { matrix: mixed, first, count };
            let columns = padded(count);
            for head in 0..heads.count {
                let weights = &self.weights[done..done + count * columns];
                done += weights.len();
                rows.transpose(heads.column(2, head), heads.size, &mut self.blocks);
                self.change.resize(count * columns);
                let change = &mut self.change[..count * columns];
                let product = Product {
                    rows: count,
                    depth: heads.size,
                    columns,
                    left: outer.left(head * padded(heads.size)),
                    right: Right::packed(&self.blocks, heads.size),
                    bias: None,
                    finish: Store(Out::new(change, columns)),
                };
                product.run();
                run(SoftmaxBackward { weights, change, columns, scale: heads.scale() });
                let (w, c): (&[f32], &[f32]) = (weights, change);
                let sums = [
                    (0, Left { base: c, row: columns, step: 1 }, rows.right(heads.column(1, head))),
                    (1, Left { base: c, row: 1, step: columns }, rows.right(heads.column(0, head))),
                    (2, Left { base: w, row: 1, step: columns }, outer.right(head * padded(heads.size))),
                ];
                for (part, left, right) in sums {
                    let start = first * to.stride() + heads.column(part, head);
                    let stride = to.stride();
                    let product = Product {
                        rows: count,
                        depth: count,
                        columns: padded(heads.size),
                        left,
                        right,
                        bias: None,
                        finish: Store(Out::new(&mut to.all_mut()[start..], stride)),
                    };
                    product.run();
                }
            }
        }
    }
}

struct Softmax<'a> {
    weights: &'a mut [f32],
    columns: usize,
    scale: f32,
    /// A number per row.
    sums: &'a mut Vec<f32>,
}

/// One pass over all rows for the maxima, one for the exponentials, one for the division: the rows of a pass do not wait
/// for each other's sums over a vector.
impl WithSimd for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Softmax { weights, columns, scale, sums } = self;
        let scale = simd.splat_f32s(scale);
        sums.resize(weights.len() / columns, 0.0);
        for (row, largest) in weights.chunks_exact(columns).zip(&mut *sums) {
            let mut max = simd.splat_f32s(NONE);
            for x in S::as_simd_f32s(row).0 {
                max = simd.max_f32s(max, *x);
            }
            *largest = simd.reduce_max_f32s(max);
        }
        for (row, sum) in weights.chunks_exact_mut(columns).zip(&mut *sums) {
            let largest = simd.splat_f32s(*sum);
            let mut total = simd.splat_f32s(0.0);
            for x in S::as_mut_simd_f32s(row).0 {
                *x = exp(simd, simd.mul_f32s(simd.sub_f32s(*x, largest), scale));
                total = simd.add_f32s(total, *x);
            }
            *sum = simd.reduce_sum_f32s(total);
        }
        for (row, sum) in weights.chunks_exact_mut(columns).zip(&*sums) {
            let inverse = simd.splat_f32s(1.0 / sum);
            for x in S::as_mut_simd_f32s(row).0 {
                *x = simd.mul_f32s(*x, inverse);
            }
        }
    }
}

struct SoftmaxBackward<'a> {
    weights: &'a [f32],
    change: &'a mut [f32],
    columns: usize,
    scale: f32,
}

impl WithSimd for SoftmaxBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let columns = self.columns;
        let scale = simd.splat_f32s(self.scale);
        for (weights, change) in self.weights.chunks_exact(columns).zip(self.change.chunks_exact_mut(columns)) {
            let (weights, _) = S::as_simd_f32s(weights);
            let (change, _) = S::as_mut_simd_f32s(change);
            let mut sum = simd.splat_f32s(0.0);
            for (w, c) in weights.iter().zip(&*change) {
                sum = simd.mul_add_e_f32s(*w, *c, sum);
            }
            let mean = simd.splat_f32s(simd.reduce_sum_f32s(sum));
            for (w, c) in weights.iter().zip(change) {
                *c = simd.mul_f32s(simd.mul_f32s(*w, scale), simd.sub_f32s(*c, mean));
            }
        }
    }
}
