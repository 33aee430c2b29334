//! The singular value decomposition `A = sum_k s_k u_k v_k^T` by one-sided Jacobi rotations.
//!
//! Columns are rotated in pairs until all are orthogonal; their lengths are the singular values, to full relative
//! accuracy. Hestenes, J. SIAM 6 (1958) 51; Demmel & Veselić, SIAM J. Matrix Anal. Appl. 13 (1992) 1204.

use super::operator::length;
use crate::Error;
use crate::error::finite;
use crate::vector::{dot, transpose};

/// Singular triplets with `s_k > 0`, largest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Svd {
    /// Singular values, decreasing; as many as the rank.
    pub singular: Vec<f64>,
    /// `u_k`, orthonormal, each as long as a column of the matrix.
    pub left: Vec<Vec<f64>>,
    /// `v_k`, orthonormal, each as long as a row of the matrix.
    pub right: Vec<Vec<f64>>,
}

/// Singular values below this share of the largest count as zero.
const RANK: f64 = 1e-13;

impl Svd {
    /// The decomposition of a matrix given by its rows.
    ///
    /// # Errors
    /// [`Error::Length`] for rows of different lengths, [`Error::Parameter`] for a number that is not finite.
    pub fn new(rows: &[Vec<f64>]) -> Result<Svd, Error> {
        for row in rows {
            length("row of a matrix", rows[0].len(), row)?;
            row.iter().try_for_each(|a| finite("matrix element", *a).map(|_| ()))?;
        }
        Ok(Svd::of(rows))
    }

    /// The decomposition of rows known to be finite and of one length.
    pub(crate) fn of(rows: &[Vec<f64>]) -> Svd {
        let wide = rows.len() < rows.first().map_or(0, Vec::len);
        // The shorter side is rotated. Vectors of the shorter side: rows of a wide matrix, columns of a tall one.
        let mut vectors = if wide { rows.to_vec() } else { transpose(rows) };
        let n = vectors.len();
        let mut turns: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        for _ in 0..60 {
            let mut done = true;
            for p in 0..n {
                for q in p + 1..n {
                    let (a, b) = (dot(&vectors[p], &vectors[p]), dot(&vectors[q], &vectors[q]));
                    let c = dot(&vectors[p], &vectors[q]);
                    if c.abs() <= 1e-15 * (a * b).sqrt() {
                        continue;
                    }
                    done = false;
                    let zeta = (b - a) / (2.0 * c);
                    let tan = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                    let cos = 1.0 / tan.hypot(1.0);
                    rotate(&mut vectors, p, q, cos, cos * tan);
                    rotate(&mut turns, p, q, cos, cos * tan);
                }
            }
            if done {
                break;
            }
        }
        let mut order: Vec<(f64, usize)> = vectors.iter().map(|v| dot(v, v).sqrt()).zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let largest = order.first().map_or(0.0, |o| o.0);
        order.retain(|(s, _)| *s > RANK * largest);
        let long = |&(s, k): &(f64, usize)| vectors[k].iter().map(|v| v / s).collect();
        let long: Vec<Vec<f64>> = order.iter().map(long).collect();
        let short: Vec<Vec<f64>> = order.iter().map(|&(_, k)| turns[k].clone()).collect();
        let (left, right) = if wide { (short, long) } else { (long, short) };
        Svd { singular: order.into_iter().map(|o| o.0).collect(), left, right }
    }

    /// The matrix again, by its rows; empty for rank 0.
    pub fn reconstruct(&self) -> Vec<Vec<f64>> {
        let (Some(left), Some(right)) = (self.left.first(), self.right.first()) else { return Vec::new() };
        let entry = |i: usize, j: usize| {
            let terms = self.singular.iter().zip(self.left.iter().zip(&self.right));
            terms.map(|(s, (u, v))| s * u[i] * v[j]).sum()
        };
        (0..left.len()).map(|i| (0..right.len()).map(|j| entry(i, j)).collect()).collect()
    }
}

fn rotate(vectors: &mut [Vec<f64>], p: usize, q: usize, cos: f64, sin: f64) {
    let (head, tail) = vectors.split_at_mut(q);
    for (a, b) in head[p].iter_mut().zip(&mut tail[0]) {
        (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
    }
}
