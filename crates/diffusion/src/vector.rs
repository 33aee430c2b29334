//! Small vectors and lists of numbers on the host.

/// Rows become columns.
pub(crate) fn transpose(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|j| rows.iter().map(|r| r[j]).collect()).collect()
}

/// Inner product.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `sum_k c_k v_k`, of length `len`.
pub(crate) fn combine(coefficients: impl IntoIterator<Item = f64>, vectors: &[Vec<f64>], len: usize) -> Vec<f64> {
    let mut sum = vec![0.0; len];
    for (c, v) in coefficients.into_iter().zip(vectors) {
        sum.iter_mut().zip(v).for_each(|(sum, v)| *sum += c * v);
    }
    sum
}

/// `|a|`.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// `ln sum_k e^(l_k)`.
pub(crate) fn log_sum(terms: &[f64]) -> f64 {
    let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + terms.iter().map(|l| (l - top).exp()).sum::<f64>().ln()
}
