//! Quantile bins: each feature as one byte per event, column by column.

use crate::matrix::Matrix;
use rayon::prelude::*;

/// Upper edges of all but the last bin of each feature, increasing.
#[derive(Debug, Clone)]
pub(super) struct Bins {
    edges: Vec<Vec<f64>>,
}

impl Bins {
    /// About equally full bins; a feature with few different values gets one bin for each.
    pub(super) fn new(x: &Matrix, bins: usize) -> Self {
        let edges = (0..x.cols()).into_par_iter().map(|col| edges(x.column(col).collect(), bins)).collect();
        Self { edges }
    }

    pub(super) fn features(&self) -> usize {
        self.edges.len()
    }

    /// Bin numbers, one list per feature.
    pub(super) fn apply(&self, x: &Matrix) -> Vec<Vec<u8>> {
        let bin = |edges: &Vec<f64>, v: f64| edges.partition_point(|e| *e < v) as u8;
        (self.edges.par_iter().enumerate()).map(|(col, e)| x.column(col).map(|v| bin(e, v)).collect()).collect()
    }
}

fn edges(mut values: Vec<f64>, bins: usize) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = |a: f64, b: f64| a + 0.5 * (b - a);
    let different = values.chunk_by(|a, b| a == b).count();
    let mut edges: Vec<f64> = if different <= bins {
        values.windows(2).filter(|w| w[0] < w[1]).map(|w| middle(w[0], w[1])).collect()
    } else {
        (1..bins).map(|k| k * values.len() / bins).map(|k| middle(values[k - 1], values[k])).collect()
    };
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_get_a_bin_each_and_many_are_spread_evenly() {
        let few = Matrix::new(6, 1, vec![2., 0., 2., 7., 0., 2.]).unwrap();
        assert_eq!(Bins::new(&few, 8).apply(&few), [[1, 0, 1, 2, 0, 1]]);
        let many = Matrix::new(1000, 1, (0..1000).map(|k| f64::from(k * 77 % 1000)).collect()).unwrap();
        let mut hits = [0; 10];
        Bins::new(&many, 10).apply(&many)[0].iter().for_each(|b| hits[usize::from(*b)] += 1);
        assert_eq!(hits, [100; 10]);
    }
}
