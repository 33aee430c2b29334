//! Conjugate gradients: `M v = b` for symmetric positive semi-definite `M`, and least squares through the normal equations.
//!
//! Hestenes & Stiefel, J. Res. Nat. Bur. Standards 49 (1952) 409, with its section 10 for least squares.

use super::Operator;
use crate::Error;
use crate::vector::dot;

/// Solves `M v = b` for each row of a batch from `v = 0`, until a row's residual is `tolerance` of its start; at most
/// `iterations` applications of `M`, which acts on all rows at once.
pub(super) fn solve(
    apply: impl Fn(&[Vec<f64>]) -> Vec<Vec<f64>>,
    b: &[Vec<f64>],
    iterations: usize,
    tolerance: f64,
) -> Vec<Vec<f64>> {
    let mut v: Vec<Vec<f64>> = b.iter().map(|b| vec![0.0; b.len()]).collect();
    let (mut residual, mut direction) = (b.to_vec(), b.to_vec());
    let start: Vec<f64> = b.iter().map(|b| dot(b, b)).collect();
    let mut length = start.clone();
    for _ in 0..iterations {
        let open = |row: usize| length[row] > tolerance * tolerance * start[row];
        let active: Vec<bool> = (0..b.len()).map(open).collect();
        if !active.contains(&true) {
            break;
        }
        let image = apply(&direction);
        for row in (0..b.len()).filter(|r| active[*r]) {
            let curvature = dot(&direction[row], &image[row]);
            // No curvature left: the rest of b is outside the range of M, to rounding.
            if curvature <= 0.0 || !curvature.is_finite() {
                length[row] = 0.0;
                continue;
            }
            let a = length[row] / curvature;
            add(&mut v[row], a, &direction[row]);
            add(&mut residual[row], -a, &image[row]);
            let next = dot(&residual[row], &residual[row]);
            let turn = next / length[row];
            direction[row].iter_mut().zip(&residual[row]).for_each(|(d, r)| *d = r + turn * *d);
            length[row] = next;
        }
    }
    v
}

/// The shortest `x` with the least `|A x - y|`.
pub(super) fn least_squares<A: Operator + ?Sized>(operator: &A, y: &[f64]) -> Result<Vec<f64>, Error> {
    let mut residual = y.to_vec();
    let mut gradient = operator.adjoint(y)?;
    let (mut x, mut direction) = (vec![0.0; gradient.len()], gradient.clone());
    let start = dot(&gradient, &gradient);
    let mut length = start;
    for _ in 0..4 * operator.range().min(operator.domain()).max(8) {
        if length <= 1e-28 * start {
            break;
        }
        let image = operator.apply(&direction)?;
        let a = length / dot(&image, &image);
        add(&mut x, a, &direction);
        add(&mut residual, -a, &image);
        gradient = operator.adjoint(&residual)?;
        let next = dot(&gradient, &gradient);
        let turn = next / length;
        direction.iter_mut().zip(&gradient).for_each(|(d, g)| *d = g + turn * *d);
        length = next;
    }
    Ok(x)
}

fn add(x: &mut [f64], a: f64, y: &[f64]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += a * y);
}
