//! The cost of transport: squared distances between all pairs of two batches.

use crate::error::{Error, finite};

/// `|a_i - b_j|^2` between `n` rows each, `[n, n]` row-major; what is not finite counts as farther than everything else.
///
/// # Errors
/// [`Error::Length`] if the batches are not equally long or not `n` equal rows.
pub fn squared_distances(a: &[f64], b: &[f64], n: usize) -> Result<Vec<f64>, Error> {
    if b.len() != a.len() {
        return Err(Error::Length { what: "second batch of points", expected: a.len(), got: b.len() });
    }
    if !a.len().is_multiple_of(n) {
        let expected = a.len().div_ceil(n.max(1)) * n;
        return Err(Error::Length { what: "batch of equal rows", expected, got: a.len() });
    }
    Ok(pairwise(a, b, n))
}

/// Accepts `n²` finite costs.
pub(super) fn square(cost: &[f64], n: usize) -> Result<(), Error> {
    let expected = n.saturating_mul(n);
    if cost.len() != expected {
        return Err(Error::Length { what: "costs of n by n pairs", expected, got: cost.len() });
    }
    cost.iter().try_for_each(|c| finite("cost of a pair", *c).map(|_| ()))
}

/// [`squared_distances`] of batches known to be `n` rows each: finite, whatever the rows hold.
pub(super) fn pairwise(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    const FAR: f64 = 1e100;
    let dim = a.len() / n.max(1);
    if dim == 0 {
        return vec![0.0; n * n];
    }
    let mut cost = Vec::with_capacity(n * n);
    for a in a.chunks_exact(dim) {
        for b in b.chunks_exact(dim) {
            let squared: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            cost.push(if squared < FAR { squared } else { FAR });
        }
    }
    cost
}
