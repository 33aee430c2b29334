//! The cost of transport: squared distances between all pairs of two batches.

/// `|a_i - b_j|^2` between `n` rows each, `[n, n]` row-major; what is not finite counts as farther than everything else.
pub fn squared_distances(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    const FAR: f64 = 1e100;
    assert_eq!((a.len(), a.len() % n.max(1)), (b.len(), 0), "two batches of n equal rows");
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
